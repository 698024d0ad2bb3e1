"""Python objects as arguments: what the schema makes plain is converted, else the error names the argument."""

from __future__ import annotations

import datetime as dt
import enum
import io
import uuid
from collections import deque
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pydantic
import pytest
from PIL import Image
from tests.conftest import Server
from tests.faults import fault

from spaceport import Client, handle_file
from spaceport.client.core.endpoints import Parameter
from spaceport.client.core.schemas import Schema
from spaceport.client.core.values import is_plain
from spaceport.client.temporary_files import TemporaryFiles

APP = """
import dataclasses
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import spaceport as sp

space = sp.Space()

@dataclasses.dataclass
class Point:
    x: float
    label: str = "p"

@space.api
def size(file: Path) -> int:
    return file.stat().st_size

@space.api
def picture(image: Annotated[object, sp.Image(type="pil")]) -> list:
    return [image.width, image.height]

@space.api
def sizes(files: list[Path]) -> list[int]:
    return [one.stat().st_size for one in files]

@space.api
def total(numbers: list[float]) -> float:
    return sum(numbers)

@space.api
def table(frame: Annotated[object, sp.Dataframe(type="array")]) -> object:
    return frame

@space.api
def text(words: str) -> str:
    return words

@space.api
def shown(pictures: Annotated[list, sp.Gallery()]) -> list[str]:
    return [f"{Path(path).read_text()} {caption}" for path, caption in pictures]

@space.api
def half(number: float) -> float:
    return number / 2

@space.api
def point(where: Point) -> str:
    return f"{where.x} {where.label}"

@space.api
def anything(value: Any) -> Any:
    return value
"""


@dataclass
class Point:
    x: object
    label: str = "q"


class Model(pydantic.BaseModel):
    x: float
    label: str = "m"


class Colour(enum.Enum):
    RED = "red"


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("arguments")
    (folder / "app.py").write_text(APP)
    server = Server(folder / "app.py", folder / "data", {})
    with Client(server.url, verbose=False) as made:
        yield made
    server.kill()


@fault(
    kind="client",
    given="`pathlib.Path`, `PIL.Image`, bytes, a numpy array, a pandas or polars DataFrame, datetime, Decimal, a "
    "dataclass or a pydantic model as an argument of the Python client",
    before="`TypeError: … is not JSON serializable`",
    now="converted where the parameter's schema makes plain how",
)
def test_objects_become_what_the_endpoint_takes(client, tmp_path):
    (tmp_path / "five").write_bytes(b"12345")
    image = Image.new("RGB", (3, 2))
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", None]})
    cases = [
        ("/size", Path(tmp_path / "five"), 5),
        ("/size", b"123", 3),
        ("/size", bytearray(b"1234"), 4),
        ("/sizes", [tmp_path / "five", b"12"], [5, 2]),
        ("/picture", image, [3, 2]),
        ("/picture", Image.open(io.BytesIO(jpeg())), [4, 4]),
        ("/total", np.array([1.5, 2]), 3.5),
        ("/total", np.arange(3), 3),
        ("/total", (np.float32(0.5), np.int64(2), Decimal("1.5")), 4.0),
        ("/total", pd.Series([1.0, 2.0]), 3.0),
        ("/total", pl.Series([1, 2]), 3),
        ("/total", deque([1, 2]), 3),
        ("/total", range(3), 3),
        ("/total", {2.5}, 2.5),
        ("/text", Colour.RED, "red"),
        ("/text", dt.date(2026, 1, 31), "2026-01-31"),
        ("/text", dt.datetime(2026, 1, 31, 12), "2026-01-31T12:00:00"),
        ("/text", Decimal("1.50"), "1.50"),
        ("/text", uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ("/half", Decimal(3), 1.5),
        ("/half", np.float64(3), 1.5),
        ("/point", Point(1.5), "1.5 q"),
        ("/point", Point(Decimal("2.5")), "2.5 q"),
        ("/point", Model(x=2), "2.0 m"),
        ("/anything", {"a": [Point(1, Colour.RED)]}, {"a": [{"x": 1, "label": "red"}]}),
        ("/anything", np.array([[1, 2]]), [[1, 2]]),
    ]
    for api_name, given, expected in cases:
        assert client.predict(given, api_name=api_name) == expected, (api_name, given)
    for one in (frame, pl.DataFrame({"a": [1, 2], "b": ["x", None]})):
        found = client.predict(one, api_name="/table")
        rows = found["data"] if isinstance(found, dict) else found
        assert rows == [[1, "x"], [2, None]]


def jpeg():
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4)).save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("api_name", "given", "said"),
    [
        ("/text", Path("x"), r"`words` takes str, and a pathlib\.\w+ was given: pass handle_file\(path\)"),
        ("/size", Path("/no/such/file"), "`file`: File /no/such/file does not exist"),
        ("/text", b"x", r"`words`.* a bytes was given: pass value\.decode"),
        ("/text", Image.new("RGB", (1, 1)), "`words`.*PIL"),
        ("/text", np.array([1]), r"`words`.*numpy\.ndarray"),
        ("/picture", np.zeros((2, 2, 3)), r"`image`.*PIL\.Image\.fromarray"),
        ("/text", pd.DataFrame({"a": [1]}), r"`words`.*DataFrame.*records"),
        ("/half", dt.date(2026, 1, 1), r"`number`.*datetime\.date"),
        ("/anything", Decimal(1), r"`value`.*float\(value\) or str\(value\)"),
        ("/anything", object(), "`value`.* a object was given: pass JSON values"),
        ("/anything", {"a": [1, object()]}, r"`value`\['a'\]\[1\]"),
        ("/text", Point(1), r"`words`.*Point was given: pass one of its fields"),
        ("/anything", lambda: 3, "`value`.*function"),
    ],
)
def test_the_error_names_the_argument_before_anything_is_sent(client, api_name, given, said):
    with pytest.raises(TypeError, match=said):
        client.submit(given, api_name=api_name)


def test_plain_values_are_not_looked_into():
    assert is_plain([1, {"a": ("x", None, True, 1.5)}])
    assert not is_plain([1, {"a": {2}}])
    assert not is_plain(np.float64(1))


def test_nothing_stays_on_disk():
    schema = Schema.of({"properties": {"path": {}, "meta": {}}})
    with TemporaryFiles() as files:
        (found,) = files.convert([b"abc"], [Parameter("file", False, None, True, schema)])
        assert Path(found["path"]).read_bytes() == b"abc"
    assert not Path(found["path"]).exists()
    with pytest.raises(TypeError):
        files.convert([b"abc", object()], [Parameter("file", False, None, True, schema)])
    assert files._folder is None


@fault(
    kind="client",
    given="a list of files for a Gallery in Python: `handle_file(…)`, paths",
    before="a `TypeError`, or 422: an item of a Gallery is an object with `image` or `video`",
    now="each file becomes such an item; items of a Gallery stay as they are",
)
def test_files_for_a_gallery_become_its_items(client, tmp_path):
    picture, film = tmp_path / "a.png", tmp_path / "b.mp4"
    picture.write_text("picture")
    film.write_text("film")
    item = {"image": handle_file(picture), "caption": "c"}
    plain = client.predict([handle_file(picture), handle_file(film)], api_name="/shown")
    assert plain == ["picture None", "film None"]
    mixed = client.predict([item, handle_file(film), film], api_name="/shown")
    assert mixed == ["picture c", "film None", "film None"]
    assert client.predict([item], api_name="/shown") == ["picture c"]
