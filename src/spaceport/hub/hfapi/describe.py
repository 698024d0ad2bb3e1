"""A Space as Hugging Face's clients read it: in listings, in full, and its runtime."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from starlette.requests import Request

from spaceport.hub.api.request import app_addresses, context_of
from spaceport.hub.queues.description import Kind
from spaceport.hub.runtime.logs import stamp
from spaceport.hub.runtime.space_runtime import SpaceRuntime, stage_at_rest
from spaceport.hub.spaces import readme
from spaceport.hub.spaces.summaries import Summary
from spaceport.store.hub.ports import ListedSpace, SpaceRow

_stamp = lru_cache(maxsize=20_000)(stamp)
"""Of times that each listing shows."""


class Describer:
    """Describes Spaces for one request. Blocks where a Space is read for the first time."""

    def __init__(self, request: Request) -> None:
        context = context_of(request)
        self._spaces, self._fleet, self._queues = context.hub.spaces, context.fleet, context.queues
        self._address = app_addresses(request)

    def in_full(self, space: SpaceRow, revision: str | None, *, blobs: bool) -> dict[str, Any]:
        """With the files of a revision. Raises `RevisionNotFound`."""
        if revision in (None, "main", "HEAD"):
            commit = self._spaces.head(space)
        else:
            commit = self._spaces.commit_of(space, str(revision))
        entries = self._spaces.tree(space, commit) if commit is not None else ()
        files: list[dict[str, Any]] = [
            {"rfilename": one.path, **({"size": one.size, "blobId": one.oid} if blobs else {})}
            for one in entries
            if not one.directory
        ]
        summary = self._spaces.summary(space, commit)
        runtime = self._running(self._fleet.of(space), space, commit, summary)
        return {**self._described(space, commit, summary, runtime), "siblings": files}

    def in_listing(self, listed: ListedSpace) -> dict[str, Any]:
        """Its newest commit, without its files."""
        space = listed.space
        commit = self._spaces.head(space)
        summary = self._spaces.summary(space, commit)
        return self._described(space, commit, summary, self._listed_runtime(listed, commit, summary))

    def stage(self, listed: ListedSpace) -> str:
        """The stage that a listing shows."""
        commit = self._spaces.head(listed.space)
        stage: str = self._listed_runtime(listed, commit, self._spaces.summary(listed.space, commit))["stage"]
        return stage

    def runtime(self, space: SpaceRow) -> dict[str, Any]:
        """Its stage and replicas."""
        commit = self._spaces.head(space)
        return self._running(self._fleet.of(space), space, commit, self._spaces.summary(space, commit))

    def _listed_runtime(self, listed: ListedSpace, commit: str | None, summary: Summary | None) -> dict[str, Any]:
        runtime = self._fleet.known(listed.space)
        if runtime is None:
            return self._at_rest(listed, commit, summary)
        return self._running(runtime, listed.space, commit, summary)

    def _described(
        self, space: SpaceRow, commit: str | None, summary: Summary | None, runtime: dict[str, Any]
    ) -> dict[str, Any]:
        card = {} if summary is None else summary.card
        return {
            "_id": str(space.id),
            "id": space.full_name,
            "author": space.owner,
            "sha": commit,
            "sdk": space.sdk,
            "subdomain": space.subdomain,
            "host": self._address(space),
            "private": space.private,
            "disabled": False,
            "gated": False,
            "likes": 0,
            "calls": self._queues.usage.calls(space),
            "tags": readme.all_tags(space.sdk, card),
            "cardData": card,
            "createdAt": _stamp(space.created_at),
            "lastModified": _stamp(space.updated_at),
            "runtime": runtime,
        }

    def _running(
        self, runtime: SpaceRuntime, space: SpaceRow, commit: str | None, summary: Summary | None
    ) -> dict[str, Any]:
        serving = runtime.serving()
        kind = self._queues.kind(space, serving)
        stage, error = runtime.stage()
        sizes = len(runtime.replicas), runtime.desired_replicas()
        shown = _facts(kind, sizes, runtime.sleep_s(), serving, runtime.notices())
        if stage is not None and stage != "STOPPED":
            about = {"stage": stage, **shown}
            return {**about, "errorMessage": error} if error else about
        return {"stage": _stage(space, summary, kind), **shown, "sha": commit}

    def _at_rest(self, listed: ListedSpace, commit: str | None, summary: Summary | None) -> dict[str, Any]:
        """As `_running` says of a Space that was not started since the hub started."""
        space, limits = listed.space, self._fleet.limits
        kind = self._queues.kind(space, commit)
        stage, error = stage_at_rest(space, trusted=limits.trusts or listed.by_admin, paused=listed.paused)
        wanted = limits.desired_replicas({} if summary is None else summary.card)
        sleep_s = limits.sleep_s if listed.sleep_s is None else listed.sleep_s
        shown = {"stage": stage or _stage(space, summary, kind), **_facts(kind, (0, wanted), sleep_s, commit, ())}
        return {**shown, "errorMessage": error} if error else shown


def _stage(space: SpaceRow, summary: Summary | None, kind: Kind | None) -> str:
    """A Space that the fleet has not started is asleep if it has its app file."""
    if summary is None or not summary.runnable:
        return "NO_APP_FILE"
    if space.sdk == "static":
        return "RUNNING"
    return "BUILDING" if kind is None else "SLEEPING"


def _facts(
    kind: Kind | None, replicas: tuple[int, int], sleep_s: float, serving: str | None, notices: tuple[str, ...]
) -> dict[str, Any]:
    """`replicas`: how many run and how many are wanted."""
    running, wanted = replicas
    shown: dict[str, Any] = {
        "queued": kind is not None and kind is not Kind.PROXIED,
        "hardware": {"current": "cpu-basic" if running else None, "requested": "cpu-basic"},
        "storage": None,
        "replicas": {"current": running, "requested": wanted},
        "gcTimeout": -1 if sleep_s < 0 else int(sleep_s),
        "sha": serving,
    }
    return {**shown, "notices": list(notices)} if notices else shown
