"""The lines of a commit: contents of any size, decoded piece by piece."""

from __future__ import annotations

import base64
import json
import tracemalloc

import pytest

from spaceport.errors import InvalidInput, TooLarge
from spaceport.hub.hfapi import commit_body
from spaceport.hub.hfapi.commit_body import read_commit
from spaceport.hub.quotas.commits import CommitLimit


def parse(tmp_path, *lines):
    body = tmp_path / "body"
    body.write_bytes(b"\n".join(one if isinstance(one, bytes) else json.dumps(one).encode() for one in lines))
    found = read_commit(body, tmp_path)
    return found, {one.path: one.content.read_bytes() for one in found.changes if one.content is not None}


def file(path, data, **other):
    return {
        "key": "file",
        "value": {"content": base64.b64encode(data).decode(), "path": path, "encoding": "base64"} | other,
    }


@pytest.mark.parametrize("size", [0, 1, 5, 786_380, 786_381, 786_400, 786_432, 786_433, (1 << 20) + 1, 3_000_001])
@pytest.mark.parametrize("first", ["content", "path"])
def test_contents_of_any_size(tmp_path, size, first):
    data = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    line = file("data.bin", data)
    if first == "path":
        line = {"value": dict(reversed(line["value"].items())), "key": "file"}
    header = {"key": "header", "value": {"summary": "s", "description": "d", "parentCommit": "p"}}
    found, contents = parse(
        tmp_path, header, line, b"", {"key": "deletedFile", "value": {"path": "old"}}, file("b", b"b")
    )
    assert contents == {"data.bin": data, "b": b"b"}
    assert (found.title, found.message, found.parent) == ("s", "d", "p")
    assert [one.path for one in found.changes] == ["data.bin", "old", "b"]


@pytest.mark.parametrize("text", ["plain ü", 'quotes " and \\ and \n' * 100_000, "\\" * 600_000, "😀" * 300_000])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_content_that_is_text(tmp_path, text, ascii_only):
    value = {"path": "a", "content": text, "encoding": "utf-8"}
    line = json.dumps({"key": "file", "value": value}, ensure_ascii=ascii_only).encode()
    assert parse(tmp_path, line, file("b", b"b"))[1] == {"a": text.encode(), "b": b"b"}


def test_base64_with_escaped_slashes(tmp_path):
    data = b"\xff" * 3_000_000
    line = json.dumps(file("a", data)).replace("/", "\\/").encode()
    assert parse(tmp_path, line)[1] == {"a": data}


@pytest.mark.parametrize(
    "line",
    [
        b"no json",
        b"[]",
        b'{"key": "file"}',
        b'{"key": "file", "value": []}',
        b'{"key": "file", "value": {"path": "a", "encoding": "base64", "content": "?"}}',
        b'{"key": "file", "value": {"path": "a", "encoding": "base64", "content": 5}}',
        b'{"key": "file", "value": {"path": "a", "encoding": "base64", "content": "' + b"A" * 2_000_000,
        b'{"key": "file", "value": {"path": "a", "encoding": "base64", "content": "' + b"A" * 2_000_000 + b'"',
        b'{"key": "file", "value": {"path": "a", "encoding": "base64", "content": "' + b"A=" * 1_000_000 + b'"}}',
        b'{"key": "file", "value": {"path": "a", "encoding": "base64", "content": "' + b"A" * 2_000_001 + b'"}}',
        b'{"key": "file", "value": {"path": "a", "encoding": "base64", "content": "' + b"\\n" * 1_000_000 + b'"}}',
        b'{"key": "file", "value": {"encoding": "base64", "content": "' + b"A" * 2_000_000 + b'"}}',
        b'{"key": "file", "value": {"path": "../a", "content": ""}}',
        b'{"key": "other", "value": {}}',
        b'{"key": "header", "value": {"parentCommit": 5}}',
        b'{"key": "header", "value": {"summary": "' + b"x" * 2_000_000 + b'"}}',
        b'{"key": "file", "value": {"path": "a", "content": "\\ud800"}}',
        b'{"a":' * 100,
    ],
    ids=range(18),
)
def test_what_is_no_commit(tmp_path, line):
    with pytest.raises(InvalidInput):
        parse(tmp_path, line)


def test_bounds(tmp_path, monkeypatch):
    monkeypatch.setattr(commit_body, "_MAX_CHANGES", 3)
    parse(tmp_path, *[file("a", b"")] * 4)
    with pytest.raises(TooLarge):
        parse(tmp_path, *[file("a", b"")] * 5)
    monkeypatch.setattr(commit_body, "_MAX_LINE", 2 << 20)
    with pytest.raises(TooLarge):
        parse(tmp_path, file("a", b"x" * (4 << 20)))
    monkeypatch.setattr(commit_body, "_MAX_TEXT", 1 << 20)
    with pytest.raises(TooLarge):
        parse(tmp_path, file("a", b"x" * (1 << 20), encoding="utf-8"))


def test_memory_does_not_grow_with_a_file(tmp_path):
    body = tmp_path / "body"
    with body.open("wb") as out:
        out.write(b'{"key": "file", "value": {"content": "')
        for _ in range(32):
            out.write(b"QUJD" * (1 << 18))
        out.write(b'", "path": "a", "encoding": "base64"}}\n')
    tracemalloc.start()
    read_commit(body, tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (tmp_path / "0").stat().st_size == 24 << 20
    assert peak < 8 << 20


def test_commits_of_one_owner_on_their_way_are_bounded():
    from spaceport.errors import RateLimited

    limit = CommitLimit(per_owner=2)
    with limit.arriving("ann"), limit.arriving("ann"):
        with pytest.raises(RateLimited), limit.arriving("ann"):
            pass
        with limit.arriving("bob"):
            pass
    with limit.arriving("ann"):
        pass
    assert limit._arriving == {}
