# SPDX-License-Identifier: Apache-2.0
"""Clusters and jobs alike, as what leases are for."""

from sparkaas.db import clusters
from sparkaas.db import job_templates
from sparkaas.db import jobs
from sparkaas.db import leases
from tests.functional.db import records
from tests.functional.db.records import NOW


class Kind:
    """Clusters or jobs."""

    def __init__(self, db, name):
        self.db = db
        self.name = name
        self.noun = {"cluster": clusters, "job": jobs}[name]
        if name == "job":
            self._template = job_templates.create(db, records.job_template())

    def create(self, **fields):
        if self.name == "cluster":
            return clusters.create(self.db, records.cluster(**fields))
        fields.setdefault("job_template_id", self._template.id)
        return jobs.create(self.db, records.job(**fields))

    def get(self, id):
        return self.noun.get(self.db, id)

    def claim(self, owner="w1", now=NOW, seconds=60, id=None):
        return leases.claim(
            self.db, self.name, owner=owner, now=now, seconds=seconds, id=id
        )

    def record(self, lease, now=NOW, next_run_at=None, **changes):
        return leases.record(
            self.db,
            self.name,
            lease,
            now=now,
            changes=changes,
            next_run_at=next_run_at,
        )

    def set_intent(self, id, now=NOW, **fields):
        return self.noun.set_intent(self.db, id, now, **fields)
