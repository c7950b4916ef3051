# SPDX-License-Identifier: Apache-2.0
"""Default templates: from files into a project, by ``sparkaas-manage templates``."""

import argparse
import json

import pytest

from sparkaas import exceptions
from sparkaas.cmd import templates
from sparkaas.service import default_templates
from sparkaas.service import node_group_templates
from sparkaas.testing import service

PROJECT = "a" * 32
WORKER = {
    "name": "worker",
    "plugin_name": "fake",
    "hadoop_version": "0.1",
    "flavor_id": "{flavor_id}",
    "node_processes": ["datanode"],
}
CLUSTER = {
    "name": "both",
    "plugin_name": "fake",
    "plugin_version": "0.1",
    "node_groups": [
        {"name": "work", "count": 2, "node_group_template_id": "{worker}"},
        {
            "name": "head",
            "count": 1,
            "flavor_id": "{flavor_id}",
            "node_processes": ["namenode"],
        },
    ],
}


@pytest.fixture
def world():
    with service.World() as made:
        yield made


@pytest.fixture
def run(world, tmp_path):
    """Runs ``sparkaas-manage templates ...`` on a directory with ``files``."""

    def program(*words, files=(WORKER, CLUSTER)):
        for number, file in enumerate(files):
            (tmp_path / f"{number}.json").write_text(json.dumps(file))
        parser = argparse.ArgumentParser()
        templates.register(parser.add_subparsers())
        if words[0] == "load":
            words = (*words, "--directory", str(tmp_path))
        arguments = parser.parse_args(["templates", *words, "--project", PROJECT])
        arguments.act_on_world(world.env, arguments)

    return program


def stored(world):
    context = templates._context(argparse.Namespace(project=PROJECT))
    return {each.name: each for each in default_templates.all_of(world.env, context)}


def test_they_are_loaded_as_defaults_and_protected(run, world):
    run("load", "--value", "flavor_id=2")
    found = stored(world)
    assert set(found) == {"worker", "both"}
    assert all(each.is_default and each.is_protected for each in found.values())
    assert found["worker"].flavor_id == "2"
    work, head = found["both"].node_groups
    assert work.node_group_template_id == found["worker"].id
    assert head.flavor_id == "2"


def test_loading_again_changes_nothing(run, world, capsys):
    run("load", "--value", "flavor_id=2")
    before = stored(world)
    run("load", "--value", "flavor_id=3")
    assert stored(world) == before
    assert capsys.readouterr().out.count("kept") == 2


def test_an_update_makes_them_as_the_files_say(run, world):
    run("load", "--value", "flavor_id=2")
    before = stored(world)
    run("load", "--value", "flavor_id=3", "--update")
    after = stored(world)
    assert after["worker"].id == before["worker"].id
    assert after["worker"].flavor_id == "3"
    assert after["worker"].is_protected


def test_another_plugins_are_left_out(run, world):
    with pytest.raises(exceptions.InvalidRequest, match="No file"):
        run("load", "--value", "flavor_id=2", "--plugin", "spark")
    with pytest.raises(exceptions.InvalidRequest, match="No file"):
        run("load", "--value", "flavor_id=2", "--version", "0.2")
    assert stored(world) == {}


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ((WORKER, CLUSTER), "1.json|0.json: Nothing stands for {flavor_id}"),
        (
            ({**WORKER, "flavor_id": "2"}, {**CLUSTER, "node_groups": [], "nodes": 1}),
            "1.json: .*nodes",
        ),
        ((WORKER | {"flavor_id": "99"},), "0.json: There is no flavor 99"),
        (([],), "0.json: must be a JSON object"),
        (
            ({**WORKER, "flavor_id": "2", "node_processes": ["nope"]},),
            "0.json: .*nope",
        ),
    ],
)
def test_a_bad_file_is_named_and_nothing_is_stored(run, world, files, words):
    with pytest.raises(exceptions.InvalidRequest, match=words):
        run("load", files=files)
    assert stored(world) == {}


def test_what_a_failed_run_created_goes_again(run, world):
    bad = {**CLUSTER, "anti_affinity": ["nope"]}
    with pytest.raises(exceptions.InvalidRequest, match="1.json: .*nope"):
        run("load", "--value", "flavor_id=2", files=(WORKER, bad))
    assert stored(world) == {}


def test_a_users_own_template_of_that_name_stays(run, world):
    context = templates._context(argparse.Namespace(project=PROJECT))
    body = {**WORKER, "flavor_id": "1", "plugin_version": "0.1"}
    own = node_group_templates.create(world.env, context, body)
    with pytest.raises(exceptions.NameAlreadyExists, match="not a default one"):
        run("load", "--value", "flavor_id=2")
    assert node_group_templates.get(world.env, context, own.id) == own


def test_one_is_deleted_by_name_unless_it_is_used(run, world):
    run("load", "--value", "flavor_id=2")
    with pytest.raises(exceptions.InvalidReference, match="used"):
        run("delete", "worker")
    assert stored(world)["worker"].is_protected
    run("delete", "both", "worker")
    assert stored(world) == {}
    with pytest.raises(exceptions.NotFound):
        run("delete", "worker")


def test_they_are_listed(run, capsys):
    run("load", "--value", "flavor_id=2")
    capsys.readouterr()
    run("list")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines] == ["worker", "both"]
