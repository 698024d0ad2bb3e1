"""Builds revisions of a Space and starts replicas of them."""

from __future__ import annotations

import asyncio

from spaceport.errors import InvalidInput
from spaceport.hub.runtime.builder import Build, BuildFailed, InvalidConfiguration, NoAppFile
from spaceport.hub.runtime.context import RuntimeContext
from spaceport.hub.runtime.notices import Notices, load_notices
from spaceport.hub.runtime.replicas import DidNotStart, RunningReplica
from spaceport.runner.cleanup import finish


class CannotRun(Exception):
    """A revision that could not be started; `stage` is what the Space is then."""

    def __init__(self, stage: str, message: str) -> None:
        super().__init__(message)
        self.stage, self.message = stage, message


class Starter:
    """The more often replicas failed, the later the next one starts."""

    def __init__(self, context: RuntimeContext) -> None:
        self.build: Build | None = None
        """The newest build."""
        self._notices: Notices | None = None
        """Of the newest build; None: they were not read from the disk yet."""
        self._context = context

    def notices(self) -> Notices:
        """Those of the revision that was built last, by an earlier hub perhaps."""
        if self._notices is None:
            found = load_notices(self._context.paths.notices)
            self._notices = self._notices or found  # a build may have ended meanwhile
        return self._notices

    async def start_first(self, commit: str | None) -> RunningReplica:
        """Build a revision and start its first replica. Raises `CannotRun`."""
        if commit is None:
            raise CannotRun("NO_APP_FILE", "The Space has no files yet.")
        context = self._context
        try:
            build = await self._make_build(commit)
            context.stage = "APP_STARTING"
            if context.failures > 1:
                await asyncio.sleep(2.0 ** (context.failures - 2))
            context.paths.run_log.unlink(missing_ok=True)
            context.open_pipe()
            return await self._start(build)
        except NoAppFile as error:
            raise CannotRun("NO_APP_FILE", error.message) from error
        except (InvalidConfiguration, InvalidInput) as error:
            raise CannotRun("CONFIG_ERROR", error.message) from error
        except BuildFailed as error:
            raise CannotRun("BUILD_ERROR", error.message) from error
        except DidNotStart as error:
            context.say(error.message)
            raise CannotRun("RUNTIME_ERROR", error.message) from error

    async def start_another(self, commit: str) -> RunningReplica:
        """Start one more replica of a revision. Raises `BuildFailed`, `InvalidInput`, `DidNotStart`."""
        if self._context.failures > 0:
            await asyncio.sleep(2.0 ** (self._context.failures - 1))
        build = self.build
        if build is None or build.commit != commit:
            build = await self._make_build(commit)
        return await self._start(build)

    async def _make_build(self, commit: str) -> Build:
        context, parts = self._context, self._context.parts
        context.paths.build_log.unlink(missing_ok=True)
        work = parts.builder.work(context.paths.build_log)

        def build() -> Build:
            card = parts.spaces.card(context.space, commit)
            try:
                made = parts.builder.build(parts.spaces.repo(context.space), context.paths.folder, commit, card, work)
            except BuildFailed as error:
                work.say(error.message)
                raise
            self._notices = Notices(commit, made.notices)
            self._notices.save(context.paths.notices)
            return made

        task = asyncio.ensure_future(asyncio.to_thread(build))
        try:
            self.build = await asyncio.shield(task)
        except asyncio.CancelledError:
            work.stop()
            await finish(asyncio.gather(task, return_exceptions=True))
            raise
        return self.build

    async def _start(self, build: Build) -> RunningReplica:
        """Raises `InvalidInput`, `DidNotStart`."""
        context, parts = self._context, self._context.parts
        environment = parts.environment.of(context.space, context.paths, build)
        return await parts.replicas.start(context.paths, build, environment)
