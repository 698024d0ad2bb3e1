"""`spaceport stubs` writes modules that mypy accepts and that call what they say."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import subprocess
import sys

import pytest
from tests.conftest import MYPY_CACHE

from spaceport.snippets.stubs import Described, stubs
from spaceport.snippets.types import Types

GOLDEN = ["s01", "s02", "s03", "s04", "s05", "s08", "s12", "s13", "s14", "s16", "s20", "s24"]


def written(source, folder, name):
    path = folder / f"{name}.py"
    path.write_text(source)
    return path


def made(url, folder, name):
    command = [sys.executable, "-m", "spaceport.cli.main", "stubs", url]
    return written(subprocess.run(command, capture_output=True, text=True, check=True).stdout, folder, name)


def loaded(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def mypy(folder):
    environment = {**os.environ, "MYPYPATH": ""}
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--cache-dir",
        str(MYPY_CACHE),
        *map(str, folder.glob("*.py")),
    ]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout


def test_a_typed_module_for_our_own(basic, serve, tmp_path):
    path = made(basic.url, tmp_path, "basic_space")
    made(serve("typed").url, tmp_path, "typed_space")
    uses = """
from basic_space import AsyncSpace, Space

def sync_calls() -> int:
    with Space(verbose=False) as space:
        text: str = space.greet("Bob")
        pieces: list[str] = list(space.stream_count("w", 2))
        return space.add(1, b=len(text) + len(pieces)) + int(space.submit_add(1).result())

async def async_calls() -> int:
    async with AsyncSpace(verbose=False) as space:
        pieces = [piece async for piece in space.stream_count("w", 2)]
        return await space.add(1, b=len(await space.greet("Bob")) + len(pieces))
"""
    written(uses, tmp_path, "uses")
    mypy(tmp_path)
    (tmp_path / "wrong.py").write_text("from basic_space import Space\nSpace().add('x')\nSpace().pick('green')\n")
    with pytest.raises(AssertionError, match=r"(?s)incompatible type \"str\".*incompatible type .*green"):
        mypy(tmp_path)
    sys.path.insert(0, str(tmp_path))
    try:
        module = loaded(tmp_path / "uses.py")
        assert module.sync_calls() == 1 + len("Hello Bob!") + 2 + 3
        assert asyncio.run(module.async_calls()) == 1 + len("Hello Bob!") + 2
    finally:
        sys.path.remove(str(tmp_path))
    assert "Greets a person." in path.read_text()


def test_a_typed_module_for_every_recorded_app_on_gradio(gradio, tmp_path):
    for name in GOLDEN:
        made(f"{gradio}/{name}/", tmp_path, name)
    mypy(tmp_path)


WORDS = {
    "parameters": [
        {"parameter_name": "class", "label": 'a """quote""" \\ "', "type": {"type": "string"}},
        {
            "parameter_name": "two words",
            "parameter_has_default": True,
            "parameter_default": ["a"],
            "type": {"type": "array", "items": {"enum": ["a", "it's", 'say "x"'], "type": "string"}},
        },
        {"parameter_name": "two-words", "type": {"type": ["integer", "null"]}},
        {
            "parameter_name": "self",
            "parameter_has_default": True,
            "parameter_default": None,
            "type": {"type": "number"},
        },
    ],
    "returns": [
        {
            "type": {
                "$defs": {
                    "Tree": {
                        "properties": {
                            "name": {"type": "string"},
                            "kids": {"items": {"$ref": "#/$defs/Tree"}, "type": "array"},
                        },
                        "required": ["name"],
                        "title": "Tree",
                        "type": "object",
                    },
                    "Json": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"$ref": "#/$defs/Json"}}]},
                },
                "prefixItems": [{"$ref": "#/$defs/Tree"}, {"$ref": "#/$defs/Json"}],
                "type": "array",
            }
        },
        {"type": {"properties": {"a b": {"type": "string"}, "class": {"const": 3}}, "type": "object"}},
        {"type": {}},
    ],
    "description": 'Ends with a quote"',
}


def test_names_that_python_does_not_take(tmp_path):
    endpoints = [
        Described(name, WORDS, True) for name in ("/my-fn", "/my_fn", "/client", "/1st", "/submit_my_fn", "/import")
    ]
    written(stubs("owner/na'me", endpoints), tmp_path, "odd")
    written(stubs("owner/name", []), tmp_path, "empty")
    mypy(tmp_path)
    module = loaded(tmp_path / "odd.py")
    calls = {name for name in vars(module.Space) if not name.startswith("_") or name == "_1st"}
    assert {"my_fn", "my_fn_2", "client_2", "_1st", "import_", "submit_my_fn_2"} <= calls


def test_files_are_told_apart_by_their_way():
    file = {"properties": {"path": {"type": "string"}, "meta": {}}, "type": "object", "title": "FileData"}
    gallery = {"type": "array", "items": {"properties": {"image": file}, "title": "Picture", "type": "object"}}
    types = Types(set())
    assert types.annotation(gallery, "x", file="FileData") == "list[Picture]"
    assert types.annotation(gallery, "x", file="str") == "list[Picture_2]"
    point = {"properties": {"x": {"type": "number"}}, "title": "Point", "type": "object"}
    assert {types.annotation(point, "x", file=way) for way in ("FileData", "str")} == {"Point"}
