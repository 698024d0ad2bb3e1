"""What of an invitation is mailed: its link, which the answer has as well, whatever becomes of the mail."""

from __future__ import annotations

from starlette.requests import Request

from spaceport.errors import Conflict, TransportError
from spaceport.hub.api.request import context_of
from spaceport.hub.identity.mail import Mailer, check_address
from spaceport.store.hub.ports import Owner

NO_MAIL = "This hub sends no mail: ask its admin for a link."


def mailer_of(request: Request) -> Mailer:
    """Raises `Conflict` where the hub sends no mail."""
    found = context_of(request).mailer
    if found is None:
        raise Conflict(NO_MAIL)
    return found


async def mail_invitation(request: Request, address: str, link: str, inviter: Owner) -> dict[str, object]:
    """Mail it to an address, if there is one; what the answer says of that."""
    if not address:
        return {}
    try:
        text = f"{inviter.name} invites you to {context_of(request).public_url}:\n\n{link}\n"
        await mailer_of(request).send(address, "An invitation", text)
    except (TransportError, Conflict) as error:
        return {"mailed": False, "problem": error.message}
    return {"mailed": True}


def address_of_invited(values: dict[str, object]) -> str:
    """The `email` of a body; empty for none. Raises `InvalidInput`."""
    found = values.get("email")
    return check_address(str(found)) if found else ""
