"""A Space as Hugging Face's clients read it: in listings, in full, and its runtime."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from spaceport.hub.api.request import app_address, fleet_of, hub_of, queues_of
from spaceport.hub.queues.description import Kind
from spaceport.hub.runtime.logs import stamp
from spaceport.hub.spaces import readme
from spaceport.store.hub.ports import SpaceRow


def in_full(request: Request, space: SpaceRow, revision: str | None, *, blobs: bool) -> dict[str, Any]:
    """With the files of a revision. Raises `RevisionNotFound`."""
    repo = hub_of(request).spaces.repo(space)
    commit = repo.commit_of(revision) if revision not in (None, "main", "HEAD") else hub_of(request).spaces.head(space)
    entries = repo.tree(commit) if commit is not None else []
    files: list[dict[str, Any]] = [
        {"rfilename": one.path, **({"size": one.size, "blobId": one.oid} if blobs else {})}
        for one in entries
        if not one.directory
    ]
    return {**in_listing(request, space, commit), "siblings": files}


def in_listing(request: Request, space: SpaceRow, commit: str | None = None) -> dict[str, Any]:
    """Without its files; of its newest commit where none is given."""
    spaces = hub_of(request).spaces
    commit = commit or spaces.head(space)
    card = spaces.card(space, commit)
    return {
        "_id": str(space.id),
        "id": space.full_name,
        "author": space.owner,
        "sha": commit,
        "sdk": space.sdk,
        "subdomain": space.subdomain,
        "host": app_address(request, space),
        "private": space.private,
        "disabled": False,
        "gated": False,
        "likes": 0,
        "tags": [space.sdk, *readme.tags(card)],
        "cardData": card,
        "createdAt": stamp(space.created_at),
        "lastModified": stamp(space.updated_at),
        "runtime": runtime_of(request, space, commit),
    }


def runtime_of(request: Request, space: SpaceRow, commit: str | None = None) -> dict[str, Any]:
    """Its stage and replicas. A Space that the fleet has not started is asleep if it has its app file."""
    runtime = fleet_of(request).of(space)
    serving = runtime.serving()
    kind = queues_of(request).kind(space, serving)
    stage, error = runtime.stage()
    running, sleep_s = len(runtime.replicas), runtime.sleep_s()
    rest: dict[str, Any] = {
        "queued": kind is not None and kind is not Kind.PROXIED,
        "hardware": {"current": "cpu-basic" if running else None, "requested": "cpu-basic"},
        "storage": None,
        "replicas": {"current": running, "requested": runtime.desired_replicas()},
        "gcTimeout": -1 if sleep_s < 0 else int(sleep_s),
        "sha": serving,
    }
    if notices := runtime.notices():
        rest["notices"] = list(notices)
    if stage is not None and stage != "STOPPED":
        about = {"stage": stage, **rest}
        return {**about, "errorMessage": error} if error else about
    spaces = hub_of(request).spaces
    commit = commit or spaces.head(space)
    found = spaces.summary(space, commit)
    if found is None or not found.runnable:
        stage = "NO_APP_FILE"
    elif space.sdk == "static":
        stage = "RUNNING"
    else:
        stage = "BUILDING" if kind is None else "SLEEPING"
    return {"stage": stage, **rest, "sha": commit}
