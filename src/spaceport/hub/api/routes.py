"""The hub's own routes, in one table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response

from spaceport.api.pages import WEB
from spaceport.api.scripts import PATH
from spaceport.hub.api import (
    invitations,
    jobs,
    openid,
    operations,
    pages,
    people,
    second_factor,
    sessions,
    sharing,
    sign_in_pages,
    tiers,
    tokens,
    usage,
    visits,
)

_SPACE = "/api/spaces/{owner}/{name}"
_ORGANIZATION = "/api/organizations/{owner}"
_MEMBER = f"{_ORGANIZATION}/members/{{user}}"
_INVITATIONS = f"{_ORGANIZATION}/invitations"
Handler = Callable[[Request], Awaitable[Response]]
ROUTES: Sequence[tuple[str, str, Handler]] = (
    ("GET", "/healthz", operations.healthz),
    ("GET", "/readyz", operations.readyz),
    ("GET", "/metrics", operations.metrics),
    ("GET", PATH, pages.client_js),
    ("GET", f"{WEB}/{{file}}", pages.asset),
    ("GET", "/open", visits.open_space),
    ("GET", visits.SCRIPT_PATH, visits.script),
    ("GET", "/login", sign_in_pages.login),
    ("POST", "/login", sign_in_pages.login),
    ("GET", "/login/openid", openid.start),
    ("GET", "/login/openid/callback", openid.callback),
    ("POST", "/logout", sign_in_pages.logout),
    ("GET", "/signup", sign_in_pages.signup),
    ("POST", "/signup", sign_in_pages.signup),
    ("GET", "/join/{secret}", sign_in_pages.join),
    ("POST", "/join/{secret}", sign_in_pages.join),
    ("GET", "/reset/{secret}", sign_in_pages.reset),
    ("POST", "/reset/{secret}", sign_in_pages.reset),
    ("GET", "/api/tokens", tokens.listing),
    ("POST", "/api/tokens", tokens.add),
    ("DELETE", "/api/tokens/{id}", tokens.revoke),
    ("GET", "/api/account/log", tokens.log),
    ("POST", "/api/sessions", sessions.start),
    ("GET", "/api/sessions", sessions.listing),
    ("DELETE", "/api/sessions", sessions.revoke_others),
    ("DELETE", "/api/sessions/{id}", sessions.revoke),
    ("POST", "/api/sign-up", sessions.sign_up),
    ("GET", "/api/account", sessions.account),
    ("PUT", "/api/account/password", sessions.change_password),
    ("DELETE", "/api/account", sessions.remove),
    ("GET", "/api/account/openid", openid.describe),
    ("POST", "/api/account/openid", openid.link),
    ("DELETE", "/api/account/openid", openid.unlink),
    ("GET", "/api/account/second-factor", second_factor.describe),
    ("POST", "/api/account/second-factor", second_factor.start),
    ("PUT", "/api/account/second-factor", second_factor.confirm),
    ("DELETE", "/api/account/second-factor", second_factor.turn_off),
    ("POST", "/api/account/recovery-codes", second_factor.new_recovery_codes),
    ("DELETE", "/api/users/{owner}/second-factor", second_factor.reset),
    ("POST", "/api/password-resets", sessions.reset),
    ("POST", "/api/users/{owner}/password-reset", sessions.make_reset),
    ("GET", "/api/invitations", sessions.invitations),
    ("POST", "/api/invitations", sessions.invite),
    ("DELETE", "/api/invitations/{id}", sessions.revoke_invitation),
    ("GET", "/api/tiers", tiers.listing),
    ("PUT", "/api/tiers/{tier}", tiers.change),
    ("DELETE", "/api/tiers/{tier}", tiers.reset),
    ("GET", "/api/users", people.users),
    ("POST", "/api/users", people.add_user),
    ("PATCH", "/api/users/{owner}", people.change_user),
    ("DELETE", "/api/users/{owner}", people.remove_user),
    ("POST", "/api/organizations", people.add_organization),
    ("DELETE", _ORGANIZATION, people.remove_organization),
    ("PUT", _MEMBER, people.set_member),
    ("DELETE", _MEMBER, people.remove_member),
    ("POST", f"{_ORGANIZATION}/leave", people.leave),
    ("GET", _INVITATIONS, invitations.listing),
    ("POST", _INVITATIONS, invitations.add),
    ("DELETE", f"{_INVITATIONS}/{{id}}", invitations.revoke),
    ("POST", "/api/invitations/accept", invitations.accept),
    ("GET", f"{_SPACE}/guests", sharing.guests),
    ("PUT", f"{_SPACE}/guests/{{guest}}", sharing.add_guest),
    ("DELETE", f"{_SPACE}/guests/{{guest}}", sharing.remove_guest),
    ("POST", f"{_SPACE}/link", sharing.make_link),
    ("DELETE", f"{_SPACE}/link", sharing.end_link),
    ("GET", "/shared/{secret}", visits.open_link),
    ("GET", f"{_SPACE}/usage", usage.usage),
    ("GET", f"{_SPACE}/jobs", jobs.listing),
    ("DELETE", f"{_SPACE}/jobs/{{job_id}}", jobs.cancel),
    ("POST", f"{_SPACE}/jobs/{{job_id}}/retry", jobs.retry),
    *(("GET", path, pages.page) for path in pages.PATHS),
    *(("GET", path, pages.account_page) for path in pages.ACCOUNT_PATHS),
    ("GET", "/{owner}", pages.owner_page),  # the last: it takes every path of one part
)
