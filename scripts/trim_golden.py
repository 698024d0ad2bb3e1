"""Copies the replayable part of recordings into tests/conformance/golden: `trim_golden.py RECORDINGS`.

Kept, in their order: curl steps that run one after another (method, path, body, headers that matter, answer), the
programs of both official clients with what they printed, and the description of the API.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

SCENARIOS = (
    "01",
    "02",
    "03",
    "04",
    "05",
    "08",
    "09",
    "12",
    "13",
    "14",
    "15",
    "16",
    "19",
    "20",
    "21",
    "22",
    "24",
    "26",
    "29",
    "42",
)
HERE = Path(__file__).parent.parent / "tests" / "conformance" / "golden"
LANGUAGES = {"python": "python", "npm": "js"}


def main() -> None:
    for number in SCENARIOS:
        (path,) = Path(sys.argv[1]).glob(f"{number}_*.json")
        recorded = json.loads(path.read_text())
        steps = []
        if recorded["metadata"]:
            info = recorded["metadata"]["info"]["json"]
            steps.append(_step("info", "GET", "/gradio_api/info", json=info))
        for step in recorded["steps"]:
            language = LANGUAGES.get(step["client"].split()[0])
            if language:
                kept = {"label": step["label"], "language": language}
                steps.append({**kept, "program": step["command"], "printed": step["client_output"]})
            elif step["client"] == "curl":
                steps += [_exchange(step["label"], exchange) for exchange in step["exchanges"]]
        (HERE / f"{number}.json").write_text(json.dumps(steps, indent=1, ensure_ascii=False) + "\n")


def _exchange(label: str, exchange: dict[str, Any]) -> dict[str, Any]:
    request, response = exchange["request"], exchange["response"]
    body = request.get("body", {})
    kept = {"content-type", "x-custom", "origin", "cookie", "user-agent", "accept"}
    return _step(
        label,
        request["method"],
        request["path"],
        headers=[pair for pair in request["headers"] if pair[0].lower() in kept],
        body=body.get("raw") or body.get("text") or body.get("printable"),
        status=response["status"],
        json=response.get("body", {}).get("json"),
        sse=response.get("sse_raw"),
    )


def _step(label: str, method: str, path: str, **other: Any) -> dict[str, Any]:
    empty = {"headers": [], "body": None, "status": 200, "json": None, "sse": None}
    return {"label": label, "method": method, "path": path, **empty, **other}


if __name__ == "__main__":
    main()
