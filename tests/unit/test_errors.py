"""One table of error codes, and what is generated from it."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys

import pytest
from tests.conftest import ROOT
from tests.faults import fault

import spaceport
from spaceport import errors
from spaceport.api.problems import gradio_error, problem_document
from spaceport.errors import RateLimited
from spaceport.hub.hfapi.errors import error_response, hub_error
from spaceport.hub.identity.access import SpaceNotFound
from spaceport.wire.json import encode

HUB_ONLY = {"did_not_start", "build_failed"}
"""Stages of a Space, which no answer has as its code."""


def test_generated_tables_are_current():
    done = subprocess.run(
        [sys.executable, "scripts/gen_error_codes.py", "--check"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_code_stands_in_the_table():
    for found in pkgutil.walk_packages(spaceport.__path__, "spaceport."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
    known = set(errors.BY_CODE) | HUB_ONLY
    left = list(errors.SpaceportError.__subclasses__())
    while left:
        one = left.pop()
        left += one.__subclasses__()
        assert one.code in known, f"{one.__module__}.{one.__name__} has the code {one.code!r}"


def test_codes_are_unique_and_explained():
    assert len(errors.BY_CODE) == len(errors.CLASSES)
    for one in errors.CLASSES:
        assert one.__doc__, one
        assert one.action.endswith("."), one


@fault(
    kind="call",
    given="a call under `Prefer: wait` whose job ends with `space_unavailable`, `invalid_input` or `replica_lost`",
    before="the answer had the status 500",
    now="the answer has the status of the code: 503, 422, 503",
)
@pytest.mark.parametrize(
    ("code", "status"),
    [
        *[(one.code, one.status) for one in errors.CLASSES],
        ("space_unavailable", 503),
        ("invalid_input", 422),
        ("replica_lost", 503),
        ("something_else", 500),
    ],
)
def test_status_of_a_code(code, status):
    assert errors.status_of(code) == status


def test_a_time_limit_of_the_function_and_one_of_the_client_are_two_codes():
    assert (errors.JobTimedOut.code, errors.JobTimedOut.retryable) == ("timed_out", False)
    assert (errors.TimedOut.code, errors.TimedOut.retryable) == ("client_timed_out", True)
    codes = (ROOT / "js/client/src/errors.ts").read_text()
    assert 'kind("TimeoutError", "client_timed_out")' in codes
    assert 'usual = "timed_out"' not in codes


def test_each_form_of_an_error_is_written_in_one_place():
    """The bytes of the three forms: ours, Gradio's, the Hub's."""
    fields = {"code": "not_found", "request_id": "r"}
    assert encode(problem_document(404, "No.", **fields)) == (
        b'{"type":"about:blank","title":"Not Found","status":404,"detail":"No.","code":"not_found","request_id":"r"}'
    )
    assert encode(gradio_error("No.", **fields)) == b'{"detail":"No.","code":"not_found","request_id":"r"}'
    missing = error_response(SpaceNotFound("There is no Ünit."))
    assert missing.body == '{"error":"There is no Ünit."}'.encode()
    headers = {"x-error-message": "There is no ?nit.", "x-error-code": "RepoNotFound"}
    assert headers.items() <= dict(missing.headers).items()
    busy = error_response(RateLimited("Slow down.", 2.5))
    assert (busy.status_code, busy.headers["retry-after"]) == (429, "2")
    taken = hub_error("It exists.", 409, url="http://hub/x")
    assert (taken.body, "x-error-message" in taken.headers) == (b'{"error":"It exists.","url":"http://hub/x"}', False)
