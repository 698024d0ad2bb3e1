"""Numbers in queries and headers that Python takes for digits and does not read."""

from __future__ import annotations

import httpx
import pytest
from tests.faults import fault

from spaceport.client.core.endpoints import read
from spaceport.wire.numbers import whole_number


@fault(
    kind="call",
    given="`GET jobs?limit=²`, `webhooks?limit=` with 5,000 nines, `Spaceport-Retries` with 5,000 nines",
    before="500 with a traceback in the log",
    now="422 that names the bounds",
)
@pytest.mark.parametrize("text", ["²", "٣", "9" * 5000, "9" * 19, "-1", "1.0", "0x1", "+1", "0", "101"])
def test_a_limit_is_a_number(basic, text):
    for path in ("jobs?session_hash=x", "webhooks?job=x"):
        answer = httpx.get(f"{basic.url}/gradio_api/{path}", params={"limit": text, path.split("?")[1][:-2]: "x"})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


@pytest.mark.parametrize(("text", "status"), [("9" * 5000, 422), ("11", 422), ("\xb2", 422), ("10", 200), ("0", 200)])
def test_retries_are_a_number(basic, text, status):
    headers = {"spaceport-retries": text.encode("latin-1")}
    answer = httpx.post(f"{basic.url}/gradio_api/call/{first(basic)}", headers=headers, json=arguments(basic))
    assert answer.status_code == status


def first(server):
    return next(iter(httpx.get(f"{server.url}/gradio_api/info").json()["named_endpoints"]))[1:]


def arguments(server):
    info = httpx.get(f"{server.url}/gradio_api/info").json()["named_endpoints"][f"/{first(server)}"]
    return {"data": [one["example_input"] for one in info["parameters"]]}


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("9" * 18, int("9" * 18)), ("9" * 19, None), ("", None)])
def test_the_bound(text, number):
    assert whole_number(text) == number


@fault(
    kind="client",
    given='a server whose `/config` has `"version": "4.²"`',
    before="`Client(url)` raised ValueError",
    now="a part that is no number does not count",
)
@pytest.mark.parametrize(
    ("version", "bare"), [("4.²", False), ("4.28.1", True), ("4.29.0", False), ("9" * 5000, False)]
)
def test_a_version_of_other_digits(version, bare):
    assert read({"version": version, "dependencies": []}, {"named_endpoints": {}}).bare_files is bare


@fault(
    kind="call",
    given="`Upload-Metadata: filename é` at `POST tus`: signs outside of ASCII in place of base64",
    before="500 with a traceback in the log",
    now="422 that says what it must be",
)
@pytest.mark.parametrize("value", ["filename \xe9", "filename %%%", "filename YQ", "filename YQ==YQ==", "a b c"])
def test_names_of_resumable_uploads_that_are_no_base64(basic, value):
    headers = {"tus-resumable": "1.0.0", "upload-length": "1", "upload-metadata": value.encode("latin-1")}
    answer = httpx.post(f"{basic.url}/gradio_api/tus", headers=headers)
    assert answer.status_code == 422, answer.text
    assert "base64" in answer.text
