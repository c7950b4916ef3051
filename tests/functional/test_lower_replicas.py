# SPDX-License-Identifier: Apache-2.0
"""What walks through an HDFS and asks files for fewer replicas."""

import bisect
import http.server
import json
import urllib.parse

import pytest

from sparkaas.plugins.hdfs import lower_replicas
from tests.servers import answering

#: Path -> replicas; None: a directory. Names in the order of HDFS, that of their bytes.
TREE = {
    "/a": None,
    "/a.txt": 3,
    "/a/b": None,
    "/a/b/many": 10,
    "/a/b/one": 1,
    "/a/b/two": 2,
    "/a/empty": None,
    "/a/ü %;?#": 3,
    "/z": 3,
}
LOWERED = {"/a.txt", "/a/b/many", "/a/ü %;?#", "/z"}


class Hdfs(http.server.BaseHTTPRequestHandler):
    """The server's ``tree`` over HTTP, two entries at a time."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path, words = self.asked("LISTSTATUS_BATCH")
        below = path.rstrip("/") + "/"
        if path != "/" and path.rstrip("/") not in self.server.tree:
            return self.tell({"RemoteException": {}}, 404)
        if path.rstrip("/") and self.server.tree[path.rstrip("/")] is not None:
            return self.tell(listing([entry("", 3)], 0))
        names = sorted(
            (p.removeprefix(below), replicas)
            for p, replicas in self.server.tree.items()
            if p.startswith(below) and "/" not in p.removeprefix(below)
        )
        names = names[bisect.bisect([n for n, _ in names], words["startAfter"]) :]
        entries = [entry(*each) for each in names[:2]]
        return self.tell(listing(entries, len(names) - len(entries)))

    def do_PUT(self):
        path, words = self.asked("SETREPLICATION")
        assert self.headers["X-XSRF-HEADER"]
        self.server.tree[path] = int(words["replication"])
        self.server.lowered.append(path)
        self.tell({"boolean": True})

    def asked(self, operation):
        path, _, query = self.path.partition("?")
        words = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        assert words["op"] == operation
        assert words["user.name"]
        return urllib.parse.unquote(path).removeprefix("/webhdfs/v1"), words

    def tell(self, found, status=200):
        body = json.dumps(found).encode()
        self.send_response(self.server.status or status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        return


def entry(name, replicas):
    kind = "DIRECTORY" if replicas is None else "FILE"
    return {"pathSuffix": name, "type": kind, "replication": replicas or 0}


def listing(entries, remaining):
    partial = {"FileStatuses": {"FileStatus": entries}}
    return {
        "DirectoryListing": {"partialListing": partial, "remainingEntries": remaining}
    }


@pytest.fixture
def hdfs():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hdfs)
    server.daemon_threads = True
    server.tree = dict(TREE)
    server.lowered = []
    server.status = None
    with answering.answering(server):
        yield server


@pytest.fixture
def told(hdfs, capsys):
    """What it prints when it is run."""
    address = f"127.0.0.1:{hdfs.server_port}"

    def run(after="", seconds=60, most=2):
        words = (str(most), str(seconds), json.dumps(after))
        lower_replicas.main(address, *words)
        return json.loads(capsys.readouterr().out)

    return run


def test_what_has_more_gets_fewer_and_the_rest_is_left_alone(hdfs, told):
    assert told() == {"after": "", "lowered": 4}
    assert hdfs.tree == {p: 2 if p in LOWERED else r for p, r in TREE.items()}
    assert sorted(hdfs.lowered) == sorted(LOWERED)
    assert told() == {"after": "", "lowered": 0}


def test_it_goes_on_where_its_time_was_up(hdfs, told):
    after, seen = told(seconds=0)["after"], []
    while after:
        seen.append(after)
        after = told(after, seconds=0)["after"]
    assert sorted(hdfs.lowered) == sorted(LOWERED)
    files = [path for path in seen if TREE[path] is not None]
    assert sorted(files) == sorted(path for path in TREE if TREE[path] is not None)
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize("gone", ["/a/b", "/a", "/a/b/one"])
def test_a_place_that_is_gone_meanwhile(hdfs, told, gone):
    hdfs.tree = {p: r for p, r in TREE.items() if not f"{p}/".startswith(f"{gone}/")}
    told("/a/b/one")
    assert "/z" in hdfs.lowered
    assert ("/a/ü %;?#" in hdfs.lowered) == (gone != "/a")


def test_a_directory_that_is_a_file_now(hdfs, told):
    hdfs.tree = {"/a": 3, "/z": 3}
    assert told("/a/b/one") == {"after": "", "lowered": 1}


def test_a_namenode_that_refuses(hdfs, told):
    hdfs.status = 403
    with pytest.raises(OSError, match="403"):
        told()
