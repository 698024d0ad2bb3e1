"""DateTime: a date, with or without a time."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from spaceport.space.components.base import Component
from spaceport.space.errors import ValueRejected

_NOW = re.compile(r"now(?:\s*-\s*(\d{1,9})\s*([smhd]))?")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class DateTime(Component):
    """`type`: "timestamp" (seconds since 1970, float), "datetime" or "string". `timezone`: of the text, default UTC.

    Takes `YYYY-MM-DD HH:MM:SS` (`YYYY-MM-DD` without `include_time`), and `now`, `now - 5m` (s, m, h, d).
    Raises `ValueError` for an unknown time zone.
    """

    def __init__(
        self,
        value: Any = None,
        *,
        include_time: bool = True,
        type: str = "timestamp",  # noqa: A002  Gradio's name
        timezone: str | None = None,
        **props: Any,
    ) -> None:
        super().__init__(value, **props)
        if type not in ("timestamp", "datetime", "string"):
            raise ValueError("type is 'timestamp', 'datetime' or 'string'.")
        try:
            self._zone: dt.tzinfo = dt.timezone.utc if timezone is None else ZoneInfo(timezone)
        except ZoneInfoNotFoundError:
            raise ValueError(f"There is no time zone {timezone!r}.") from None
        self._form = "%Y-%m-%d %H:%M:%S" if include_time else "%Y-%m-%d"
        self._shown = "YYYY-MM-DD HH:MM:SS" if include_time else "YYYY-MM-DD"
        self._naive = timezone is None
        self.type = type

    @property
    def example(self) -> Any:
        return dt.datetime(2020, 10, 1, 5, 20, 15).strftime(self._form)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "description": f"Formatted as {self._shown}"}

    def from_wire(self, value: Any) -> Any:
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise ValueRejected(f"A DateTime takes text like {self._shown}.", "string_type")
        found = self._parsed(value.strip())
        if self.type == "string":
            return found.strftime(self._form)
        if self.type == "timestamp":
            return found.timestamp()
        return found.replace(tzinfo=None) if self._naive else found

    def _parsed(self, value: str) -> dt.datetime:
        now = _NOW.fullmatch(value)
        try:
            if now is not None:
                ago = dt.timedelta(**{_UNITS[now[2]]: int(now[1])}) if now[1] else dt.timedelta()
                return dt.datetime.now(self._zone) - ago
            return dt.datetime.strptime(value, self._form).replace(tzinfo=self._zone)
        except (ValueError, OverflowError):
            raise ValueRejected(
                f"{value[:50]!r} is not a valid time: send {self._shown}, or `now`.", "datetime"
            ) from None

    def to_wire(self, value: Any) -> str | None:
        if value is None:
            return None
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return dt.datetime.fromtimestamp(value, self._zone).strftime(self._form)
        if isinstance(value, dt.datetime):
            return (value.astimezone(self._zone) if value.tzinfo is not None else value).strftime(self._form)
        if isinstance(value, dt.date):
            return value.strftime(self._form)
        if isinstance(value, str):
            return self._parsed(value.strip()).strftime(self._form)
        raise ValueRejected(f"A DateTime shows a timestamp, a datetime or a text, not {type(value).__name__}.")
