# SPDX-License-Identifier: Apache-2.0
"""Bodies and queries against their schemas.

Messages name the place and the rule, never the value: a value may be a secret,
and messages are logged.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import jsonschema
from jsonschema import validators

from sparkaas import exceptions

Schema = Mapping[str, Any]

#: How deep a body may be nested; what the API takes needs 5.
_DEPTH = 20
#: Most failures that one answer lists.
_FAILURES = 20


def _pattern(
    validator: Any, pattern: str, instance: Any, schema: Schema
) -> Iterator[jsonschema.ValidationError]:
    # JSON Schema's "$" is the very end, Python's also matches before a last newline.
    if isinstance(instance, str) and not re.search(
        re.sub(r"\$$", r"\\Z", pattern), instance
    ):
        yield jsonschema.ValidationError("does not match the pattern")


def _unique_items(
    validator: Any, wanted: bool, instance: Any, schema: Schema
) -> Iterator[jsonschema.ValidationError]:
    # jsonschema compares each item with each other one if they cannot be sorted: one
    # object at the end of a long list of strings would keep a thread for minutes.
    if wanted and isinstance(instance, list):
        seen = {json.dumps(item, sort_keys=True) for item in instance}
        if len(seen) != len(instance):
            yield jsonschema.ValidationError("has an item twice")


def _is_integer(checker: Any, instance: Any) -> bool:
    # JSON Schema takes 1.0 for an integer; the database would not.
    return isinstance(instance, int) and not isinstance(instance, bool)


_Validator = validators.extend(  # type: ignore[no-untyped-call]
    jsonschema.Draft202012Validator,
    {"pattern": _pattern, "uniqueItems": _unique_items},
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", _is_integer
    ),
)


def compile(schema: Schema) -> Any:
    """A validator for ``schema``. That it is a schema is not checked here, because
    that takes much longer than all else at start: a test does."""
    return _Validator(schema)


def _no_duplicates(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key occurs twice in an object")
    return made


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number is too large")
    return value


def _storable(value: Any) -> None:
    """Raise ``ValueError`` for what no later part could keep: text that is not
    Unicode or holds NUL, and nesting that recursion would not survive."""
    level = [value]
    for _ in range(_DEPTH):
        for item in level:
            if isinstance(item, str):
                item.encode()
                if "\0" in item:
                    raise ValueError("a string has a NUL character")
        level = [
            inner
            for item in level
            if isinstance(item, dict | list)
            for inner in ([*item, *item.values()] if isinstance(item, dict) else item)
        ]
        if not level:
            return
    raise ValueError("it is nested too deeply")


def parse(raw: bytes) -> Any:
    """The JSON in ``raw``; nothing is ``{}``. Raises ``exceptions.MalformedBody``."""
    if not raw.strip():
        return {}
    try:
        value = json.loads(
            raw.decode(),
            object_pairs_hook=_no_duplicates,
            parse_constant=_no_constant,
            parse_float=_finite,
        )
        _storable(value)
    except RecursionError:
        raise exceptions.MalformedBody(
            "The request body is not JSON: it is nested too deeply."
        ) from None
    except json.JSONDecodeError as error:
        raise exceptions.MalformedBody(
            f"The request body is not JSON: {error.msg} at line {error.lineno}, "
            f"column {error.colno}."
        ) from None
    except UnicodeError:
        raise exceptions.MalformedBody(
            "The request body is not JSON: it has text that is not Unicode."
        ) from None
    except ValueError as error:
        raise exceptions.MalformedBody(
            f"The request body is not JSON that the service takes: {error}."
        ) from None
    return value


def _place(path: Sequence[str | int]) -> str:
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part[:64]}" if text else part[:64]
    return text


def _rule(error: jsonschema.ValidationError) -> str:
    """What is wrong, in words that do not repeat the value."""
    keyword, schema = error.validator, error.schema
    wanted: Any = error.validator_value
    instance: Any = error.instance
    if keyword == "required":
        missing = [key for key in wanted if key not in instance]
        return f"{', '.join(missing)} is required"
    if keyword == "additionalProperties":
        known = schema.get("properties", {}) if isinstance(schema, Mapping) else {}
        extra = [str(key)[:64] for key in instance if key not in known]
        return f"unexpected {', '.join(extra[:10])}"
    if keyword == "type":
        kinds = [wanted] if isinstance(wanted, str) else wanted
        return f"must be {' or '.join(kinds)}"
    if keyword in {"enum", "const"}:
        allowed = wanted if keyword == "enum" else [wanted]
        return f"must be one of {', '.join(map(str, allowed))}"
    if keyword in {"oneOf", "anyOf", "pattern"} and isinstance(schema, Mapping):
        return f"must be {schema.get('description', f'of the form {wanted}')}"
    limits = {
        "minimum": "must be at least {}",
        "exclusiveMinimum": "must be more than {}",
        "maximum": "must be at most {}",
        "minLength": "must have at least {} characters",
        "maxLength": "must have at most {} characters",
        "minItems": "must have at least {} items",
        "maxItems": "must have at most {} items",
        "minProperties": "must have at least {} of its fields",
        "maxProperties": "must have at most {} fields",
    }
    if keyword in limits:
        return limits[str(keyword)].format(wanted)
    if keyword == "uniqueItems":
        return "has an item twice"
    if keyword == "propertyNames" or error.validator is None:
        return "has a key that is not allowed"
    return f"does not satisfy {keyword}"


def failures(validator: Any, value: Any) -> list[str]:
    """What is wrong with ``value``, each with its place; empty when nothing is."""
    found = set()
    for error in validator.iter_errors(value):
        place = _place(list(error.absolute_path))
        found.add(f"{place}: {_rule(error)}" if place else _rule(error))
        if len(found) == _FAILURES:
            break
    return sorted(found)


def check(validator: Any, body: Any) -> None:
    """Raise ``exceptions.ValidationError`` unless ``body`` fits."""
    found = failures(validator, body)
    if found:
        raise exceptions.ValidationError("\n".join(found))


def check_query(known: Mapping[str, Any], given: Mapping[str, Sequence[str]]) -> None:
    """``known`` has a validator for each query key that the request may have.

    Raises ``exceptions.InvalidQuery`` for another key and
    ``exceptions.InvalidRequest`` for a value that does not fit.
    """
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise exceptions.InvalidQuery(
            f"Unknown query parameters: {', '.join(k[:64] for k in unknown)}."
        )
    for key, values in given.items():
        for value in values:
            if "\0" in value:
                raise exceptions.InvalidRequest(f"{key}: has a NUL character")
            found = failures(known[key], value)
            if found:
                raise exceptions.InvalidRequest(f"{key}: {'; '.join(found)}")
