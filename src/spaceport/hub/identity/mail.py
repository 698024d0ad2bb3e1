"""Mail that the hub sends: links that set a password, confirm an address, or invite.

What cannot be sent is logged and counted for the hub's admins, without the link; an admin can make another one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any
from urllib.parse import unquote, urlsplit

from spaceport.errors import InvalidInput, TransportError

logger = logging.getLogger("spaceport.hub")
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,8}")
_MAX_ADDRESS = 254
_TIMEOUT_S = 15.0
_WAITING = 200
_TRIES_AFTER_S = (0.0, 2.0, 10.0)
"""How long before each try to send a mail that nobody waits for."""
_MAX_TEXT = 300


@dataclass(frozen=True, slots=True)
class MailOptions:
    """`url`: of the SMTP server; `sender`: the address that mail comes from."""

    url: str
    sender: str

    def __post_init__(self) -> None:
        """Raises `InvalidInput`."""
        parts = urlsplit(self.url)
        try:
            fits = parts.scheme in _PORTS and bool(parts.hostname) and parts.port != 0
        except ValueError:
            fits = False
        if not fits:
            raise InvalidInput(
                "SPACEPORT_HUB_SMTP_URL is like smtps://user:password@mail.example.org:465, with one of"
                f" {', '.join(_PORTS)} in front."
            )
        if parts.password and parts.scheme == "smtp" and parts.hostname not in _LOOPBACK:
            raise InvalidInput(
                "SPACEPORT_HUB_SMTP_URL would send its password in the clear: use smtp+starttls or smtps."
            )
        check_address(self.sender)


def check_address(address: str) -> str:
    """The address itself. Raises `InvalidInput` for what is not one."""
    if len(address) > _MAX_ADDRESS or not _ADDRESS.fullmatch(address):
        raise InvalidInput(f"{address[:100]!r} is not an address for mail.")
    return address


class Mailer:
    """Sends mail through one server. Belongs to one event loop; `close` it."""

    def __init__(self, options: MailOptions) -> None:
        self._options = options
        self._waiting: asyncio.Queue[Callable[[], Awaitable[None]]] = asyncio.Queue(_WAITING)
        self._worker: asyncio.Task[None] | None = None
        self.sent = 0
        self.failed = 0
        self.problem: tuple[float, str] | None = None
        """When a mail could not be sent last, and why."""

    async def close(self) -> None:
        if self._worker is not None:
            self._worker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._worker

    async def send(self, to: str, subject: str, text: str) -> None:
        """Send now. Raises `TransportError`, which says what the server said, and tells the admins as well."""
        import aiosmtplib

        try:
            message = self._message(to, subject, text)
            await aiosmtplib.send(message, **_connection(self._options.url))
        except (aiosmtplib.SMTPException, OSError, ValueError, asyncio.TimeoutError) as error:
            said = f"{type(error).__name__}: {error}"[:_MAX_TEXT]
            self.failed, self.problem = self.failed + 1, (time.time(), said)
            logger.error("Mail could not be sent (%s): %s", subject, said)  # noqa: TRY400
            raise TransportError(f"The mail could not be sent: {said}") from None
        self.sent += 1

    def later(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do work that sends mail, after what waits already; what it raises as `send` does, is tried again."""
        if self._worker is None:
            self._worker = asyncio.ensure_future(self._run())
        try:
            self._waiting.put_nowait(work)
        except asyncio.QueueFull:
            self.failed, self.problem = self.failed + 1, (time.time(), f"{_WAITING} mails wait already")
            logger.error("Mail was not sent: %d wait already.", _WAITING)  # noqa: TRY400

    async def _run(self) -> None:
        while True:
            work = await self._waiting.get()
            for wait_s in _TRIES_AFTER_S:
                await asyncio.sleep(wait_s)
                if await _done(work):
                    break

    def _message(self, to: str, subject: str, text: str) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._options.sender, check_address(to), subject
        message["Date"], message["Message-ID"] = (
            formatdate(),
            make_msgid(domain=self._options.sender.rpartition("@")[2]),
        )
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        return message


async def _done(work: Callable[[], Awaitable[None]]) -> bool:
    try:
        await work()
    except TransportError:  # counted and logged where it was raised
        return False
    except Exception:
        logger.exception("What would have sent a mail failed.")
    return True


def _connection(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    return {
        "hostname": parts.hostname,
        "port": parts.port or _PORTS[parts.scheme],
        "username": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password) if parts.password else None,
        "use_tls": parts.scheme == "smtps",
        "start_tls": parts.scheme == "smtp+starttls",
        "timeout": _TIMEOUT_S,
    }
