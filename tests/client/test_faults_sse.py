"""Event streams without an end cost linear time and bounded memory, in both clients."""

from __future__ import annotations

import json
import subprocess

import pytest
from tests.conftest import ROOT
from tests.faults import fault

from spaceport.client.core.sse import Event, EventParser


@fault(
    kind="parser",
    given="a server that sends one line without an end: 24 MB in pieces of 16 kB",
    before="the time grew with the square of the size (402 s and 636 MB for 256 MB)",
    now="each piece is looked at once, and joined when the line ends",
)
def test_an_incomplete_line_is_kept_in_pieces():
    parser = EventParser()
    piece = b"x" * (16 << 10)
    assert parser.feed(b"data: ") == []
    for _ in range(1500):
        assert parser.feed(piece) == []
    assert len(parser._pieces) == 1501  # nothing was joined, and so nothing was copied or searched twice
    (event,) = parser.feed(b"\n\n")
    assert len(event.data) == 1500 * len(piece)
    assert parser._pieces == []


def test_just_below_and_just_above_the_bound():
    for size, taken in ((94, True), (95, False)):
        parser = EventParser(100)
        stream = b"data: " + b"x" * size
        if taken:
            assert parser.feed(stream) == []
            assert parser.feed(b"\n\n") == [Event("message", "x" * size, "")]
        else:
            with pytest.raises(ValueError, match="100"):
                parser.feed(stream)
    parser = EventParser(100)  # the bound is that of one event, not of the stream
    for _ in range(100):
        assert len(parser.feed(b"data: " + b"x" * 50 + b"\n\n: a comment\n")) == 1


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_pieces_of_any_size_give_the_same_events(size):
    stream = "\ufeffid: 1\r\nevent: a\r\ndata: x\rdata: é\r\n\r\n: comment\n\ndata\n\ndata: y\n\n\r\rdata: cut".encode()
    parser = EventParser()
    found = [event for at in range(0, len(stream), size) for event in parser.feed(stream[at : at + size])]
    assert found == [Event("a", "x\né", "1"), Event("message", "", "1"), Event("message", "y", "1")]


def in_node(program):
    source = (ROOT / "js" / "client" / "dist" / "sse.js").as_uri()
    text = f'import {{ sseParser }} from "{source}";\n{program}'
    done = subprocess.run(["node", "--input-type=module", "-e", text], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@fault(
    kind="parser",
    given="the same line without an end, in JavaScript",
    before="the time grew with the square of the size (13.8 s for 32 MB), and memory without a bound",
    now="each piece is looked at once; an event of more than 128 million characters is an error",
)
def test_the_javascript_parser_looks_at_each_piece_once():
    found = in_node(
        """
        let looked = 0;
        for (const name of ["split", "indexOf", "search", "match", "matchAll", "replace"]) {
          const original = String.prototype[name];
          String.prototype[name] = function (...given) { looked += this.length; return original.apply(this, given); };
        }
        const feed = sseParser();
        const piece = "x".repeat(16384);
        let events = feed("data: ").length;
        for (let i = 0; i < 1500; i++) events += feed(piece).length;
        const before = looked;
        const last = feed("\\n\\n");
        console.log(JSON.stringify([events, before / (1500 * 16384), looked / (1500 * 16384), last[0].data.length]));
        """
    )
    events, before, after, size = found
    assert (events, size) == (0, 1500 * 16384)
    assert before < 3
    assert after < 6


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_the_javascript_parser_takes_pieces_of_any_size(size):
    stream = "id: 1\r\nevent: a\r\ndata: x\rdata: é\r\n\r\n: comment\n\ndata\n\ndata: y\n\ndata: cut"
    found = in_node(
        f"""
        const stream = {json.dumps(stream)}, feed = sseParser(), found = [];
        for (let i = 0; i < stream.length; i += {size}) found.push(...feed(stream.slice(i, i + {size})));
        console.log(JSON.stringify(found.map((one) => [one.event, one.data])));
        """
    )
    assert found == [["a", "x\né"], ["", ""], ["", "y"]]


def test_the_bound_in_javascript():
    found = in_node(
        """
        const said = [];
        for (const size of [94, 95]) {
          const feed = sseParser(100);
          try { feed("data: " + "x".repeat(size)); said.push(feed("\\n\\n").length); }
          catch (error) { said.push(error.message); }
        }
        console.log(JSON.stringify(said));
        """
    )
    assert found == [1, "An event has more than 100 characters."]
