# SPDX-License-Identifier: Apache-2.0
"""The metadata service is for root only: by the kernel, in a namespace of its own."""

import os
import shutil
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("ip"),
    reason="making a network namespace with rules needs root, unshare and ip",
)

PRELUDE = """\
import os
import socket
import subprocess

from sparkaas.node import documents
from sparkaas.node import guard

documents.USER = "nobody"


def ip(*words):
    subprocess.run(["ip", *words], check=True)


def reaches(user, family, *address):
    os.seteuid(user)
    try:
        with socket.socket(family, socket.SOCK_STREAM) as one:
            one.settimeout(5)
            one.connect(address)
        return True
    except PermissionError:
        return False
    finally:
        os.seteuid(0)


ip("link", "set", "lo", "up")
"""

#: A metadata service for both families, at the far end of a cable.
SERVICE = """\
far = subprocess.Popen(["unshare", "-n", "sleep", "60"])
while os.readlink(f"/proc/{far.pid}/ns/net") == os.readlink("/proc/self/ns/net"):
    pass
ip("link", "add", "near", "type", "veth", "peer", "name", "far")
ip("link", "set", "far", "netns", str(far.pid))
for end, number, other, there in (
    ("near", 1, ["ip"], "169.254.169.254"),
    ("far", 2, ["nsenter", f"--net=/proc/{far.pid}/ns/net", "ip"], None),
):
    def there_ip(*words, other=other):
        subprocess.run([*other, *words], check=True)
    there_ip("link", "set", end, "up")
    there_ip("address", "add", f"10.9.0.{number}/24", "dev", end)
    there_ip("address", "add", f"fe80::{number}/64", "dev", end, "nodad")
inside = ["nsenter", f"--net=/proc/{far.pid}/ns/net"]
for address in ("169.254.169.254/32", "fe80::a9fe:a9fe/64"):
    add = ["ip", "address", "add", address, "dev", "far"]
    subprocess.run([*inside, *add, *(["nodad"] if ":" in address else [])], check=True)
ip("route", "add", "default", "via", "10.9.0.2")
listen = "import socket; s = socket.create_server(('::', 80), family=socket.AF_INET6, "
listen += "dualstack_ipv6=True); print(flush=True); [s.accept() for _ in range(99)]"
server = subprocess.Popen([*inside, "python3", "-c", listen], stdout=subprocess.PIPE)
server.stdout.readline()
SCOPE = socket.if_nametoindex("near")


def both(user):
    return (
        reaches(user, socket.AF_INET, "169.254.169.254", 80),
        reaches(user, socket.AF_INET6, "fe80::a9fe:a9fe", 80, 0, SCOPE),
    )


try:
    print(both(0), both(65534))
    guard.close()
    print(both(0), both(65534), both(1))
    print(reaches(65534, socket.AF_INET, "10.9.0.2", 80))
finally:
    server.kill()
    far.kill()
"""


def run(text):
    made = subprocess.run(
        [shutil.which("unshare"), "-n", sys.executable, "-c", PRELUDE + text],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    return made.stdout.splitlines()


def test_it_answers_root_and_nobody_else():
    before, after, elsewhere = run(SERVICE)
    assert before == "(True, True) (True, True)"
    assert after == "(True, True) (False, False) (False, False)"
    assert elsewhere == "True"


RULES = """\
import json
def rules(family):
    made = subprocess.run(["ip", family, "-d", "-j", "rule"], capture_output=True)
    return [each for each in json.loads(made.stdout) if each["priority"] == 1]
"""


def test_closing_twice_changes_nothing_and_what_was_taken_away_comes_back():
    text = """\
def counts():
    return [len(rules("-4")), len(rules("-6"))]
guard.close()
guard.close()
print(counts())
ip("-6", "rule", "del", "pref", "1")
print(counts())
guard.close()
print(counts())
"""
    assert run(RULES + text) == ["[1, 1]", "[1, 0]", "[1, 1]"]


def test_it_is_a_rule_that_networkd_leaves_alone():
    text = (
        'guard.close()\nprint(rules("-4")[0]["protocol"], rules("-6")[0]["protocol"])'
    )
    assert run(RULES + text) == ["kernel kernel"]


def test_where_ipv6_is_off_it_is_closed_for_the_day_that_it_is_on():
    text = """\
with open("/proc/sys/net/ipv6/conf/all/disable_ipv6", "w") as switch:
    switch.write("1")
guard.close()
print(len(rules("-6")))
"""
    assert run(RULES + text) == ["1"]


def test_a_rule_without_effect_is_a_failure_that_says_so():
    text = """\
ip("link", "add", "near", "type", "veth")
ip("link", "set", "near", "up")
ip("address", "add", "10.9.0.1/24", "dev", "near")
ip("route", "add", "default", "via", "10.9.0.2")
ip("rule", "add", "pref", "0", "lookup", "main")
try:
    guard.close()
except documents.Failure as failure:
    print(failure)
"""
    (sentence,) = run(text)
    assert sentence.startswith("The metadata service 169.254.169.254 stays open")


def test_a_node_that_cannot_do_it_says_so():
    text = """\
guard.shutil.which = lambda name, path: None
try:
    guard.close()
except documents.Failure as failure:
    print(failure)
"""
    (sentence,) = run(text)
    assert sentence.startswith("The image has no ip(8)")
