"""A Space with accounts, mounted as an ASGI app's options allow: auth is an option of the server."""

import sys

import spaceport as sp


def who(x: str, request: sp.Request) -> str:
    return f"{request.username}: {x}"


space = sp.Interface(who, "text", "text", api_name="who")

if __name__ == "__main__":
    space.launch(
        server_port=0, auth=[("user", "pw"), ("ann", "secret")], auth_message="Please log in", data_dir=sys.argv[1]
    )
