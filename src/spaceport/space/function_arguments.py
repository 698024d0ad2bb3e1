"""From a bound call to the arguments of the function: state, files, and what is filled in (Request, Progress, …)."""

from __future__ import annotations

from typing import Any

from spaceport.engine import Job
from spaceport.space.call import Call
from spaceport.space.endpoint import SpaceEndpoint
from spaceport.space.progress import Progress
from spaceport.space.request import EventData, Header, OAuthToken, Request
from spaceport.space.state import States


def input_values(endpoint: SpaceEndpoint, job: Job, call: Call, states: States) -> list[Any]:
    """The Python value of each input, with the state of the job's session."""
    values = list(call.arguments)
    if not endpoint.stateful:
        return values
    for place, component in enumerate(endpoint.parameters.components):
        if component.skip_api:
            session = job.session if job.own_session else None
            if session is None:
                values[place] = States(1, 0).get("", 0, component.value)
            else:
                values[place] = states.get(session, endpoint.input_ids[place], component.value)
    return values


def function_arguments(
    endpoint: SpaceEndpoint, job: Job, call: Call, values: list[Any]
) -> tuple[list[Any], dict[str, Any]]:
    """Positional and keyword arguments of the function: `values` of the inputs in their places, the rest filled in."""
    if endpoint.positional:
        return values, {}
    remaining = iter(values)
    positional: list[Any] = []
    named: dict[str, Any] = {}
    for argument in endpoint.arguments:
        is_input = argument.kind == "input"
        value = next(remaining) if is_input else _filled_in(argument.kind, argument.python_name, job, call)
        if argument.keyword:
            named[argument.python_name] = value
        else:
            positional.append(value)
    return positional, named


def _filled_in(kind: str, name: str, job: Job, call: Call) -> Any:
    """The value of a parameter that is no input: something of the request that made the call."""
    caller, request = call.caller, call.caller.request
    if kind == "progress":
        return Progress()
    if kind == "event_data":
        return EventData(caller.trigger_id, caller.event_data)
    if kind == "oauth_token":
        return None if caller.oauth_token is None else OAuthToken(caller.oauth_token)
    headers = [(key.decode("latin-1"), value.decode("latin-1")) for key, value in request.headers]
    if kind == "header":
        found = dict(headers).get(name.replace("_", "-"))
        return None if found is None else Header(found)
    return Request(
        method=request.method,
        path=request.path,
        query=request.query,
        client=request.client,
        headers=headers,
        root=request.root,
        username=caller.user,
        session_hash=job.session,
    )
