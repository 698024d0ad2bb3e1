"""Files in and out, with the real Gradio."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from spaceport import Client, handle_file
from spaceport.client.status import Status


@pytest.fixture
def client(gradio, tmp_path):
    with Client(f"{gradio}/files/", verbose=False, download_files=tmp_path / "out") as made:
        yield made


def test_a_file_comes_back_with_its_bytes_and_name(client, tmp_path):
    given = tmp_path / "my näme 1.txt"
    given.write_bytes(b"some bytes\x00\xff" * 1000)
    found = Path(client.predict(handle_file(given), api_name="/same"))
    assert found.read_bytes() == given.read_bytes()
    assert found.suffix == ".txt"
    assert found.is_relative_to(tmp_path / "out")


def test_many_files_and_the_same_one_twice(client, tmp_path):
    paths = []
    for n in range(6):
        path = tmp_path / f"{n}.bin"
        path.write_bytes(bytes([n]) * (n + 1))
        paths.append(handle_file(path))
    assert client.predict([*paths, paths[0]], api_name="/sizes") == [1, 2, 3, 4, 5, 6, 1]
    copies = client.predict(paths[3], 3, api_name="/copies")
    assert [Path(one).read_bytes() for one in copies] == [b"\x03" * 4] * 3


def test_an_upload_tells_how_far_it_is(client, tmp_path):
    sizes = {"large.bin": 5 << 20, "small.bin": 10}
    for name, size in sizes.items():
        (tmp_path / name).write_bytes(b"x" * size)

    def updates(job):
        async def read():
            return [update async for update in job]

        return asyncio.run(read())

    files = [handle_file(tmp_path / name) for name in sizes]
    job = client.submit(files, api_name="/sizes")
    assert job.result() == list(sizes.values())
    told = [one.progress_data for one in updates(job) if getattr(one, "code", None) is Status.SENDING_DATA]
    assert len(told) >= 5
    large = [next(unit.index for unit in units if unit.desc == "large.bin") for units in told]
    assert large == sorted(large)
    assert {unit.desc: (unit.index, unit.length, unit.unit) for unit in told[-1]} == {
        name: (size, size, "bytes") for name, size in sizes.items()
    }
    again = client.submit(files, api_name="/sizes")
    assert again.result() == list(sizes.values())
    assert len([one for one in updates(again) if getattr(one, "code", None) is Status.SENDING_DATA]) == 2


def test_without_downloads_a_file_is_its_description(gradio, tmp_path):
    given = tmp_path / "a.txt"
    given.write_text("x")
    with Client(f"{gradio}/files/", verbose=False, download_files=False) as client:
        found = client.predict(handle_file(given), api_name="/same")
    assert found["orig_name"] == "a.txt"
    assert found["url"].startswith(gradio)


def test_what_is_no_file_is_refused_before_the_call(client, tmp_path):
    with pytest.raises(ValueError, match="does not exist"):
        handle_file(tmp_path / "missing.txt")
    gone = tmp_path / "gone.txt"
    gone.write_text("x")
    argument = handle_file(gone)
    gone.unlink()
    with pytest.raises(FileNotFoundError):
        client.predict(argument, api_name="/same")


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("http://x/a%2F..%2Fb.txt?q", "b.txt"),
        ("..", "file"),
        ("", "file"),
        ("a\x00b.txt", "a_b.txt"),
        ("x" * 300 + ".txt", "x" * 196 + ".txt"),
    ],
)
def test_a_downloaded_name_stays_in_its_folder(name, safe):
    from spaceport.client.core.files import safe_name

    assert safe_name(name) == safe
