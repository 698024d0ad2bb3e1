"""The environment variables that a replica starts with."""

from __future__ import annotations

from urllib.parse import urlsplit

from spaceport.hub.identity.oauth_clients import OAuthClients
from spaceport.hub.names import AppAddresses
from spaceport.hub.runtime.builder import Build
from spaceport.hub.spaces import readme
from spaceport.hub.spaces.directory import Spaces
from spaceport.hub.spaces.paths import SpacePaths
from spaceport.hub.spaces.variables import SpaceVariables
from spaceport.store.hub.ports import SpaceRow


class ReplicaEnvironment:
    """`hub_address`: where Spaces find the hub. `apps`: where browsers find the Spaces."""

    def __init__(
        self, spaces: Spaces, variables: SpaceVariables, clients: OAuthClients, hub_address: str, apps: AppAddresses
    ) -> None:
        self._spaces = spaces
        self._variables = variables
        self._clients = clients
        self._hub_address = hub_address
        self._apps = apps

    def of(self, space: SpaceRow, paths: SpacePaths, build: Build) -> dict[str, str]:
        """The Space's variables and secrets, and what the hub sets, which wins.

        The runner adds the name and port of the app's server. Raises `InvalidInput` for a secret that cannot be read.
        """
        card = self._spaces.card(space, build.commit)
        title = card.get("title")
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
        oauth = readme.oauth(card)
        if oauth is not None:
            own |= self._oauth(space, oauth)
        return {**self._variables.environment(space), **own}

    def _oauth(self, space: SpaceRow, options: readme.OAuthOptions) -> dict[str, str]:
        """What an app needs to sign its visitors in; without `SYSTEM`, Gradio would make up a visitor."""
        own = {
            "OAUTH_CLIENT_ID": self._clients.id_of(space),
            "OAUTH_CLIENT_SECRET": self._clients.secret_of(space),
            "OAUTH_SCOPES": " ".join(options.scopes),
            "OPENID_PROVIDER_URL": self._hub_address,
            "SYSTEM": "spaces",
        }
        parts = urlsplit(self._hub_address)
        address = self._apps.by_host(space.subdomain, parts.scheme, parts.hostname or "")
        return own if address is None else {**own, "SPACE_HOST": urlsplit(address).netloc}
