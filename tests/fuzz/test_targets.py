"""Each parser on its corpus, and on some inputs that hypothesis makes up."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).parent / "corpus"
WORDS = st.sampled_from(
    [
        b"---\n",
        b"\n",
        b"\r",
        b"\r\n",
        b"data:",
        b"event:",
        b"id:",
        b": ",
        b"- ",
        b"[",
        b"]",
        b"{",
        b"}",
        b'"',
        b"'",
        b"\\",
        b"$(",
        b"`",
        b"&a ",
        b"*a",
        b"!!binary ",
        b"<<: ",
        b"0x",
        b"-r ",
        b"-e .",
        b"../",
        b"file:",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"Domain=",
        b" Path =/",
        b"\x00\x00\x00\x05",
        b"\x94",
        b"\x1b[2J",
        b"\xe2\x80\xa8",
        b"null",
        b"http://localhost",
        b"http://[::1]",
        b"@",
        b'"""',
        b"</script>",
    ]
)
INPUTS = st.lists(st.one_of(WORDS, st.binary(max_size=8)), max_size=40).map(b"".join)


def _corpus() -> list[tuple[str, Path]]:
    return [(name, path) for name in TARGETS for path in sorted((CORPUS / name).glob("*"))]


@pytest.mark.parametrize(("name", "path"), _corpus(), ids=[f"{name}-{path.name}" for name, path in _corpus()])
def test_corpus(name, path):
    TARGETS[name](path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_some_inputs(name):
    @settings(max_examples=200)
    @given(INPUTS)
    def run(data):
        TARGETS[name](data)

    run()


def test_every_target_has_a_corpus():
    assert [name for name in TARGETS if not any((CORPUS / name).glob("*"))] == []
