"""On whose behalf the current code runs. A Space that calls another passes its visitor's `x-ip-token` on, so that the
hub counts the work for the visitor and not for the Space (clients.md, `add_zero_gpu_headers`).
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
"""What may know. Our own server adds itself."""


def visitor_headers() -> dict[str, str]:
    """Headers for a call that is made now, in this context."""
    for source in sources:
        token = source()
        if token:
            return {HEADER: token}
    return {}
