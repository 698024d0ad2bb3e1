"""Endpoints with every kind of typed parameter."""

import dataclasses
import datetime
import enum
import time
from typing import Annotated, Any, Literal, Optional, TypedDict

import msgspec
import numpy as np
import numpy.typing as npt
import pydantic
import tqdm

import spaceport as sp

space = sp.Space()


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclasses.dataclass
class Point:
    x: float
    y: float = 0


class Job(TypedDict):
    name: str
    size: int


class Person(pydantic.BaseModel):
    name: str = pydantic.Field(min_length=1)
    age: int = pydantic.Field(ge=0)


class Box(msgspec.Struct):
    width: Annotated[int, msgspec.Meta(gt=0)]
    label: str = "box"


@space.api
def enumeration(color: Color = Color.RED) -> str:
    return repr(color)


@space.api
def literal(size: Literal[1, 2] = 1) -> str:
    return repr(size)


@space.api
def dataclass(point: Point) -> Point:
    return Point(point.y, point.x)


@space.api
def typed_dict(job: Job) -> Job:
    return {"name": job["name"], "size": job["size"] + 1}


@space.api
def model(person: Person) -> Person:
    return Person(name=person.name.upper(), age=person.age + 1)


@space.api
def struct(box: Box) -> Box:
    return Box(box.width * 2, box.label)


@space.api
def moment(when: datetime.datetime) -> datetime.datetime:
    return when + datetime.timedelta(days=1)


@space.api
def containers(numbers: list[int], table: dict[str, float], pair: tuple[int, str]) -> str:
    return repr((numbers, table, pair))


@space.api
def optional(text: Optional[str] = None, either: int | str = 3) -> str:  # noqa: UP045
    return repr((text, either))


@space.api
def anything(value: Any) -> Any:
    return value


@space.api
def many(people: list[Person]) -> dict[str, Person]:
    return {person.name: person for person in people}


@space.api
def bars(n: int, progress=sp.Progress(track_tqdm=True)) -> int:  # noqa: B008
    for _ in tqdm.tqdm(range(n), desc="Bars"):
        time.sleep(0.05)
    return n


@space.api
def mixed(
    text: Annotated[str, sp.Textbox(lines=3)], n: Annotated[int, sp.Slider(1, 9)] = 4
) -> Annotated[str, sp.Markdown()]:
    return f"**{text}**" * n


@space.api
def array(values: np.ndarray) -> np.ndarray:
    return values * 2


@space.api
def floats(values: npt.NDArray[np.float32], scale: npt.NDArray[np.uint8] | None = None) -> str:
    return f"{values.dtype} {values.shape} {None if scale is None else scale.dtype}"
