# SPDX-License-Identifier: Apache-2.0
"""What the service's programs say where only the client is installed."""

import importlib.metadata
import sys

import pytest

from sparkaas.cmd import console


@pytest.fixture
def program(tmp_path, monkeypatch):
    """``program(source)`` is the name of a module with that source."""

    def write(source):
        (tmp_path / "a_program.py").write_text(source)
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.delitem(sys.modules, "a_program", raising=False)
        return "a_program"

    yield write
    sys.modules.pop("a_program", None)


def test_a_missing_package_is_a_line(program, capsys):
    code = console.run("sparkaas-all", program("from not_there.below import x\n"))
    assert code == 1
    assert capsys.readouterr().err == (
        "sparkaas-all: The Python package not_there is not installed. The service "
        "needs more than the client: pip install 'sparkaas[server]'.\n"
    )


def test_a_missing_module_of_ours_is_a_defect(program):
    with pytest.raises(ModuleNotFoundError):
        console.run("sparkaas-all", program("import sparkaas.not_there\n"))


def test_the_exit_code_is_the_programs(program):
    assert console.run("x", program("def main():\n    return 7\n")) == 7


def test_every_script_of_the_service_begins_here():
    found = importlib.metadata.distribution("sparkaas").entry_points
    scripts = {each.name: each for each in found.select(group="console_scripts")}
    # For those of a workstation the client's packages are enough.
    assert set(scripts) == {"sparkaas", "sparkaas-image", *console.PROGRAMS}
    for name in console.PROGRAMS:
        assert scripts[name].module == console.__name__
        assert scripts[name].load().__doc__.startswith(f"``{name}``")
