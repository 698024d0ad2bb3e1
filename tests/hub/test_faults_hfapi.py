"""Inputs that once broke the hub's API, against a real hub."""

from __future__ import annotations

import threading
import time

import pytest
from tests.faults import fault
from tests.hub.test_hfapi import commit

LINES = "---" + "\n" * 65_533


def make(client, name, **fields):
    made = client.post("/api/repos/create", json={"name": name, "type": "space", **fields})
    assert made.status_code == 200, made.text
    return made


@fault(
    kind="parser",
    given="`POST /api/validate-yaml` without a token, with `---` and 65,533 line ends",
    before="the hub and all apps stood still for 30 s",
    now="is refused: it asks for a token; with one, others are answered meanwhile",
)
def test_validating_a_readme_keeps_nobody_waiting(hub):
    with hub.http() as nobody, hub.http("bob") as bob:
        body = {"content": LINES, "repoType": "space"}
        assert nobody.post("/api/validate-yaml", json=body).status_code == 401
        slow = {"content": "---\n" + "a: b\n" * 13_000 + "---\n", "repoType": "space"}
        posts = threading.Thread(
            target=lambda: [bob.post("/api/validate-yaml", json=one, timeout=60) for one in (body, slow) * 2]
        )
        posts.start()
        waits = []
        while posts.is_alive():
            begun = time.perf_counter()
            assert nobody.get("/healthz").status_code == 200
            waits.append(time.perf_counter() - begun)
        posts.join()
        assert sorted(waits)[len(waits) // 2] < 0.5
        assert max(waits) < 3


BAD = {
    "nesting": "x: " + "[" * 900,
    "itself": "x: &a [*a]",
    "bytes": "x: !!binary aGk=",
    "a set": "x: !!set {a, b}",
    "tags": "tags: 5",
    "surrogate": 'x: "\\ud800"',
    "sdk": "sdk: docker",
}


@fault(
    kind="parser",
    given="a commit whose README has `!!binary`, `&a [*a]`, 900 brackets, `tags: 5` or a lone surrogate",
    before="was made (and answered 500); the listing of all Spaces was 500 for everybody from then on",
    now="is refused with the reason, and nothing is committed",
)
@pytest.mark.parametrize("name", BAD)
def test_a_readme_with_faults_is_not_committed(hub, name):
    with hub.http("ann") as ann:
        space = f"bad-{name.replace(' ', '-')}"
        make(ann, space)
        refused = commit(ann, f"ann/{space}", {"README.md": f"---\n{BAD[name]}\n---\n".encode()})
        assert refused.status_code == 400
        assert refused.json()["error"].startswith("README.md cannot be committed")
        assert ann.get(f"/api/spaces/ann/{space}/refs").json()["branches"] == []


@fault(
    kind="parser",
    given="a README with `x: 2024-01-01`, `.nan` or a number of 20,000 hexadecimal digits",
    before="`GET /api/spaces`, everybody's, and the Space's info answered 500",
    now="the listing and the info show the text",
)
def test_a_date_in_a_readme_breaks_no_listing(hub):
    with hub.http("ann") as ann, hub.http("bob") as bob:
        make(ann, "dated")
        text = f"x: 2024-01-01\ny: .nan\nz: 0x{'f' * 20_000}\nsdk_version: 5.10"
        assert commit(ann, "ann/dated", {"README.md": f"---\n{text}\n---\n".encode()}).status_code == 200
        shown = bob.get("/api/spaces/ann/dated").json()["cardData"]
        assert (shown["x"], shown["y"], shown["sdk_version"]) == ("2024-01-01", ".nan", "5.10")
        assert any(one["id"] == "ann/dated" for one in bob.get("/api/spaces").json())
