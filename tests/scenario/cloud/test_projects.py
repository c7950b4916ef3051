# SPDX-License-Identifier: Apache-2.0
"""Two clusters in two projects side by side; the second one's life leaves nothing."""

from __future__ import annotations

from collections.abc import Callable

from tests.scenario.cloud import asking
from tests.scenario.cloud import programs

#: The UI and the port of Spark's master, and that of SSH; which of them answer within
#: three seconds.
_KNOCK = """\
python3 -c '
import socket
for port in (22, 7077, 8080):
    try:
        socket.create_connection(("{host}", port), 3).close()
        print(port)
    except OSError:
        continue
'"""


def test_beside_the_first_a_second_that_sees_nothing_of_it(
    demo: asking.Asking,
    other: asking.Asking,
    cluster: dict,
    shell: Callable[..., str],
    nothing_left: Callable[[], None],
):
    second = other.active(other.create(other.cluster(workers=1)))
    assert programs.where(other, second["id"], "second")["args"] == ["second"]

    for noun in ("cluster-templates", "node-group-templates"):
        (listed,) = other.call("GET", noun).values()
        assert listed == []
    (listed,) = other.call("GET", "clusters").values()
    assert [each["id"] for each in listed] == [second["id"]]
    (listed,) = demo.call("GET", "clusters").values()
    assert second["id"] not in {each["id"] for each in listed}
    for method in ("GET", "DELETE"):
        answer = other.ask(method, f"clusters/{cluster['id']}")
        assert answer.status_code == 404

    master = demo.address(demo.show(cluster["id"]))
    seen = shell(second, "master-0", _KNOCK.format(host=master), user="other")
    assert seen.split() == ["22"]
    inside = demo.address(cluster, inside=True)
    own = shell(cluster, "worker-0", _KNOCK.format(host=inside))
    assert own.split() == ["22", "7077", "8080"]

    other.delete(second["id"])
    nothing_left()
    assert demo.show(cluster["id"])["status"] == "Active"
