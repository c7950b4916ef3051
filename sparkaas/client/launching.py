# SPDX-License-Identifier: Apache-2.0
"""From a file to a job: what it is, where it runs, and the template it needs."""

from __future__ import annotations

import dataclasses
import hashlib
import pathlib
import secrets
import zipfile
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from sparkaas.client import client as client_module
from sparkaas.client import clusters
from sparkaas.client import errors
from sparkaas.client import job_binaries
from sparkaas.client import job_templates
from sparkaas.client import jobs
from sparkaas.client import uploads

TYPES = {".py": "PySpark", ".jar": "Spark", ".sql": "SparkSQL", ".sh": "Shell"}
MAIN_CLASS = "edp.java.main_class"

#: Statuses of a cluster that no job should be sent to.
HOPELESS = frozenset({"Error", "Deleting"})


@dataclasses.dataclass(frozen=True, kw_only=True)
class Program:
    """A program to run: its file, job type and, of a jar, main class."""

    path: pathlib.Path
    type: str
    main_class: str | None = None


def program(path: str, main_class: str | None = None) -> Program:
    """What the file is, by its suffix. Raises ``errors.UsageError``."""
    file = uploads.readable_file(path)
    kind = TYPES.get(file.suffix.lower())
    if kind is None:
        raise errors.UsageError(
            f"{path!r} has no suffix that says what it is.",
            hint="A program ends in .py, .jar, .sql or .sh.",
        )
    if kind != "Spark":
        if main_class:
            raise errors.UsageError(f"--class is for a .jar; {path!r} is none.")
        return Program(path=file, type=kind)
    main_class = main_class or _manifest_class(file)
    if not main_class:
        raise errors.UsageError(
            f"{path!r} does not name its main class.",
            hint="Name it with --class, for example --class org.example.Main.",
        )
    return Program(path=file, type=kind, main_class=main_class)


def _manifest_class(jar: pathlib.Path) -> str | None:
    """The Main-Class of a jar's manifest, in which long lines are folded."""
    try:
        with zipfile.ZipFile(jar) as archive:
            manifest = archive.read("META-INF/MANIFEST.MF").decode("utf-8", "replace")
    except KeyError:
        return None
    except (zipfile.BadZipFile, OSError) as error:
        raise errors.UsageError(
            f"{str(jar)!r} is not a jar: {error}.",
            hint="Was it built, or downloaded, completely?",
        ) from error
    unfolded = manifest.replace("\r\n", "\n").replace("\n ", "")
    for line in unfolded.splitlines():
        key, _, value = line.partition(":")
        if key.strip().lower() == "main-class":
            return value.strip() or None
    return None


def pick_cluster(
    client: client_module.Client, name: str | None
) -> clusters.Cluster | None:
    """The cluster of that name or id, else the only one there is (an Active one
    goes before one that is coming up), else None: make one."""
    if name:
        return usable_cluster(client, name)
    usable = [one for one in client.clusters.list() if one.status not in HOPELESS]
    active = [one for one in usable if one.status == "Active"]
    candidates = active or usable
    if len(candidates) > 1:
        names = ", ".join(sorted(one.name for one in candidates))
        raise errors.Ambiguous(
            f"There are {len(candidates)} clusters: {names}.",
            hint="Choose one with --cluster.",
        )
    return candidates[0] if candidates else None


def usable_cluster(client: client_module.Client, name: str) -> clusters.Cluster:
    """The cluster of that name or id. Raises ``errors.UsageError`` when it will never
    run a job."""
    chosen = client.clusters.find(name)
    if chosen.status in HOPELESS:
        raise errors.UsageError(
            f"Cluster {chosen.name} cannot take jobs: it is {chosen.status}.",
            hint=f"See: why {chosen.name}",
        )
    return chosen


def new_name() -> str:
    """A name for a cluster that nobody named."""
    return f"run-{secrets.token_hex(3)}"


def ensure_template(
    client: client_module.Client,
    kind: str,
    mains: Sequence[job_binaries.JobBinary],
    libs: Sequence[job_binaries.JobBinary],
    name: str,
) -> job_templates.JobTemplate:
    """The job template of exactly these files: found again, or made.

    It is called ``name`` unless that name is another template's; then a mark of
    its content is added.
    """
    content = "\n".join(
        [kind, *(one.id for one in mains), "", *(one.id for one in libs)]
    )
    mark = hashlib.sha256(content.encode()).hexdigest()[: uploads.DIGEST_LENGTH]
    plain = uploads.safe_name(name)[: uploads.NAME_LENGTH]
    marked = f"{plain[: uploads.NAME_LENGTH - len(mark) - 1]}-{mark}"

    def same(template: job_templates.JobTemplate) -> bool:
        return (
            template.type == kind
            and [one.id for one in template.mains] == [one.id for one in mains]
            and {one.id for one in template.libs} == {one.id for one in libs}
        )

    for wanted in (plain, marked):
        found = [
            one for one in client.job_templates.list(name=wanted) if one.name == wanted
        ]
        for template in found:
            if same(template):
                return template
        if found:
            continue
        try:
            return client.job_templates.create(
                name=wanted,
                type=kind,
                mains=[one.id for one in mains],
                libs=[one.id for one in libs],
            )
        except errors.BadRequest as error:
            # Somebody made one between the look and the making.
            if error.code not in job_binaries.TAKEN:
                raise
    again = client.job_templates.find(marked)
    if same(again):
        return again
    raise errors.ClientError(
        f"The names {plain} and {marked} are taken by other job templates.",
        hint="Choose another one with --name.",
    )


def launch(
    client: client_module.Client,
    what: Program,
    cluster_id: str,
    *,
    files: Sequence[pathlib.Path] = (),
    args: Sequence[str] = (),
    settings: Mapping[str, str] | None = None,
    name: str | None = None,
    on_file: Callable[[pathlib.Path], Callable[[int, int], None] | None] | None = None,
) -> jobs.Job:
    """Upload what is not there yet and start the job.

    ``on_file`` is called before each file and may return what is told of the bytes
    sent. The job starts once, also when the connection breaks meanwhile.
    """

    def upload(path: pathlib.Path) -> job_binaries.JobBinary:
        return client.upload(path, on_progress=on_file(path) if on_file else None)

    main = upload(what.path)
    uploaded = {lib.id: lib for lib in map(upload, files)}
    libs = [lib for id, lib in uploaded.items() if id != main.id]
    template = ensure_template(client, what.type, [main], libs, name or what.path.stem)
    configs: dict[str, Any] = dict(settings or {})
    if what.main_class:
        configs[MAIN_CLASS] = what.main_class
    job = client.jobs.create(
        job_template_id=template.id,
        cluster_id=cluster_id,
        job_configs={"configs": configs, "args": list(args)},
        idempotency_key=secrets.token_hex(16),
    )
    return dataclasses.replace(job, name=template.name)
