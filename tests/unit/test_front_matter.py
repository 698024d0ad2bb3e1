"""A README's front matter: plain JSON values, in bounded time, depth and size."""

from __future__ import annotations

import contextlib
import json
import time

import pytest
from tests.faults import fault

from spaceport.hub.spaces.front_matter import MAX_BYTES, MAX_DEPTH, MAX_NODES, InvalidFrontMatter, parse
from spaceport.hub.spaces.readme import SpaceOptions, app_file, faults, faults_of, options, tags


def block(text: str) -> str:
    return f"---\n{text}\n---\n# Title\n"


def seconds(call) -> float:
    begun = time.thread_time()
    with contextlib.suppress(InvalidFrontMatter):
        call()
    return time.thread_time() - begun


@fault(
    kind="parser",
    given="front matter of `---` and 65,533 line ends (or 1.5 million)",
    before="was looked through for 30 s, quadratic in its length, while the hub and its apps stood still",
    now="is looked through once, line by line",
)
@pytest.mark.parametrize("text", ["---" + "\n" * 65_533, "---" + "\r\n" * 32_000, "---" + "\n" * 1_500_000])
def test_the_fences_are_found_in_linear_time(text):
    assert seconds(lambda: parse(text)) < 1


@pytest.mark.parametrize(
    "text",
    [
        "a: b\n" * 13_000,
        "[" * 60_000,
        "- " * 30_000,
        "? " * 30_000,
        "[{" * 30_000,
        "!a " * 20_000,
        "x: |\n" + " \n" * 30_000,
    ],
    ids=["keys", "brackets", "lists", "keys of keys", "mixed", "types", "blank lines"],
)
def test_any_front_matter_is_read_in_bounded_time(text):
    assert seconds(lambda: parse(block(text))) < 1


@fault(
    kind="parser",
    given="a README with `x: 2024-01-01`, `.nan`, a number of 20,000 hexadecimal digits or 30 decimal ones",
    before="broke the listing of all Spaces for everybody: 500",
    now="is text, as its author wrote it",
)
@pytest.mark.parametrize(
    "text",
    [
        "2024-01-01",
        "2024-01-01T10:00:00Z",
        ".nan",
        "-.inf",
        "1e999",
        "0x" + "f" * 20_000,
        "9" * 30,
        "yes",
        "12:30:45",
        "0o17",
    ],
)
def test_a_scalar_that_is_no_json_is_text(text):
    assert parse(block(f"x: {text}")) == {"x": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("-7", -7),
        ("1.5", 1.5),
        ("true", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("", None),
        ('"5"', "5"),
        ("'true'", "true"),
        ("! 5", "5"),
        ("[1, two, {three: 3}]", [1, "two", {"three": 3}]),
        ("|\n  a\n  b", "a\nb\n"),
        ('"\\ud83d\\ude00"', "\U0001f600"),
    ],
)
def test_values(text, value):
    found = parse(block(f"x: {text}"))
    assert found == {"x": value}
    json.dumps(found, allow_nan=False).encode()


@fault(
    kind="app",
    given="`python_version: 3.10`, `sdk_version: 5.10` or `6.30`, without quotes",
    before="was read as the number 3.1, 5.1 or 6.3: another version, or none",
    now="is the text as written",
)
def test_versions_keep_their_zeros():
    text = "python_version: 3.10\nsdk_version: 6.30\napp_port: 7860\nother: 3.10\nnested: {sdk_version: 5.10}"
    assert parse(block(text)) == {
        "python_version": "3.10",
        "sdk_version": "6.30",
        "app_port": 7860,
        "other": 3.1,
        "nested": {"sdk_version": 5.1},
    }


@fault(
    kind="parser",
    given="a README with `&a [*a]`, `!!binary`, `!!set`, 900 brackets, a lone surrogate, NUL, a list as a key",
    before="broke the listing of all Spaces for everybody: 500",
    now="is refused with the line and the reason",
)
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("&a [*a]", "aliases"),
        ("x: &a [1]\ny: *a", "line 3: aliases"),
        ("x: !!binary aGk=", "explicit types"),
        ("x: !!set {a, b}", "explicit types"),
        ("x: !!python/object:os.system {}", "explicit types"),
        ("x: " + "[" * 900 + "]" * 900, "nests deeper"),
        ('x: "\\ud800"', "surrogate"),
        ("x: \ud800", "UTF-8"),
        ('x: "\\0"', "NUL"),
        ("? [a]\n: b", "a key must be text"),
        ("a: 1\n--- x\nb: 2", "more than one document"),
        ("a: [", "not valid YAML in line 3"),
        ("just text", "must be keys"),
    ],
)
def test_what_json_cannot_say_is_refused(text, reason):
    with pytest.raises(InvalidFrontMatter, match=reason):
        parse(block(text))
    assert reason in faults_of(block(text))[0]


@fault(
    kind="parser",
    given="a README of 279 bytes with aliases of aliases",
    before="was 4.7 MB in every answer that shows its card, and ten times that with each level more",
    now="is refused",
)
def test_aliases_cannot_multiply():
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 6)]
    with pytest.raises(InvalidFrontMatter, match="aliases"):
        parse(block("\n".join(levels)))


def test_the_bounds_hold_where_they_say():
    deep = "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1)
    assert parse(block(f"x: {deep}"))
    with pytest.raises(InvalidFrontMatter, match="nests deeper"):
        parse(block(f"x: [{deep}]"))
    overhead = len("---\nx: \n---")
    assert len(parse(f"---\nx: {'y' * (MAX_BYTES - overhead)}\n---")["x"]) == MAX_BYTES - overhead
    with pytest.raises(InvalidFrontMatter, match="does not end"):
        parse(f"---\nx: {'y' * (MAX_BYTES - overhead + 2)}\n---")
    assert len(parse(block("x: [" + "1," * (MAX_NODES - 3) + "]"))["x"]) == MAX_NODES - 3
    with pytest.raises(InvalidFrontMatter, match="keys and values"):
        parse(block("x: [" + "1," * (MAX_NODES - 2) + "]"))
    with pytest.raises(InvalidFrontMatter, match="as JSON"):
        parse(block('x: "' + "\\x01" * 12_000 + '"'))


@pytest.mark.parametrize(
    "text", ["", "# Title", "---", "---\nno end", "----\na: 1\n---\n", " ---\na: 1\n---", "---\n---\n", "---\n\n---\n"]
)
def test_a_readme_without_front_matter_has_no_keys(text):
    assert parse(text) == {}


@pytest.mark.parametrize(
    "text", ["---\na: 1\n---", "\ufeff---\na: 1\n---\n", "---  \r\na: 1\r\n--- \r\nx", "---\n\n\na: 1\n---\n---\n"]
)
def test_fences(text):
    assert parse(text) == {"a": 1}


def test_what_the_hub_understands():
    assert options({"spaceport": {"retries": 2, "replicas": 3}}) == SpaceOptions(2, 3)
    assert options({"spaceport": {"retries": 11, "replicas": 0, "other": 1}}) == SpaceOptions()
    assert options({"spaceport": [1]}) == SpaceOptions()
    assert (tags({"tags": ["a", 5]}), tags({"tags": 5}), tags({})) == (["a"], [], [])
    assert (app_file({}, "gradio"), app_file({}, "static"), app_file({"app_file": "x.py"}, "gradio")) == (
        "app.py",
        "index.html",
        "x.py",
    )
    assert app_file({"app_file": ["x"]}, "gradio") == "app.py"


@pytest.mark.parametrize(
    "values",
    [
        {"sdk": "docker"},
        {"sdk": ["gradio"]},
        {"tags": 5},
        {"tags": [5]},
        {"app_file": 5},
        {"short_description": "x" * 61},
        {"sdk_version": "5.0\nevil"},
        {"sdk_version": [5]},
        {"python_version": True},
        {"spaceport": {"replicas": 65}},
        {"spaceport": 5},
    ],
)
def test_faults_are_told(values):
    (told,) = faults(values)
    assert len(told) < 300


def test_good_values_have_no_faults():
    good = {"sdk": "gradio", "tags": ["a"], "app_file": "app.py", "short_description": "x" * 60, "sdk_version": "6.30"}
    assert faults({**good, "python_version": 3, "spaceport": {"replicas": 64, "retries": 10}}) == []
