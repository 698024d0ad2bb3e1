"""Endpoints for tests/web/test_faults_*.py: slow ones, JSON ones, a long table, Markdown."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pydantic

import spaceport as sp

space = sp.Space(title="Faults")
runs: list[str] = []


@dataclass
class Order:
    count: int
    note: str = ""


class Email(pydantic.BaseModel):
    kind: Literal["email"] = "email"
    address: str = pydantic.Field(pattern="@")


class Phone(pydantic.BaseModel):
    kind: Literal["phone"] = "phone"
    number: str


class Guest(pydantic.BaseModel):
    name: str = pydantic.Field(pattern="^[A-Z]")
    nights: int = 1


class Booking(pydantic.BaseModel):
    room: str = pydantic.Field(pattern="^[0-9]+$")
    contact: Annotated[Email | Phone, pydantic.Field(discriminator="kind")]
    guests: list[Guest]


@space.api
def wait(text: str, seconds: float = 1.0) -> str:
    """Takes its time."""
    runs.append(text)
    for _ in range(int(seconds * 20)):
        time.sleep(0.05)
        if sp.cancelled():
            break
    return f"waited for {text}"


@space.api
def started() -> str:
    """How often `wait` was called, by text."""
    return ",".join(runs)


@space.api(inputs=[sp.JSON(label="Data")])
def keys(data: Any) -> str:
    """The keys of an object."""
    return f"given: {data!r}"


@space.api
def order(order: Order, times: int) -> str:
    """A model as an argument."""
    return f"{order.count} {times}"


@space.api
def book(booking: Booking) -> str:
    """Models inside of a model, with rules that only the server knows."""
    return ", ".join(guest.name for guest in booking.guests)


@space.api
def short(text: str) -> str:
    """Fails for some texts."""
    if text == "fail":
        raise sp.Error("It failed.")
    return text


@space.api(outputs=sp.Dataframe(label="Rows"))
def rows(count: int) -> dict[str, Any]:
    """A table of any length."""
    words = "internationalization of the documentation"
    data = [[n, (n * 7919) % count, f"{words} {n}", "a" * (n % 5)] for n in range(count)]
    return {"headers": ["number", "other", "a text in words", "short"], "data": data}


@space.api(outputs=sp.Markdown(label="Rendered"))
def markdown(text: str) -> str:
    """Markdown back."""
    return text


@space.api(inputs=[sp.File(label="File")], outputs=[sp.File(label="Copy")])
def copy(value: Any) -> Any:
    """A file back."""
    return value


if __name__ == "__main__":
    space.launch()
