"""Cookies between callers and apps: the hub's own stay here, and an app's apply to its own address alone."""

from __future__ import annotations

_HUB_COOKIES = ("spaceport", "__Host-spaceport", "__Secure-spaceport")
"""How the names of the hub's own cookies begin."""


def cookies_for_app(headers: list[tuple[bytes, bytes]]) -> str:
    """The `Cookie` header that an app gets: the cookies that apps have set."""
    pairs = [pair.strip() for k, v in headers if k == b"cookie" for pair in str(v, "latin-1").split(";")]
    return "; ".join(pair for pair in pairs if pair and not pair.startswith(_HUB_COOKIES))


def sets_hub_cookie(header: tuple[bytes, bytes]) -> bool:
    """Whether an app tries to set a cookie of the hub's, whose session it would choose.

    Of `=name=value` browsers keep a cookie without a name, and send it as `name=value`.
    """
    name, value = header
    return name.lower() == b"set-cookie" and str(value, "latin-1").lstrip("= \t").strip().startswith(_HUB_COOKIES)


def scope_cookie(header: tuple[bytes, bytes], prefix: str) -> tuple[bytes, bytes]:
    """Limit a cookie that an app sets to the app's own path and host; other headers are returned unchanged.

    `prefix`: `/owner/name` in the path form, where browsers refuse cookies whose names begin with `__Host-`.
    """
    name, value = header
    if name.lower() != b"set-cookie":
        return header
    pair, *attributes = str(value, "latin-1").split(";")
    kept, path = [], "/"
    for attribute in attributes:
        key, _, text = attribute.partition("=")
        key = key.strip().lower()
        if key == "path":
            path = text.strip() if text.strip().startswith("/") else "/"
        elif key != "domain":
            kept.append(attribute.strip())
    return name, "; ".join([pair.strip(), *kept, f"Path={prefix}{path}"]).encode("latin-1")
