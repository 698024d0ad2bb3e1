"""Endpoints with typed models: reads items from CSV text, makes an invoice of them, checks bank account numbers."""

from __future__ import annotations

import csv
import datetime
import io
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

import msgspec
import pydantic

import spaceport as sp

space = sp.Space(title="Invoices", description="Makes invoices, and checks bank account numbers.")

Country = Literal["DE", "FR", "NL"]
_RATES: dict[str, dict[str, str]] = {
    "DE": {"standard": "0.19", "reduced": "0.07"},
    "FR": {"standard": "0.20", "reduced": "0.055"},
    "NL": {"standard": "0.21", "reduced": "0.09"},
}
_IBAN_LENGTHS = {"DE": 22, "FR": 27, "NL": 18, "BE": 16, "ES": 24, "IT": 27, "AT": 20}


class Item(pydantic.BaseModel):
    name: str = pydantic.Field(min_length=1)
    quantity: int = pydantic.Field(default=1, ge=1)
    price: float = pydantic.Field(ge=0, description="The price of one piece, without tax")
    rate: Literal["standard", "reduced"] = "standard"


class Order(pydantic.BaseModel):
    customer: str = pydantic.Field(min_length=1)
    country: Country = "DE"
    date: datetime.date
    items: list[Item] = pydantic.Field(min_length=1)


class Invoice(pydantic.BaseModel):
    number: str
    net: float
    taxes: dict[str, float]
    total: float
    due: datetime.date


class Account(msgspec.Struct):
    valid: bool
    country: str
    formatted: str
    reason: str = ""


@space.api
def parse_items(text: str, separator: Literal[",", ";", "tab"] = ",") -> list[Item]:
    """Read items from CSV text. Its header has the columns name, quantity, price, rate."""
    rows = csv.DictReader(io.StringIO(text.strip()), delimiter={"tab": "\t"}.get(separator, separator))
    return [_item(number, row) for number, row in enumerate(rows, 2)]


@space.api
def invoice(order: Order, days_to_pay: int = 14) -> Invoice:
    """Make the invoice of an order: net, taxes and total, rounded half up, once for each tax rate."""
    nets: dict[str, Decimal] = {}
    for item in order.items:
        nets[item.rate] = nets.get(item.rate, Decimal(0)) + Decimal(str(item.price)) * item.quantity
    taxes = {rate: _cents(net * Decimal(_RATES[order.country][rate])) for rate, net in sorted(nets.items())}
    net = sum((_cents(value) for value in nets.values()), Decimal(0))
    return Invoice(
        number=f"{order.date:%Y%m%d}-{order.country}-{len(order.items):02}",
        net=float(net),
        taxes={rate: float(tax) for rate, tax in taxes.items()},
        total=float(net + sum(taxes.values(), Decimal(0))),
        due=order.date + datetime.timedelta(days=days_to_pay),
    )


@space.api
def check_account(iban: str) -> Account:
    """Check an IBAN: its country, length and check digits (ISO 13616, ISO 7064 mod 97-10)."""
    compact = "".join(iban.split()).upper()
    country = compact[:2]
    formatted = " ".join(compact[at : at + 4] for at in range(0, len(compact), 4))
    if not compact.isalnum() or not compact.isascii():
        return Account(False, country, formatted, "only letters and digits are allowed")
    if country not in _IBAN_LENGTHS:
        return Account(False, country, formatted, f"unknown country; known: {', '.join(sorted(_IBAN_LENGTHS))}")
    if len(compact) != _IBAN_LENGTHS[country]:
        return Account(False, country, formatted, f"{country} accounts have {_IBAN_LENGTHS[country]} characters")
    digits = "".join(str(int(character, 36)) for character in compact[4:] + compact[:4])
    if int(digits) % 97 != 1:
        return Account(False, country, formatted, "the check digits do not match")
    return Account(True, country, formatted)


def _item(line: int, row: dict[str, str]) -> Item:
    try:
        return Item.model_validate({key: value for key, value in row.items() if key and value})
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "row"
        raise sp.Error(f"Line {line}, {place}: {first['msg']}") from None


def _cents(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


if __name__ == "__main__":
    space.launch()
