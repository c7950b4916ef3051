# SPDX-License-Identifier: Apache-2.0
"""What ``sparkaas-status upgrade check`` finds wrong."""

import pytest

from sparkaas.cmd import checks
from sparkaas.cmd import setup
from sparkaas.cmd import wiring
from sparkaas.db import migration
from sparkaas.db import session
from sparkaas.safes import encrypted


@pytest.fixture
def configured(tmp_path):
    """Options from a file with these lines; the state in tmp_path."""

    def load(*lines):
        file = tmp_path / "sparkaas.conf"
        state = f"[service]\nstate_path = {tmp_path}/state\n"
        file.write_text(state + "\n".join(lines) + "\n")
        return setup.load(setup.options({}), ["--config-file", str(file)], "x", "")

    return load


def texts(found):
    return [(finding.fatal, finding.text) for finding in found]


def test_old_and_unknown_options_are_told(configured, tmp_path):
    conf = configured(
        "encryption_key_file = /x",
        "[api]",
        "prot = 1",
        "port = 2",
        "[openstack]",
        "auth_url = x",
        "[elsewhere]",
        "a = b",
    )
    file = tmp_path / "sparkaas.conf"
    assert texts(checks.configuration(conf)) == [
        (False, f"{file}: [service] encryption_key_file is now [secrets] key_file."),
        (False, f"{file}: there is no [api] prot."),
    ]


def kept(conf):
    database = session.connect(conf)
    migration.upgrade(database)
    return database, wiring.build_secrets(conf, database)


def test_secrets_that_do_not_open_are_counted(configured):
    old, new = encrypted.new_key(), encrypted.new_key()
    database, first = kept(configured("[secrets]", f"keys = {old}"))
    first.put("p", {"a": "1"})
    first.put("p", {"a": "2"})
    database.dispose()

    assert checks.secrets(configured("[secrets]", f"keys = {new},{old}")) == []
    ((fatal, text),) = texts(checks.secrets(configured("[secrets]", f"keys = {new}")))
    assert fatal
    assert text.startswith("2 of the stored secrets: A secret does not open")
    assert "[secrets] keys" in text


def test_keys_of_the_configuration_leave_no_file(configured, tmp_path):
    database, _ = kept(configured("[secrets]", f"keys = {encrypted.new_key()}"))
    database.dispose()
    assert not (tmp_path / "state" / "secret.key").exists()


def test_a_key_that_others_can_read_is_told(configured, tmp_path):
    conf = configured()
    database, _ = kept(conf)
    database.dispose()
    assert checks.secrets(conf) == []

    (tmp_path / "state" / "secret.key").chmod(0o644)

    ((fatal, text),) = texts(checks.secrets(conf))
    assert not fatal
    assert "chmod 600" in text


def test_rules_that_mean_nothing_are_told(configured, tmp_path):
    file = tmp_path / "policy.yaml"
    conf = configured("[oslo_policy]", f"policy_file = {file}")
    file.write_text(
        '"data-processing:clusters:get-every": "role:x"\n"ours": "role:y"\n'
        '"data-processing:cluster:list": "rule:ours"\n'
    )
    ((fatal, text),) = texts(checks.policy_rules(conf))
    assert not fatal
    assert text.endswith(": data-processing:clusters:get-every.")

    file.write_text("[not, a, mapping")
    ((fatal, text),) = texts(checks.policy_rules(conf))
    assert fatal
    assert "cannot be read" in text


def test_a_shared_database_without_a_broker_is_told(configured):
    database = "[database]\nconnection = mysql+pymysql://u:p@h/x\n"
    ((fatal, text),) = texts(checks.messages(configured(database)))
    assert not fatal
    assert "transport_url" in text
    broker = "[DEFAULT]\ntransport_url = rabbit://u:p@h/"
    assert checks.messages(configured(database, broker)) == []
    assert checks.messages(configured()) == []


@pytest.mark.parametrize("group", ["keystone_authtoken", "openstack"])
def test_credentials_that_keystone_does_not_take(configured, group):
    conf = configured(
        "infrastructure = openstack",
        "[api]",
        "auth = keystone",
        f"[{group}]",
        "auth_type = password",
        "auth_url = http://127.0.0.1:1/v3",
        "username = sparkaas",
        "password = pw-hush",
        "user_domain_name = Default",
        "project_name = service",
        "project_domain_name = Default",
    )
    look = checks.identity if group == "keystone_authtoken" else checks.infrastructure
    ((fatal, text),) = texts(look(conf))
    assert fatal
    assert f"[{group}]: Keystone gives no token" in text
    assert "hush" not in text
