"""What `httpx_kwargs` and the client's own arguments say about connections: time limits, proxies, TLS, headers."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spaceport.client.proxies import proxy_of_environment
from spaceport.client.transport.base import Origin, Timeouts

_KNOWN = frozenset(
    ["timeout", "proxy", "verify", "headers", "cookies", "trust_env", "auth", "follow_redirects", "cert", "limits"]
)


@dataclass(slots=True)
class Settings:
    """How connections are made. `cert`: a client certificate: a file, or (file, key file[, password])."""

    verify: bool | str | ssl.SSLContext = True
    cert: str | tuple[str, ...] | None = None
    proxy: str | None = None
    trust_env: bool = True
    timeouts: Timeouts = field(default_factory=Timeouts)
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    basic_auth: tuple[str, str] | None = None

    @classmethod
    def read(cls, given: Mapping[str, Any] | None, *, ssl_verify: bool) -> Settings:
        """From `httpx_kwargs`. Raises `TypeError` for an option that this client does not have."""
        given = dict(given or {})
        unknown = set(given) - _KNOWN
        if unknown:
            known = ", ".join(sorted(_KNOWN))
            raise TypeError(f"httpx_kwargs does not take {', '.join(sorted(unknown))}; it takes {known}.")
        settings = cls(verify=given.get("verify", True) if ssl_verify else False)
        settings.cert = given.get("cert")
        proxy = given.get("proxy")
        settings.proxy = None if proxy is None else str(getattr(proxy, "url", proxy))
        settings.trust_env = bool(given.get("trust_env", True))
        settings.headers = dict(given.get("headers") or {})
        settings.cookies = dict(given.get("cookies") or {})
        settings.basic_auth = given.get("auth")
        if "timeout" in given:
            settings.timeouts = _timeouts(given["timeout"])
        return settings

    def proxy_for(self, origin: Origin) -> str | None:
        """The proxy for a server: as given, else what the environment or the system says."""
        if self.proxy is not None:
            return self.proxy
        return proxy_of_environment(origin) if self.trust_env else None

    def tls(self) -> ssl.SSLContext:
        """The TLS context, with the certificates of the system and of certifi, or as `verify` says."""
        if isinstance(self.verify, ssl.SSLContext):
            return self.verify
        if isinstance(self.verify, str):
            folder = Path(self.verify).is_dir()
            context = ssl.create_default_context(
                cafile=None if folder else self.verify, capath=self.verify if folder else None
            )
        else:
            context = ssl.create_default_context()
            if not self.verify:
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
            else:
                _add_certifi(context)
        context.set_alpn_protocols(["http/1.1"])
        if self.cert is not None:
            context.load_cert_chain(*([self.cert] if isinstance(self.cert, str) else self.cert))
        return context


def _add_certifi(context: ssl.SSLContext) -> None:
    try:
        import certifi
    except ImportError:
        return
    context.load_verify_locations(certifi.where())


def _timeouts(given: Any) -> Timeouts:
    """From a number, a (connect, read, …) tuple, None, or an httpx.Timeout."""
    if given is None:
        return Timeouts(None, None)
    if isinstance(given, tuple):
        return Timeouts(given[0], given[1])
    if hasattr(given, "connect"):
        return Timeouts(given.connect, given.read)
    return Timeouts(float(given), float(given))
