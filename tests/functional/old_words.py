# SPDX-License-Identifier: Apache-2.0
"""The tests' own reading of v1.1, so that what is told of v2 is tried there as well.

Much simpler than the service's, and none of it shared: a word is a word wherever it
stands, which holds as long as no test puts one where users write.
"""

import types

_BODY = {"plugin_version": "hadoop_version"}
_ANSWER = {"hadoop_version": "plugin_version", "tenant_id": "project_id"}
_PATHS = {"job-templates": "jobs", "jobs": "job-executions"}
_WRAPPERS = {
    "job": "job_template",
    "jobs": "job_templates",
    "job_execution": "job",
    "job_executions": "jobs",
}
_PUT = {"node-group-templates", "cluster-templates", "data-sources", "job-binaries"}


def request(method, path, body):
    """(method, path below /v1.1, body) of a request of v2."""
    place, mark, query = path.partition("?")
    noun, *rest = place.strip("/").split("/")
    body = _renamed(body, _BODY)
    if (method, noun, rest) == ("POST", "jobs", []):
        template = body.pop("job_template_id")
        return method, f"/jobs/{template}/execute", body
    if method == "PATCH" and noun in _PUT:
        method = "PUT"
    place = "/".join(["", _PATHS.get(noun, noun), *rest])
    return method, f"{place}{mark}{query}", body


def answer(response):
    """The response in v2's words: its status_code, text and json."""
    for header in ("Vary", "OpenStack-API-Version"):
        assert header not in response.headers
    return types.SimpleNamespace(
        status_code=response.status_code,
        text=response.text,
        json=_answered(response.json),
    )


def _answered(shown):
    if not isinstance(shown, dict):
        return shown
    made = {}
    for key, value in shown.items():
        if key.startswith("job_execution"):
            each = value if isinstance(value, list) else [value]
            for one in each:
                assert one["oozie_job_id"] == one["engine_job_id"]
                del one["oozie_job_id"]
                one["job_template_id"] = one.pop("job_id")
        made[_WRAPPERS.get(key, key)] = _renamed(value, _ANSWER)
    return made


def _renamed(value, names):
    if isinstance(value, list):
        return [_renamed(one, names) for one in value]
    if not isinstance(value, dict):
        return value
    assert not set(names.values()) & set(value), value
    return {
        names.get(key, key): one if key == "interface" else _renamed(one, names)
        for key, one in value.items()
    }
