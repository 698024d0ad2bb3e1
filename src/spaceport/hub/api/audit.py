"""The log of all accounts, for admins."""

from __future__ import annotations

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.errors import InvalidInput
from spaceport.hub.api.request import hub_of, in_thread
from spaceport.store.hub.audit_ports import AuditFilter

_PAGE = 100


async def search(request: Request) -> Response:
    """`GET /api/audit`: newest first; `account`, `space`, `action` (a part of it), `limit`, and `before`, the `next` of
    the page before. A page may be short, even empty, and not the last. Raises `InvalidInput`."""
    query, audit = request.query_params, hub_of(request).audit
    limit, before = _number(query.get("limit") or str(_PAGE)), query.get("before")
    wanted = AuditFilter(
        query.get("account") or None,
        query.get("space") or None,
        query.get("action") or None,
        _number(before) if before else None,
    )
    found, following = await in_thread(lambda: audit.search(wanted, limit))
    return JSONResponse({"entries": [asdict(one) for one in found], "next": following})


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise InvalidInput("`limit` and `before` must be whole numbers.")
    return int(text)
