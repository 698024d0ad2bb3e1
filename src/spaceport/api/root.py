"""The public URL of an app (gradio-wire §4.5), from its settings and the request.

Unlike Gradio, `X-Forwarded-*` are believed only when the operator says that a trusted proxy sets them, and
`x-gradio-server` (the address that the caller of a hub used) only by an app that a hub started.
"""

from __future__ import annotations

import re

from spaceport.api.exchange import HttpExchange

ANY_ROOT = "http://your-space.invalid"
"""The placeholder for the address in documents that are made once: the address depends on the request."""
_PLAIN = re.compile(r"[A-Za-z0-9._:/%~\[\]-]+")
"""Addresses that need no quoting in any language of the snippets: a `Host` header may hold anything."""


def public_root(request: HttpExchange) -> str:
    """The address of the app as its caller knows it: origin and root path, without a slash at the end."""
    options = request.context.options
    if options.behind_hub:
        given = request.header(b"x-gradio-server").rstrip("/")
        if given.startswith(("http://", "https://")) and _PLAIN.fullmatch(given):
            return given
    if options.root_path.startswith(("http://", "https://")):
        return options.root_path.rstrip("/")
    scheme = str(request.scope.get("scheme", "http"))
    host = request.host or "localhost"
    if options.trust_forwarded:
        scheme = request.header(b"x-forwarded-proto").split(",")[0].strip() or scheme
    mounted = str(request.scope.get("root_path", "")) or options.root_path
    return f"{scheme}://{host}{('/' + mounted.strip('/')) if mounted.strip('/') else ''}"


def quotable_root(request: HttpExchange) -> str:
    """The public URL for code and Markdown; a placeholder where a `Host` header holds what would need quoting there."""
    root = public_root(request)
    return root if _PLAIN.fullmatch(root) else ANY_ROOT


def rooted(document: bytes, root: str) -> bytes:
    """Put the reader's address into a document that has a placeholder for it."""
    return document.replace(ANY_ROOT.encode(), root.encode()) if _PLAIN.fullmatch(root) else document
