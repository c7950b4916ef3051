# SPDX-License-Identifier: Apache-2.0
"""What a job looks like between its driver's end and its own."""

import datetime

from sparkaas import model
from sparkaas import states
from sparkaas.api.views import jobs

ENDED = datetime.datetime(2030, 1, 1, 12, 0, 7, tzinfo=datetime.UTC)


def test_end_time_and_terminal_status_come_together():
    fields = {"id": "j", "project_id": "p", "name": "n", "job_template_id": "t"}
    collecting = model.Job(**fields, step="collect", end_time=ENDED)
    shown = jobs.show(collecting)
    assert (shown["info"]["status"], shown["end_time"]) == ("RUNNING", None)
    done = model.Job(**fields, outcome=states.JobStatus.SUCCEEDED, end_time=ENDED)
    shown = jobs.show(done)
    assert shown["info"]["status"] == "SUCCEEDED"
    assert shown["end_time"] == "2030-01-01T12:00:07"
