"""Every example serves and does its work on real input."""

from __future__ import annotations

import json

import pytest
from tests.conftest import ROOT

LICENSE = (ROOT / "LICENSE").read_text()


def test_the_summarizer_streams_sentences_of_the_text(serve):
    server = serve(ROOT / "examples" / "summarize.py")
    event_id = server.call("summarize", {"text": LICENSE, "sentences": 2}).json()["event_id"]
    events = server.events("summarize", event_id)
    assert [event for event, _, _ in events] == ["generating", "generating", "complete"]
    (summary,) = json.loads(events[-1][1])
    words = " ".join(LICENSE.split())
    assert all(sentence.strip() in words for sentence in summary.split(". ") if sentence)
    assert 40 < len(summary) < len(words) / 2


def test_primes_are_counted_and_factored(serve):
    server = serve(ROOT / "examples" / "primes.py")
    counted = server.call("count_primes", [1_000_000], prefer="wait=60")
    assert counted.json()["data"] == [78498]
    factored = server.call("factor", {"number": 600851475143}, prefer="wait=60").json()["data"][0]
    assert [factor["prime"] for factor in factored["factors"]] == [71, 839, 1471, 6857]


def test_a_long_count_shows_progress_and_can_be_cancelled(serve):
    server = serve(ROOT / "examples" / "primes.py")
    event_id = server.call("count_primes", [50_000_000]).json()["event_id"]
    with server.http.stream("GET", f"/gradio_api/call/count_primes/{event_id}?events=all") as response:
        assert next(line for line in response.iter_lines() if line == "event: progress")
    assert server.http.delete(f"/gradio_api/jobs/{event_id}").json()["state"] == "cancelled"


def test_the_chat_remembers_its_session(serve):
    server = serve(ROOT / "examples" / "chat.py")

    def say(message):
        body = {"data": [message], "session_hash": "s"}
        event_id = server.call("chat", body).json()["event_id"]
        return json.loads(server.events("chat", event_id)[-1][1])[0]

    assert say("I need a holiday") == "Why do you need a holiday?"
    assert "before" in say("I need a holiday")


def test_sentences_are_ranked_by_meaning(serve):
    server = serve(ROOT / "examples" / "similarity.py")

    def alike(first, second):
        return server.call("similarity", [first, second], prefer="wait=60").json()["data"][0]

    near = alike("A man is eating food.", "A man is eating a piece of bread.")
    far = alike("A man is eating food.", "The girl is carrying a baby.")
    assert alike("A man is eating food.", "A man is eating food.") == 1.0
    assert near > 0.7 > 0.2 > far
    sentences = ["Stocks fell on Monday.", "How do I bake bread?", "A recipe for sourdough loaves", "Rain is expected"]
    body = {"query": "baking bread at home", "sentences": sentences, "top": 2}
    ranked = server.call("rank", body, prefer="wait=60").json()["data"][0]
    assert {match["sentence"] for match in ranked} == {"How do I bake bread?", "A recipe for sourdough loaves"}
    assert ranked[0]["score"] > ranked[1]["score"]


def test_invoices_go_from_text_to_total(serve):
    server = serve(ROOT / "examples" / "invoices.py")

    def call(endpoint, body):
        return server.call(endpoint, body, prefer="wait=30").json()

    text = "name,quantity,price,rate\nPaper,3,4.99,standard\nBread,2,2.50,reduced\n"
    items = call("parse_items", {"text": text})["data"][0]
    assert [item["quantity"] for item in items] == [3, 2]
    order = {"customer": "Ann", "date": "2026-11-23", "items": items}
    made = call("invoice", {"order": order})["data"][0]
    assert made["net"] == 19.97
    assert made["taxes"] == {"reduced": 0.35, "standard": 2.84}
    assert made["total"] == 23.16
    assert made["due"] == "2026-12-07"
    assert call("check_account", {"iban": "DE89 3704 0044 0532 0130 00"})["data"][0]["valid"] is True
    assert "check digits" in call("check_account", {"iban": "DE88370400440532013000"})["data"][0]["reason"]
    wrong = call("invoice", {"order": {**order, "items": []}})
    assert wrong["code"] == "invalid_input"
    broken = call("parse_items", {"text": "name,price\nPen,cheap"})
    assert "Line 2, price" in str(broken)


@pytest.mark.parametrize("name", sorted(path.stem for path in (ROOT / "examples").glob("*.py")))
def test_its_document_is_complete(serve, name):
    server = serve(ROOT / "examples" / f"{name}.py")
    document = server.http.get("/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation["responses"], path
    assert server.http.get("/").status_code == 200
