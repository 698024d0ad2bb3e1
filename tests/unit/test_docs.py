"""Docs are part of the code: generated pages are current, and every public name is explained."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.conftest import ROOT

from spaceport.space import components


def test_generated_pages_are_current():
    done = subprocess.run(
        [sys.executable, "scripts/gen_docs.py", "--check"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "src"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_component_is_importable_by_its_name_and_documented():
    import spaceport

    for name in components.names() - {"api"}:
        component = components.load(name)
        assert getattr(spaceport, component.__name__) is component
        assert component.__doc__


def test_importing_spaceport_does_not_load_the_server():
    heavy = ("uvicorn", "starlette", "msgspec", "sqlite3")
    code = f"import sys, spaceport; print([m for m in {heavy} if m in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": "src"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, cwd=ROOT)
    assert done.stdout.strip() == "[]"
