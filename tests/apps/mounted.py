"""A Space mounted under a path of a FastAPI app that has routes of its own."""

import contextlib
import sys

import fastapi
import uvicorn

import spaceport as sp

space = sp.Space(title="Mounted")


@space.api
def greet(name: str) -> str:
    return f"Hello {name}!"


@space.api
def token(prompt: str, token: sp.OAuthToken | None) -> str:
    return f"{prompt}: {token}"


mounted = space.asgi(data_dir=sys.argv[1])


@contextlib.asynccontextmanager
async def lifespan(_: fastapi.FastAPI):
    await mounted.start()
    yield
    await mounted.stop()


app = fastapi.FastAPI(lifespan=lifespan)


@app.get("/health")
def health() -> dict[str, bool]:
    return {"ok": True}


app.mount("/spaces/one", mounted)

if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[2]), log_level="info")
