"""A Space that calls another: one that is known by its hub's name, and one by its URL."""

import os

import spaceport as sp
from spaceport import AsyncClient, Client

space = sp.Space()
hub, url = os.environ["RELAY_HUB"], os.environ["RELAY_URL"]


@space.api
def by_name(x: str) -> str:
    with Client("me/ok", hub=hub, verbose=False) as other:
        return other.predict(x, api_name="/ok")


@space.api
async def by_name_async(x: str) -> str:
    async with AsyncClient("me/ok", hub=hub, verbose=False) as other:
        return await other.predict(x, api_name="/ok")


@space.api
def by_url(x: str) -> str:
    with Client(url, verbose=False) as other:
        return other.predict(x, api_name="/ok")


@space.api
def by_hand(x: str, request: sp.Request) -> str:
    with Client(url, verbose=False) as other:
        return other.predict(x, api_name="/ok", headers={"x-ip-token": request.headers["x-ip-token"]})
