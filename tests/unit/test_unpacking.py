# SPDX-License-Identifier: Apache-2.0
"""Archives of others: with Python's own filter, and by our rules where it has none."""

import io
import os
import tarfile

import pytest

from sparkaas.node import unpacking

both = pytest.mark.parametrize("by_filter", sorted({False, unpacking.HAS_FILTER}))

FILE, DIRECTORY, SYMBOLIC, HARD = (
    tarfile.REGTYPE,
    tarfile.DIRTYPE,
    tarfile.SYMTYPE,
    tarfile.LNKTYPE,
)


def unpacked(tmp_path, by_filter, *members, most=1000, members_most=100):
    """The tree that comes out of an archive of (name, type, content or link)."""
    with tarfile.open(tmp_path / "x.tgz", "w:gz") as archive:
        for name, kind, value in members:
            info = tarfile.TarInfo(name)
            info.type = kind
            info.mode = 0o7777
            content = value if isinstance(value, bytes) else b""
            info.size = len(content)
            info.linkname = value if isinstance(value, str) else ""
            archive.addfile(info, io.BytesIO(content))
    (tmp_path / "outside").mkdir()
    tree = tmp_path / "outside" / "tree"
    unpacking.unpack(tmp_path / "x.tgz", tree, most, members_most, by_filter)
    return tree


@both
def test_files_directories_and_links_inside(tmp_path, by_filter):
    tree = unpacked(
        tmp_path,
        by_filter,
        ("top", DIRECTORY, ""),
        ("top/bin/run", FILE, b"text"),
        ("top/lib/link", SYMBOLIC, "../bin/run"),
        ("top/same", HARD, "top/bin/run"),
    )
    assert (tree / "top/lib/link").read_bytes() == b"text"
    assert (tree / "top/same").read_bytes() == b"text"
    assert (tree / "top/bin/run").stat().st_mode & 0o7777 == 0o755
    assert (tree / "top/bin/run").stat().st_uid == os.geteuid()


@both
@pytest.mark.parametrize(
    "members",
    [
        [("../evil", FILE, b"")],
        [("top/../../evil", FILE, b"")],
        [("link", SYMBOLIC, "../evil")],
        [("link", SYMBOLIC, "/etc/passwd")],
        [("link", HARD, "../evil")],
        # each inside by itself, together outside
        [("a", DIRECTORY, ""), ("a/b", SYMBOLIC, ".."), ("a/b/c", SYMBOLIC, "..")],
        [("a", SYMBOLIC, "."), ("a/../../evil", FILE, b"")],
        [("pipe", tarfile.FIFOTYPE, "")],
        [("disk", tarfile.BLKTYPE, "")],
    ],
)
def test_nothing_leads_outside(tmp_path, by_filter, members):
    with pytest.raises((tarfile.TarError, unpacking.Unsafe)):
        unpacked(tmp_path, by_filter, *members)
    assert os.listdir(tmp_path / "outside") == ["tree"]


@both
def test_an_absolute_name_stays_inside_or_is_refused(tmp_path, by_filter):
    try:
        unpacked(tmp_path, by_filter, ("/evil-of-sparkaas", FILE, b""))
    except unpacking.Unsafe:
        assert not by_filter
    assert not os.path.exists("/evil-of-sparkaas")


@both
@pytest.mark.parametrize("bounds", [{"most": 9}, {"members_most": 1}])
def test_it_has_bounds(tmp_path, by_filter, bounds):
    members = ("a", FILE, b"12345"), ("b", FILE, b"12345")
    with pytest.raises(unpacking.Unsafe, match="too much"):
        unpacked(tmp_path, by_filter, *members, **bounds)
