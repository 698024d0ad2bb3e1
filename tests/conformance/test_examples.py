"""Every example serves and does its work on real input."""

from __future__ import annotations

import json
import subprocess
import wave
import zipfile
from pathlib import Path

import PIL.Image
import pytest
from tests.conftest import ROOT

from spaceport import Client, handle_file
from spaceport.client.errors import AppError

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


@pytest.fixture
def example(serve, tmp_path):
    """Connect to an example: `example("photo")`."""
    clients = []

    def connect(name):
        server = serve(ROOT / "examples" / f"{name}.py")
        clients.append(Client(server.url, verbose=False, download_files=tmp_path / "out"))
        return clients[-1]

    yield connect
    for client in clients:
        client.close()


def test_photos_are_transformed(example, tmp_path):
    client = example("photo")
    source = tmp_path / "photo.png"
    picture = PIL.Image.linear_gradient("L").convert("RGB")
    picture.paste((255, 0, 0), (20, 20, 120, 120))
    picture.save(source)
    for effect in ("sketch", "poster", "grey", "blur", "mirror"):
        found = PIL.Image.open(client.predict(handle_file(source), effect, api_name="/transform"))
        assert found.size == (256, 256)
        assert found.convert("RGB").tobytes() != picture.tobytes(), effect
    small = client.predict(handle_file(source), 64, api_name="/thumbnail")
    assert (PIL.Image.open(small).size, Path(small).suffix) == ((64, 64), ".jpeg")
    facts = client.predict(handle_file(source), api_name="/facts")
    assert (facts["width"], facts["mode"], len(facts["colours"])) == (256, "RGB", 5)


def test_files_are_packed_and_unpacked(example, tmp_path):
    client = example("archive")
    sources = []
    for number in range(3):
        path = tmp_path / str(number) / "same.txt"
        path.parent.mkdir()
        path.write_text(f"content {number}")
        sources.append(handle_file(path))
    packed = client.predict(sources, "mine", api_name="/pack")
    assert Path(packed).name == "mine.zip"
    assert zipfile.ZipFile(packed).namelist() == ["same.txt", "same (2).txt", "same (3).txt"]
    back = client.predict(handle_file(packed), api_name="/unpack")
    assert sorted(Path(one).read_text() for one in back) == ["content 0", "content 1", "content 2"]
    evil = tmp_path / "evil.zip"
    with zipfile.ZipFile(evil, "w") as archive:
        archive.writestr("../../evil.txt", "outside?")
    assert Path(client.predict(handle_file(evil), api_name="/unpack")[0]).name == "evil.txt"
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"\0" * (201 << 20))
    with pytest.raises(AppError, match="more than 500 files or 200 MB"):
        client.predict(handle_file(bomb), api_name="/unpack")
    with pytest.raises(AppError, match="not a zip archive"):
        client.predict(sources[0], api_name="/unpack")


def test_a_table_is_profiled(example, tmp_path):
    client = example("table")
    source = tmp_path / "people.csv"
    source.write_text("name;age;town\nAnn;30;Bonn\nBob;;Rome\nCem;50;Bonn\n")
    table, plot = client.predict(handle_file(source), api_name="/profile")
    rows = {row[0]: dict(zip(table["headers"], row, strict=True)) for row in table["data"]}
    assert (rows["age"]["missing"], rows["age"]["smallest"], rows["age"]["mean"]) == (1, 30.0, 40.0)
    assert (rows["town"]["distinct"], rows["town"]["mean"]) == (2, None)
    assert plot["type"] == "matplotlib"
    for number, text in enumerate((b"," * (5 << 20), b"a," * 9000 + b"\n", b"\0\xff" * 1000)):
        bomb = tmp_path / f"bomb{number}.csv"
        bomb.write_bytes(text)
        with pytest.raises(AppError):
            client.predict(handle_file(bomb), api_name="/profile")
    given = {"headers": ["name", "age"], "data": [["Ann", 30], ["Bob", 60]]}
    assert client.predict(given, "age", 1, api_name="/top")["data"] == [["Bob", 60]]
    with pytest.raises(AppError, match="There is no column 'x'"):
        client.predict(given, "x", 1, api_name="/top")


@pytest.mark.parametrize("installed", [True, False])
def test_frames_of_a_video(serve, tmp_path, installed):
    source = tmp_path / "video.mp4"
    if installed:
        picture = "testsrc=duration=2:size=64x48:rate=10"
        subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", picture, str(source)], check=True)
    else:
        source.write_bytes(b"no video")
    path = {} if installed else {"PATH": str(tmp_path)}
    server = serve(ROOT / "examples" / "video.py", **path)
    with Client(server.url, verbose=False, download_files=tmp_path / "out") as client:
        if not installed:
            with pytest.raises(AppError, match="apt install ffmpeg"):
                client.predict(handle_file(source), 3, api_name="/frames")
            return
        frames = client.predict(handle_file(source), 3, api_name="/frames")
        assert [one["caption"] for one in frames] == ["0.3 s", "1.0 s", "1.7 s"]
        assert {PIL.Image.open(one["image"]).size for one in frames} == {(64, 48)}


@pytest.mark.parametrize("installed", [True, False])
def test_a_text_is_spoken(serve, tmp_path, installed):
    server = serve(ROOT / "examples" / "speech.py", **({} if installed else {"PATH": str(tmp_path)}))
    with Client(server.url, verbose=False, download_files=tmp_path / "out") as client:
        if not installed:
            with pytest.raises(AppError, match="apt install espeak-ng"):
                client.predict("Hello", api_name="/speak")
            return
        with wave.open(client.predict("Hello there, how are you?", api_name="/speak")) as sound:
            assert sound.getnframes() / sound.getframerate() > 0.8
