"""What a function writes to the log, and where it is in a trace."""

import logging

import spaceport as sp

space = sp.Space(title="Observed")
log = logging.getLogger("my.app")


@space.api
def say(text: str) -> str:
    log.warning("heard %s", text)
    return text


@space.api
async def whisper(text: str) -> str:
    log.warning("overheard %s", text)
    return text


@space.api
def fail(text: str) -> str:
    raise ValueError(text)


@space.api(retries=1)
def spans(text: str, request: sp.Request) -> str:
    from opentelemetry import trace

    with trace.get_tracer("app").start_as_current_span("inner"):
        pass
    return request.headers["x-request-id"]
