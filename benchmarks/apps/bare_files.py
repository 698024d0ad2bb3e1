"""Upload and download as Starlette's documents show them: what ours is measured against."""

import shutil
import tempfile
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse
from starlette.routing import Route

FOLDER = Path(tempfile.mkdtemp(prefix="bare-"))


async def upload(request: Request) -> JSONResponse:
    async with request.form() as form:
        file = form["files"]
        target = FOLDER / str(file.filename)
        with target.open("wb") as sink:
            shutil.copyfileobj(file.file, sink, 1 << 20)
    return JSONResponse([str(target)])


async def download(request: Request) -> FileResponse:
    return FileResponse(request.query_params["path"])


app = Starlette(routes=[Route("/gradio_api/upload", upload, methods=["POST"]), Route("/file", download)])
