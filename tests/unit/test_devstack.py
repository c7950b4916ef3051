# SPDX-License-Identifier: Apache-2.0
"""DevStack's plugin runs the install page's commands, phase by phase. DevStack's own
functions and all programs are stand-ins that write down how they were called."""

import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[2]


def page(*sections):
    """The page's commands."""
    program = [sys.executable, "tools/install_commands.py", *sections]
    return subprocess.run(
        program, cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout


#: What DevStack has set by then.
_DEVSTACK = """
STACK_USER=stack
DEST={directory}/dest
DATA_DIR={directory}/data
SERVICE_HOST=10.0.0.1
SERVICE_PROJECT_NAME=service
SERVICE_DOMAIN_NAME=Default
SERVICE_PASSWORD=pw-keystone
DATABASE_PASSWORD="pw data'base"
DATABASE_USER=root
DATABASE_HOST=10.0.0.2
RABBIT_PASSWORD=pw-rabbit
RABBIT_HOST=10.0.0.3
KEYSTONE_SERVICE_URI=http://10.0.0.1/identity
REGION_NAME=RegionOne
SPARKAAS_DIR={root}
SPARKAAS_CONF={directory}/conf
SPARKAAS_VENV={directory}/venv
SPARKAAS_IMAGE=guest
define_plugin() {{ :; }}
plugin_requires() {{ :; }}
enable_service() {{ :; }}
is_service_enabled() {{ :; }}
echo_summary() {{ :; }}
run_process() {{ note run_process "$@"; }}
stop_process() {{ note stop_process "$@"; }}
note() {{ printf '%s\\n' "$*" >> {directory}/calls; }}
"""
#: A program that notes its call; some must give something.
_PROGRAM = """#!/bin/bash
printf '%s\\n' "$(basename "$0") $*" >> {directory}/calls
case "$*" in
    "secrets key") echo the-key ;;
    "project show"*) echo project-1 ;;
    "flavor show"*) echo flavor-1 ;;
esac
"""
#: Runs the rest, as root would.
_SUDO = """#!/bin/bash
[ "$1" = --preserve-env ] && shift
exec "$@"
"""
_STUBS = (
    "chown",
    "curl",
    "id",
    "install",
    "mysql",
    "openstack",
    "rabbitmqctl",
    "rm",
    "runuser",
    "systemctl",
    "useradd",
)


@pytest.fixture
def phase(tmp_path):
    """Runs one of DevStack's phases; returns the calls."""
    bin_ = tmp_path / "bin"
    for directory in ("bin", "venv/bin", "conf", "data/sparkaas-units"):
        (tmp_path / directory).mkdir(parents=True, exist_ok=True)
    programs = {name: bin_ / name for name in _STUBS}
    for name in ("pip", "sparkaas-manage", "sparkaas-status", "openstack"):
        programs[f"venv {name}"] = tmp_path / "venv" / "bin" / name
    for path in programs.values():
        path.write_text(_PROGRAM.format(directory=tmp_path))
        path.chmod(0o755)
    # Only the making of a virtual environment is left out.
    (bin_ / "python3").write_text(
        f'#!/bin/bash\n[ "$1" = -m ] || exec {sys.executable} "$@"\n'
    )
    (bin_ / "sudo").write_text(_SUDO)
    for name in ("python3", "sudo"):
        (bin_ / name).chmod(0o755)
    prelude = tmp_path / "devstack"
    prelude.write_text(_DEVSTACK.format(directory=tmp_path, root=ROOT))

    def run(*words):
        calls = tmp_path / "calls"
        calls.write_text("")
        script = (
            f"set -e; . {prelude}; . {ROOT}/devstack/settings; "
            f". {ROOT}/devstack/plugin.sh {' '.join(words)}"
        )
        done = subprocess.run(
            ["/bin/bash", "-c", script],
            env={"PATH": f"{bin_}:/usr/bin:/bin", "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return calls.read_text().splitlines()

    run.directory = tmp_path
    return run


def test_the_program_is_installed(phase):
    calls = phase("stack", "install")
    assert "pip install .[server,mysql] pyuwsgi" in calls


def test_accounts_and_configuration(phase):
    calls = phase("stack", "post-config")
    assert "rabbitmqctl add_user sparkaas pw-rabbit" in calls
    assert any("CREATE DATABASE sparkaas " in call for call in calls)
    assert any(
        call.startswith("openstack user create") and "pw-keystone" in call
        for call in calls
    )
    assert sum(call.startswith("openstack endpoint create") for call in calls) == 3
    assert any(call.endswith("db sync") for call in calls)
    conf = (phase.directory / "conf" / "sparkaas.conf").read_text()
    assert "auth_url = http://10.0.0.1/identity/v3" in conf
    assert "transport_url = rabbit://sparkaas:pw-rabbit@10.0.0.3:5672/sparkaas" in conf
    assert "keys = the-key" in conf
    ini = (phase.directory / "conf" / "uwsgi-sparkaas-api.ini").read_text()
    assert f"virtualenv = {phase.directory}/venv" in ini
    assert "http-socket = 0.0.0.0:8386" in ini


def test_what_was_there_before_goes_first(phase):
    calls = phase("stack", "post-config")
    dropped = next(i for i, call in enumerate(calls) if "DROP DATABASE" in call)
    made = next(i for i, call in enumerate(calls) if "CREATE DATABASE" in call)
    assert dropped < made


def test_it_is_started_and_tried(phase):
    calls = phase("stack", "extra")
    assert [call.split()[1] for call in calls if call.startswith("run_process")] == [
        "sparkaas-api",
        "sparkaas-conductor",
    ]
    assert any(call.startswith("curl") and "/healthcheck" in call for call in calls)
    assert "openstack spark image register guest --username debian" in calls
    assert any("--project project-1 --value flavor_id=flavor-1" in c for c in calls)


def test_stopping_and_cleaning(phase):
    assert phase("unstack") == [
        "stop_process sparkaas-conductor",
        "stop_process sparkaas-api",
    ]
    assert any(call.startswith("rm -rf ") for call in phase("clean"))


def test_every_variable_of_the_page_is_set_for_it():
    wanted = set(re.findall(r"(?m)^([A-Z_]+)=", page("Names and addresses")))
    assert wanted
    plugin = (ROOT / "devstack" / "plugin.sh").read_text()
    left_out = {"SPARKAAS_NETWORK", "SPARKAAS_POOL"}  # those of "Does it work?"
    assert {name for name in wanted if name not in plugin} == left_out
    used = set(re.findall(r"\$\{?([A-Z_]+)", page()))
    made = set(re.findall(r"(?m)^\s*([A-Z_]+)=", page()))
    assert used <= made


@pytest.mark.parametrize("file", ["devstack/plugin.sh", "devstack/settings"])
def test_the_syntax(file):
    subprocess.run(["/bin/bash", "-n", ROOT / file], check=True)


def test_the_syntax_of_the_page():
    subprocess.run(["/bin/bash", "-n"], input=page(), check=True, text=True)
