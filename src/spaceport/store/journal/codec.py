"""Encodes an ended job as one blob: its outcome and the updates that a late reader may request, in msgpack."""

from __future__ import annotations

from typing import Any, cast

import msgspec

from spaceport.engine import Failure, Finished, LogLine, Outcome, Output, State
from spaceport.engine.updates import Entry, Update


class _Row(msgspec.Struct, array_like=True):
    state: str
    data: bytes | None
    failure: tuple[Any, ...] | None
    duration_s: float
    average_s: float | None
    changed: tuple[int, ...]
    streamed: bool
    seq: int
    entries: list[tuple[int, str, list[Any]]]
    base: list[Any] | None
    folded: int
    cached: bool = False


def _plain(value: Any) -> Any:
    return str(value)


_encoder = msgspec.msgpack.Encoder(enc_hook=_plain)
_decoder = msgspec.msgpack.Decoder(_Row)


def pack(record: Finished, *, data: bool = True) -> bytes:
    """Without `data`, the outcome's own is left out."""
    outcome, failure = record.outcome, record.outcome.failure
    row = _Row(
        outcome.state.value,
        cast("bytes | None", outcome.data) if data else None,  # a bytearray is encoded alike
        None
        if failure is None
        else (failure.code, failure.message, failure.visible, failure.duration_s, failure.title, failure.shown),
        outcome.duration_s,
        outcome.average_s,
        outcome.changed,
        outcome.streamed,
        record.seq,
        [_pack_entry(seq, update) for seq, update in record.entries],
        record.base,
        record.folded,
        outcome.cached,
    )
    return _encoder.encode(row)


def unpack(
    job_id: str, blob: bytes, finished_at: float, expires_at: float, attempt: int, started_at: float | None
) -> Finished:
    row = _decoder.decode(blob)
    outcome = Outcome(
        State(row.state),
        row.data,
        None if row.failure is None else Failure(*row.failure),
        row.duration_s,
        row.average_s,
        row.changed,
        row.streamed,
        row.cached,
    )
    entries = [_unpack_entry(*entry) for entry in row.entries]
    return Finished(
        job_id, outcome, finished_at, expires_at, attempt, started_at, row.seq, entries, row.base, row.folded
    )


def _pack_entry(seq: int, update: Update) -> tuple[int, str, list[Any]]:
    if isinstance(update, Output):
        return seq, "output", [update.edits, update.at_s]
    assert isinstance(update, LogLine)
    return seq, "log", [update.text, update.level, update.duration_s, update.visible, update.title]


def _unpack_entry(seq: int, kind: str, fields: list[Any]) -> Entry:
    if kind == "output":
        edits = (tuple((op, tuple(path), value) for op, path, value in one) for one in fields[0])
        return seq, Output(tuple(edits), fields[1])
    return seq, LogLine(*fields)
