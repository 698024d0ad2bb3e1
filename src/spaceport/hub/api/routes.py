"""The hub's own routes, in one table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response

from spaceport.api.pages import WEB
from spaceport.api.scripts import PATH
from spaceport.hub.api import invitations, jobs, operations, pages, people, usage

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
    ("GET", f"{_SPACE}/usage", usage.usage),
    ("GET", f"{_SPACE}/jobs", jobs.listing),
    ("DELETE", f"{_SPACE}/jobs/{{job_id}}", jobs.cancel),
    ("POST", f"{_SPACE}/jobs/{{job_id}}/retry", jobs.retry),
    *(("GET", path, pages.page) for path in pages.PATHS),
    ("GET", "/{owner}", pages.owner_page),  # the last: it takes every path of one part
)
