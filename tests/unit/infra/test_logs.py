# SPDX-License-Identifier: Apache-2.0
"""Services' logs: bounded, and honest about what was lost."""

from __future__ import annotations

from sparkaas.infra.local.supervisor import logs


def test_files_are_turned_over(tmp_path):
    log = logs.Log(tmp_path / "a.log", 10)
    for number in range(10):
        log.write(b"%d----\n" % number)
    log.close()
    found = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert found.keys() == {"a.log", "a.log.1", "a.log.2", "a.log.3"}
    joined = b"".join(found[f"a.log{end}"] for end in (".3", ".2", ".1", ""))
    assert b"".join(b"%d----\n" % n for n in range(10)).endswith(joined)
    assert all(len(content) <= 10 for content in found.values())


def test_a_log_is_continued(tmp_path):
    for text in (b"one\n", b"two\n"):
        log = logs.Log(tmp_path / "a.log", 100)
        log.write(text)
        log.close()
    assert (tmp_path / "a.log").read_bytes() == b"one\ntwo\n"


def test_the_end_has_whole_lines(tmp_path):
    log = logs.Log(tmp_path / "a.log", 1 << 20)
    log.write(b"".join(b"line %d\n" % n for n in range(1000)) + b"\xff end")
    lines = log.end().splitlines()
    assert lines[-2:] == ["line 999", "\ufffd end"]
    assert all(line.startswith("line ") for line in lines[:-1])
    assert len(log.end()) <= logs.TAIL_BYTES
    log.close()


def test_output_that_found_no_room_is_counted(tmp_path):
    log = logs.Log(tmp_path / "missing" / "a.log", 100)
    log.write(b"12345")
    log.write(b"678")
    assert log.end() == "12345678"
    (tmp_path / "missing").mkdir()
    log.write(b"again\n")
    log.close()
    text = (tmp_path / "missing" / "a.log").read_bytes()
    assert b"bytes of output were lost]\nagain\n" in text
