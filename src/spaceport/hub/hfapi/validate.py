"""Checks a README's front matter before it is committed."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.hub.api.bodies import json_object, text_of
from spaceport.hub.api.request import in_thread
from spaceport.hub.spaces import readme

_MAX_BODY = 4 << 20


async def validate_yaml(request: Request) -> Response:
    """`POST /api/validate-yaml`: what is wrong with the front matter of a README."""
    content = text_of(await json_object(request, _MAX_BODY), "content")
    found = await in_thread(lambda: readme.faults_of(content))
    shown = {"errors": [{"message": text} for text in found], "warnings": []}
    return JSONResponse({**shown, "error": " ".join(found)} if found else shown, 400 if found else 200)
