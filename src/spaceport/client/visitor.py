"""Tells on whose behalf the current code runs.

A Space that calls another passes its visitor's `x-ip-token` on, so that the hub counts the work for the visitor and not
for the Space, as gradio_client's `add_zero_gpu_headers` does.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

HEADER = "x-ip-token"


def _in_gradio() -> str | None:
    """The token of the request that a Gradio function of this process is answering."""
    context = sys.modules.get("gradio.context")
    request = None if context is None else context.LocalContext.request.get(None)
    token = None if request is None else request.headers.get(HEADER)
    return token if isinstance(token, str) else None


sources: list[Callable[[], str | None]] = [_in_gradio]
"""Functions that may know the visitor's token. Our own server adds one."""


def visitor_headers() -> dict[str, str]:
    """The headers that pass the visitor on, for a call made in the current context."""
    for source in sources:
        token = source()
        if token:
            return {HEADER: token}
    return {}
