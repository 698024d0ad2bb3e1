"""Endpoints for tests that kill the server."""

import time

import spaceport as sp

space = sp.Space(title="Chaos")


@space.api(concurrency_limit=4)
def echo(x: str) -> str:
    return x


@space.api
def slow(x: str) -> str:
    time.sleep(2 if x == "first" else 0.2 if len(x) < 5 else 0.004)
    return x


@space.api(retries=30, concurrency_limit=2)
def again(x: str) -> str:
    time.sleep(0.003)
    return x
