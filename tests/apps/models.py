"""Classes with fields as parameters and results: of every kind, with defaults, and some inside of themselves."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple, Optional

import attrs
import msgspec
import pydantic
import pydantic.dataclasses
from typing_extensions import NotRequired, TypedDict

import spaceport as sp

space = sp.Space()


@dataclasses.dataclass
class Order:
    id: int
    note: Optional[str] = None  # noqa: UP045
    n: int = 5


@dataclasses.dataclass
class Basket:
    first: Order
    rest: list[Order] = dataclasses.field(default_factory=list)
    by_name: dict[str, Order] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Node:
    v: int
    children: list[Node] = dataclasses.field(default_factory=list)


class TypedNode(TypedDict):
    v: int
    children: NotRequired[list[TypedNode]]


class StructNode(msgspec.Struct):
    v: int
    children: list[StructNode] = []


class PydanticNode(pydantic.BaseModel, extra="forbid"):
    v: int
    children: list[PydanticNode] = []


class Left(pydantic.BaseModel):
    right: Optional[Right] = None  # noqa: UP045


class Right(pydantic.BaseModel):
    left: Optional[Left] = None  # noqa: UP045


class Fields(NamedTuple):
    v: int
    n: int = 5


@attrs.define
class Attrs:
    v: int
    n: int = 5


@pydantic.dataclasses.dataclass
class Holder:
    node: PydanticNode
    order: Order


@space.api
def order(value: Order) -> Order:
    return value


@space.api
def own(value: Order) -> list[str]:
    return sorted(vars(value))


@space.api
def basket(value: Basket) -> Basket:
    return value


@space.api
def orders(value: list[Order]) -> list[Order]:
    return value


@space.api
def untyped(value: Order):
    return {"got": value, "made": Order(2)}


@space.api
def maybe(value: Order | None = None) -> Order | None:
    return value


@space.api
def node(value: Node) -> Node:
    return value


@space.api
def nodes(value: list[Node]) -> list[Node]:
    return value


@space.api
def typed_node(value: TypedNode) -> TypedNode:
    return value


@space.api
def struct_node(value: StructNode) -> StructNode:
    return value


@space.api
def pydantic_node(value: PydanticNode) -> PydanticNode:
    return value


@space.api
def mutual(value: Left) -> Left:
    return value


@space.api
def holder(value: Holder) -> Holder:
    return value


@space.api
def fields(value: Fields) -> Fields:
    return value


@space.api
def attributes(value: Attrs) -> Attrs:
    return value


@space.api
def anything(value: pydantic.JsonValue) -> pydantic.JsonValue:
    return value


@space.api
def named_values(value: dict[str, pydantic.JsonValue]) -> dict[str, pydantic.JsonValue]:
    return value


@space.api
def nothing(value: tuple[()]) -> int:
    return len(value)
