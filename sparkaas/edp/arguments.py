# SPDX-License-Identifier: Apache-2.0
"""From what a user asked to what a job gets: pure functions over a job's settings.

``merge`` joins a template's interface into the settings when a job is launched;
``needs`` tells which data sources they name, ``resolve`` puts the addresses in.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
import string
import uuid
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from sparkaas import exceptions
from sparkaas import model
from sparkaas.edp import data_sources
from sparkaas.edp.data_sources import swift

BY_NAME = "edp.substitute_data_source_for_name"
BY_UUID = "edp.substitute_data_source_for_uuid"
_PREFIX = "datasource://"
_RANDSTR = re.compile(r"%RANDSTR\((\d{1,9})\)%")
_MOST_LETTERS = 1024

#: n -> n random lower-case letters.
Letters = Callable[[int], str]


@dataclasses.dataclass(frozen=True)
class Needs:
    """The data sources that a job's settings refer to."""

    names: frozenset[str]
    ids: frozenset[str]


@dataclasses.dataclass(frozen=True)
class Resolved:
    """A job's settings with every address in place.

    ``urls`` is the record's ``data_source_urls``: data source id -> native URL;
    ``input`` and ``output`` what a program is told of the job's own; empty without.
    """

    args: tuple[str, ...]
    configs: Mapping[str, str]
    params: Mapping[str, str]
    urls: Mapping[str, str]
    input: str = ""
    output: str = ""


def is_true(value: object) -> bool:
    """Whether a setting is on: ``true`` or any spelling of the word."""
    return str(value).strip().lower() == "true"


def text(value: object) -> str:
    """A setting's value as a program sees it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def letters(seed: str) -> Letters:
    """A source of letters that a job (``seed`` is its id) always gets again, so a
    step that is repeated after a crash names the same address."""
    stream = _stream(seed)
    return lambda count: "".join(next(stream) for _ in range(count))


def _stream(seed: str) -> Iterator[str]:
    counter = 0
    while True:
        for byte in hashlib.sha256(f"{seed}/{counter}".encode()).digest():
            if byte < 234:  # 9 * 26: every letter is as likely
                yield string.ascii_lowercase[byte % 26]
        counter += 1


def merge(
    interface: Sequence[model.Argument],
    given: Mapping[str, Any],
    job_configs: Mapping[str, Any],
) -> dict[str, Any]:
    """``job_configs`` with the values of a template's interface merged in.

    A value is the launch's (``given``, by the argument's name) or the argument's
    default. Positional ones come before the launch's own ``args``. Raises
    ``exceptions.InvalidRequest`` for an unknown or missing value, or one that
    ``job_configs`` sets differently.
    """
    unknown = set(given) - {argument.name for argument in interface}
    if unknown:
        raise exceptions.InvalidRequest(
            f"The job template's interface has no {', '.join(sorted(unknown))}"
        )
    result = {key: job_configs[key] for key in job_configs}
    placed: dict[int, str] = {}
    for argument in interface:
        value = given.get(argument.name, argument.default)
        if value is None:
            if argument.required:
                raise exceptions.InvalidRequest(
                    f"The interface argument {argument.name} needs a value"
                )
            continue
        check_value(argument, text(value))
        if argument.mapping_type == "args":
            placed[int(argument.location)] = text(value)
            continue
        section = dict(result.get(argument.mapping_type) or {})
        if argument.location in section and argument.name not in given:
            continue  # the launch's own setting stands before a default
        if section.get(argument.location, value) != value:
            raise exceptions.InvalidRequest(
                f"The interface argument {argument.name} and "
                f"{argument.mapping_type}.{argument.location} have different values"
            )
        section[argument.location] = value
        result[argument.mapping_type] = section
    if placed:
        own = list(result.get("args") or ())
        result["args"] = [placed[position] for position in sorted(placed)] + own
    return result


def check_value(argument: model.Argument, value: str) -> None:
    """Raise ``exceptions.InvalidRequest`` unless ``value`` is of the value type."""
    digits = value.isascii() and value.isdecimal()
    if argument.value_type == "number" and not digits:
        raise exceptions.InvalidRequest(
            f"The interface argument {argument.name} must be a number"
        )
    if argument.value_type == "data_source" and not (_is_uuid(value) or "://" in value):
        raise exceptions.InvalidRequest(
            f"The interface argument {argument.name} must be a data source's id or "
            "a URL"
        )


def needs(job: model.Job, template: model.JobTemplate) -> Needs:
    """Which data sources ``resolve`` must be given."""
    ids = {id for id in (job.input_id, job.output_id) if id is not None}
    names = set()
    configs = job.job_configs.get("configs") or {}
    for value, always in _values(job, template):
        if value.startswith(_PREFIX) and is_true(configs.get(BY_NAME)):
            names.add(value.removeprefix(_PREFIX))
        elif _is_uuid(value) and (always or is_true(configs.get(BY_UUID))):
            ids.add(value)
    return Needs(frozenset(names), frozenset(ids))


def resolve(
    job: model.Job,
    template: model.JobTemplate,
    sources: Iterable[model.DataSource],
    letters: Letters,
) -> Resolved:
    """A job's settings with data sources replaced by their addresses.

    ``sources`` are those that ``needs`` asked for, as far as they exist. A value
    that looks like an id and is none stays as it is; a name that does not exist
    is ``exceptions.Permanent``.
    """
    found = tuple(sources)
    natives: dict[str, str] = {}
    runtimes: dict[str, str] = {}
    for source in found:
        url = expand(source.url, job.id, letters)
        natives[source.id] = data_sources.native(source.type, url)
        runtimes[source.id] = data_sources.runtime(source.type, url)
    by_name = {source.name: source.id for source in found}
    settings = job.job_configs.get("configs") or {}

    def replace(value: str, always: bool) -> str:
        if value.startswith(_PREFIX) and is_true(settings.get(BY_NAME)):
            name = value.removeprefix(_PREFIX)
            if name not in by_name:
                raise exceptions.Permanent(
                    f"There is no data source named {name}",
                    code="DATA_SOURCE_NOT_FOUND",
                    hint=f"Create it, or correct the value {value}.",
                )
            return runtimes[by_name[name]]
        if value in runtimes and (always or is_true(settings.get(BY_UUID))):
            return runtimes[value]
        return value

    typed = _typed(template)
    return Resolved(
        args=tuple(
            swift.in_hadoop(replace(text(value), ("args", str(position)) in typed))
            for position, value in enumerate(job.job_configs.get("args") or ())
        ),
        configs={
            key: replace(text(value), ("configs", key) in typed)
            for key, value in settings.items()
        },
        params={
            key: replace(text(value), ("params", key) in typed)
            for key, value in (job.job_configs.get("params") or {}).items()
        },
        urls=natives,
        input=runtimes.get(job.input_id or "", ""),
        output=runtimes.get(job.output_id or "", ""),
    )


def texts(job: model.Job) -> list[str]:
    """Every text of a job's settings."""
    settings = job.job_configs
    return [
        *map(text, settings.get("args") or ()),
        *map(text, (settings.get("configs") or {}).values()),
        *map(text, (settings.get("params") or {}).values()),
    ]


def expand(url: str, job_id: str, letters: Letters) -> str:
    """``url`` with ``%JOB_EXEC_ID%`` and every ``%RANDSTR(n)%`` replaced."""
    total = sum(int(match[1]) for match in _RANDSTR.finditer(url))
    if total > _MOST_LETTERS or any(
        int(match[1]) < 1 for match in _RANDSTR.finditer(url)
    ):
        raise exceptions.Permanent(
            f"A data source's URL may ask for 1 to {_MOST_LETTERS} random letters",
            code="DATA_SOURCE_INVALID",
        )
    url = url.replace("%JOB_EXEC_ID%", job_id)
    return _RANDSTR.sub(lambda match: letters(int(match[1])), url)


def _typed(template: model.JobTemplate) -> set[tuple[str, str]]:
    """Where the interface says that a value is a data source."""
    return {
        (argument.mapping_type, argument.location)
        for argument in template.interface
        if argument.value_type == "data_source"
    }


def _values(job: model.Job, template: model.JobTemplate) -> Iterator[tuple[str, bool]]:
    typed = _typed(template)
    for position, value in enumerate(job.job_configs.get("args") or ()):
        yield text(value), ("args", str(position)) in typed
    for section in ("configs", "params"):
        for key, value in (job.job_configs.get(section) or {}).items():
            yield text(value), (section, key) in typed


def _is_uuid(value: str) -> bool:
    try:
        return str(uuid.UUID(value)) == value.lower()
    except ValueError:
        return False
