# SPDX-License-Identifier: Apache-2.0
"""Every ``openstack dataprocessing`` command about jobs."""

from tests.conformance.rows import Broken
from tests.conformance.rows import Command
from tests.conformance.rows import Has

_V1 = ("1.1",)
_V2 = ("2",)

_NO_FILE = Broken(
    "It reads the file of another option, which was not given.",
    "expected str, bytes or os.PathLike object, not NoneType",
)

_BINARIES = (
    Command(
        "job binary create",
        "--name {name} --url swift://box/app.jar --username me --password hidden "
        "--description Mine --public --protected",
        expect={
            "Name": "{name}",
            "Url": "swift://box/app.jar",
            "Description": "Mine",
            "Is public": True,
            "Is protected": True,
        },
    ),
    Command(
        "job binary create",
        "--name {name} --data app.py",
        more="with its bytes",
        versions=_V1,
        files={"app.py": "print(1)"},
        expect={"Name": "{name}", "Url": Has("internal-db://")},
    ),
    Command(
        "job binary create",
        "--json binary.json",
        more="from JSON",
        files={
            "binary.json": {
                "name": "{name}",
                "url": "swift://box/app.jar",
                "extra": {"user": "me", "password": "hidden"},
            }
        },
        expect={"Name": "{name}"},
    ),
    Command(
        "job binary list",
        "--long --name {binary[name]}",
        expect={"*.Id": ["{binary[id]}"], "0.Url": "internal-db://{internal[id]}"},
    ),
    Command("job binary show", "{binary[name]}", expect={"Id": "{binary[id]}"}),
    Command(
        "job binary update",
        "{remote_binary[name]} --name {name} --url swift://box/b.jar "
        "--description Other --username me --password hidden --public --unprotected",
        expect={"Name": "{name}", "Url": "swift://box/b.jar", "Is public": True},
    ),
    Command(
        "job binary download",
        "{binary[name]} --file out",
        says="has been downloaded",
        writes={"out": "the bytes"},
    ),
    Command(
        "job binary delete",
        "{remote_binary[name]}",
        says="has been removed successfully",
        then=("/job-binaries/{remote_binary[id]}", None),
    ),
    Command(
        "job binary delete",
        "{binary[name]}",
        more="with its bytes",
        versions=_V1,
        says="has been removed successfully",
        then=("/job-binaries/{binary[id]}", None),
    ),
    Command(
        "job binary delete",
        "{binary[name]}",
        more="with its bytes",
        versions=_V2,
        fails=Broken(
            "It wants to delete the bytes through a manager that the client of "
            "version 2 has not.",
            "'ClientV2' object has no attribute 'job_binary_internals'",
        ),
    ),
)

_TEMPLATES = (
    Command(
        "job template create",
        "--name {name} --type Spark --mains {binary[name]} "
        "--libs {remote_binary[name]} --description Mine --public --protected",
        expect={
            "Name": "{name}",
            "Type": "Spark",
            "Mains": "{binary[name]}:{binary[id]}",
            "Libs": "{remote_binary[name]}:{remote_binary[id]}",
            "Is public": True,
            "Is protected": True,
        },
    ),
    Command(
        "job template create",
        "--json template.json",
        more="from JSON",
        files={
            "template.json": {
                "name": "{name}",
                "type": "Spark",
                "mains": ["{binary[id]}"],
            }
        },
        expect={"Name": "{name}"},
    ),
    Command(
        "job template create",
        "--name {name} --type Spark --mains {binary[name]} --interface interface.json",
        more="with an interface",
        files={"interface.json": []},
        fails=_NO_FILE,
    ),
    Command(
        "job template list",
        "--long --type Spark --name {job_template[name]}",
        expect={"*.Id": ["{job_template[id]}"], "0.Type": "Spark"},
    ),
    Command(
        "job template show",
        "{job_template[name]}",
        expect={"Id": "{job_template[id]}", "Mains": "{binary[name]}:{binary[id]}"},
    ),
    Command(
        "job template update",
        "{job_template[name]} --name {name} --description Other --public --protected",
        expect={"Name": "{name}", "Description": "Other", "Is public": True},
    ),
    Command(
        "job template delete",
        "{job_template[name]}",
        says="has been removed successfully",
        then=("/job-templates/{job_template[id]}", None),
    ),
)

_TYPES = (
    Command(
        "job type list",
        "--type Spark --plugin fake --plugin-version 0.1",
        expect={"*.Name": ["Spark"], "0.Plugins": "fake(0.1)"},
    ),
    Command(
        "job type configs get",
        "Spark --file out.json",
        says="configs were saved",
        writes={"out.json": {"job_config": ...}},
    ),
)

_LAUNCH = "--job-template {job_template[name]} --cluster {standing[name]} "
_MAIN = "edp.java.main_class"

_JOBS = (
    Command(
        "job execute",
        _LAUNCH + f"--configs {_MAIN}:org.example.Pi --args 10 --params a:b --public",
        says="has been started successfully",
        expect={
            "Job template id": "{job_template[id]}",
            "Cluster id": "{standing[id]}",
            "Status": "PENDING",
            "Start time": ...,
            "End time": ...,
            "Engine job id": ...,
            "Is public": True,
        },
    ),
    Command(
        "job execute",
        _LAUNCH
        + "--input {data_source[name]} --output {output[name]} "
        + f"--configs {_MAIN}:org.example.Pi",
        more="with data",
        says="has been started successfully",
        expect={"Input id": "{data_source[id]}", "Output id": "{output[id]}"},
    ),
    Command(
        "job execute",
        "--json job.json",
        more="from JSON",
        files={"job.json": {"cluster_id": "{standing[id]}"}},
        fails=Broken(
            "It hands the job over as one argument to a function that takes many.",
            "create_job_json() takes 2 positional arguments but 3 were given",
        ),
    ),
    Command(
        "job execute",
        _LAUNCH + "--interface interface.json",
        more="with an interface",
        files={"interface.json": {"n": "3"}},
        fails=_NO_FILE,
    ),
    Command(
        "job execute",
        _LAUNCH + "--config-json configs.json",
        more="with configurations from JSON",
        files={"configs.json": {_MAIN: "org.example.Pi"}},
        fails=_NO_FILE,
    ),
    Command(
        "job list",
        "--long --status succeeded",
        expect={"*.Id": Has("{job[id]}"), "0.Status": "SUCCEEDED", "0.End time": ...},
    ),
    Command(
        "job show",
        "{job[id]}",
        expect={
            "Id": "{job[id]}",
            "Job template id": "{job_template[id]}",
            "Status": "SUCCEEDED",
            "Engine job id": "{job[engine_job_id]}",
        },
    ),
    Command(
        "job update",
        "{job[id]} --public --protected",
        expect={"Is public": True, "Is protected": True},
    ),
    Command(
        "job delete",
        "{job[id]} --wait",
        says="has been removed successfully",
        then=("/jobs/{job[id]}", None),
    ),
)

COMMANDS = (*_BINARIES, *_TEMPLATES, *_TYPES, *_JOBS)
