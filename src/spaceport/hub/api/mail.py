"""Routes about mail: the caller's address, a link for who forgot the password, and how the server does."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.errors import NotFound, Unauthenticated
from spaceport.hub.api import browser
from spaceport.hub.api.bodies import form as read_form
from spaceport.hub.api.bodies import json_object, text_of
from spaceport.hub.api.html import form, show, text_input
from spaceport.hub.api.invitation_mail import NO_MAIL, mailer_of
from spaceport.hub.api.request import context_of, hub_of, in_thread, user_of
from spaceport.hub.api.sessions import confirm_password
from spaceport.hub.identity.mail import check_address

_CONFIRM = "confirm an address"
_INVALID = "This link is not valid any more: ask for a new one."
_SENT = "If there is an account with this address, a mail with a link is on its way."


async def status(request: Request) -> Response:
    """`GET /api/mail`: whether the hub sends mail, how many went out and how many did not, and why the last did not."""
    mailer = context_of(request).mailer
    if mailer is None:
        return JSONResponse({"configured": False})
    problem = None if mailer.problem is None else {"at": mailer.problem[0], "text": mailer.problem[1]}
    return JSONResponse({"configured": True, "sent": mailer.sent, "failed": mailer.failed, "problem": problem})


async def ask_reset(request: Request) -> Response:
    """`POST /api/password-reset-mails` with `email`: the same answer, as fast, whether anybody has that address."""
    send_resets(request, text_of(await json_object(request), "email"))
    return JSONResponse({"message": _SENT}, 202)


async def forgot(request: Request) -> Response:
    """`GET`, `POST /forgot`: asks for the address, and mails a link that sets a new password."""
    if context_of(request).mailer is None:
        return show(request, "Forgot your password?", f'<div class="card"><h1>No mail</h1><p>{NO_MAIL}</p></div>')
    if request.method == "POST":
        send_resets(request, dict(await read_form(request)).get("email", ""))
        text = f'<div class="card"><h1>Look into your mail</h1><p role="status">{_SENT}</p></div>'
        return show(request, "Forgot your password?", text, 202)
    inputs = [text_input("Address", "email", "email", "email")]
    return show(request, "Forgot your password?", form(request, "Forgot your password?", inputs, "Send a link"))


def send_resets(request: Request, address: str) -> None:
    """Mail links to the users of an address. All that depends on who they are is done after the answer.

    Raises `InvalidInput`, `Conflict` where the hub sends no mail, `RateLimited`.
    """
    mailer, hub = mailer_of(request), hub_of(request)
    root = context_of(request).public_url
    context_of(request).sign_in.count_sign_up(browser.address_of(request))
    check_address(address)
    if not hub.emails.may_mail(address):
        return

    async def work() -> None:
        for name, secret in await in_thread(lambda: hub.emails.resets(address)):
            link = f"{root}/reset/{secret}"
            text = (
                f"Somebody, most likely you, forgot the password of {name} at {root}.\n\n"
                f"Set a new one within a day: {link}\n\nElse there is nothing to do: the password stays as it is.\n"
            )
            await mailer.send(address, "Your password", text)

    mailer.later(work)


async def describe(request: Request) -> Response:
    """`GET /api/account/email`: the caller's address, and whether the hub sends mail."""
    hub, user = hub_of(request), user_of(request)
    address = await in_thread(lambda: hub.emails.get(user))
    return JSONResponse({"email": address, "mail": context_of(request).mailer is not None})


async def change(request: Request) -> Response:
    """`PUT /api/account/email` with `email` and `password`: mails a link that confirms it. Raises `TransportError`."""
    values, user = await json_object(request), user_of(request)
    context, address = context_of(request), check_address(text_of(values, "email"))
    mailer = mailer_of(request)
    await confirm_password(request, user, text_of(values, "password", ""))
    context.sign_in.count_sign_up(browser.address_of(request))
    if context.hub.emails.may_mail(address):
        known = {"user": user.name, "since": str(user.created_at), "email": address}
        link = f"{context.public_url}/confirm-email/{context.tickets.seal(_CONFIRM, known)}"
        who = f"{user.name} at {context.public_url}"
        text = f"Is this the address of {who}? Then confirm it within ten minutes:\n\n{link}\n"
        await mailer.send(address, "Confirm your address", text)
    return JSONResponse({"message": "Follow the link in the mail to confirm the address."}, 202)


async def remove(request: Request) -> Response:
    """`DELETE /api/account/email` with `password`."""
    hub, user = hub_of(request), user_of(request)
    await confirm_password(request, user, text_of(await json_object(request), "password", ""))
    await in_thread(lambda: hub.emails.set(user, ""))
    return JSONResponse({})


async def confirm(request: Request) -> Response:
    """`GET`, `POST /confirm-email/{secret}`: the address is the user's who asked for the mail."""
    hub, secret = hub_of(request), request.path_params["secret"]
    try:
        known = context_of(request).tickets.open(_CONFIRM, secret)
    except Unauthenticated:
        raise NotFound(_INVALID) from None
    user = hub.accounts.find(known["user"])
    if user is None or str(user.created_at) != known["since"]:
        raise NotFound(_INVALID)
    title = f"The address of {user.name}"
    if request.method == "GET":
        return show(request, title, form(request, f"{known['email']} is the address of {user.name}", [], "Confirm"))
    await in_thread(lambda: hub.emails.set(user, known["email"]))
    context_of(request).tickets.use_up(secret)
    return show(request, title, '<div class="card"><h1>Confirmed</h1><p><a href="/">Home</a></p></div>')
