"""The environment variables that a replica starts with."""

from __future__ import annotations

from spaceport.hub.runtime.builder import Build
from spaceport.hub.spaces.directory import Spaces
from spaceport.hub.spaces.paths import SpacePaths
from spaceport.hub.spaces.variables import SpaceVariables
from spaceport.store.hub.ports import SpaceRow


class ReplicaEnvironment:
    """`hub_address`: where Spaces find the hub."""

    def __init__(self, spaces: Spaces, variables: SpaceVariables, hub_address: str) -> None:
        self._spaces = spaces
        self._variables = variables
        self._hub_address = hub_address

    def of(self, space: SpaceRow, paths: SpacePaths, build: Build) -> dict[str, str]:
        """The Space's variables and secrets, and what the hub sets, which wins.

        The runner adds the name and port of the app's server. Raises `InvalidInput` for a secret that cannot be read.
        """
        title = self._spaces.card(space, build.commit).get("title")
        own = {
            "PATH": f"{build.python.parent}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(paths.home),
            "TMPDIR": str(paths.temporary),
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "HF_ENDPOINT": self._hub_address,
            "GRADIO_ANALYTICS_ENABLED": "False",
            "GRADIO_TEMP_DIR": str(paths.files),
            "SPACEPORT_DURABILITY": "memory",
            "SPACEPORT_LINK": "1",
            "SPACEPORT_LOG_FORMAT": "console",
            "SPACEPORT_UPLOADS_DIR": str(paths.uploads),
            "SPACE_ID": space.full_name,
            "SPACE_AUTHOR_NAME": space.owner,
            "SPACE_REPO_NAME": space.name,
            "SPACE_TITLE": str(title or space.name),
        }
        return {**self._variables.environment(space), **own}
