"""Applications that users have allowed to act for them: what each may do, and the tokens that it has."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass

from spaceport.errors import InvalidInput, NotFound, Unauthenticated
from spaceport.hub.identity.accounts import Accounts
from spaceport.hub.identity.caller import Application, Identity
from spaceport.hub.identity.oauth_codes import Authorization
from spaceport.hub.identity.oauth_scopes import rights_of, split
from spaceport.hub.identity.token_secrets import make_secret
from spaceport.store.hub.application_ports import Grant, NewToken, OAuthToken
from spaceport.store.hub.ports import HubStore, Owner, SpaceRow

PREFIX = "hf_oauth_"
_REFRESH_PREFIX = "hf_refresh_"
_MAX_GRANTS = 200
"""Of a user; the oldest gives way."""
_MAX_TOKENS = 50
"""Of one grant: one for each browser that has signed in to the app."""
_PROGRAM_S = 30 * 86_400.0
_REFRESH_S = 90 * 86_400.0
_RECORD_USE_S = 60.0
_ENDED = "Invalid credentials in Authorization header"


@dataclass(frozen=True, slots=True)
class Issued:
    """Tokens, which are shown once. `refresh`: empty where there is none. `user`: whose they are."""

    access: str
    refresh: str
    scopes: tuple[str, ...]
    lifetime_s: float
    user: str


class Applications:
    """In the hub's store; of a token's secret only the SHA-256 is stored."""

    def __init__(self, store: HubStore, accounts: Accounts) -> None:
        self._store = store
        self._accounts = accounts

    def of(self, user: Owner) -> list[Grant]:
        """Those that the user has allowed, newest first."""
        return self._store.applications.grants(user.id)

    def name_of(self, grant: Grant) -> str:
        """The Space's name, or what the program says it is."""
        space = None if grant.space is None else self._store.space_by_id(grant.space)
        return grant.about if space is None else space.full_name

    def revoke(self, user: Owner, grant: int) -> None:
        """The application has to ask again, and its tokens end. Raises `NotFound`."""
        if not self._store.applications.remove_grant(user.id, grant):
            raise NotFound(f"You have allowed no application {grant}.")

    def allows(self, user: Owner, space: SpaceRow, scopes: tuple[str, ...]) -> Grant | None:
        """What the user has allowed a Space, if it is all of these scopes and the Space is still its owner's."""
        found = self._store.applications.grant(user.id, space.id)
        if found is None or found.space_owner != space.owner_id:
            return None
        return found if set(scopes) <= set(split(found.scopes)) else None

    def allow(self, user: Owner, space: SpaceRow, scopes: tuple[str, ...]) -> int:
        """Allow a Space's app these scopes; the id of the grant."""
        found = self._store.applications.grant(user.id, space.id)
        if found is not None and found.space_owner != space.owner_id:
            self._store.applications.remove_grant(user.id, found.id)  # it was another owner's, and so are its tokens
        text, now = " ".join(scopes), time.time()
        return self._store.applications.allow(user.id, space.id, space.owner_id, text, "", now, _MAX_GRANTS)

    def exchange(self, authorization: Authorization) -> Issued:
        """The token of a code. Raises `InvalidInput` where the session or the grant has ended meanwhile."""
        given, now = authorization.session, time.time()
        session = self._store.sessions.session_by_id(given.id)
        if session is None or (session.user, session.created_at) != (given.user, given.created_at):
            raise InvalidInput("The session in which this was allowed has ended: sign in again.")
        lifetime_s = min(authorization.lifetime_s, session.expires_at - now)
        access, scopes = make_secret(PREFIX), " ".join(authorization.scopes)
        token = NewToken(digest_of(access), scopes, now + lifetime_s, session=session.id)
        self._add(authorization.grant, token, now)
        return Issued(access, "", authorization.scopes, lifetime_s, session.user)

    def sign_in_program(self, user: Owner, about: str) -> Issued:
        """Tokens for a program on a machine of the user's, which may do what a token with the role write may."""
        now = time.time()
        if self._accounts.find(user.name) is None:
            raise InvalidInput("The account is gone.")
        grant = self._store.applications.allow(user.id, None, None, "", about, now, _MAX_GRANTS)
        return self._issue_to_program(grant, user.name, now)

    def refresh(self, secret: str) -> Issued:
        """New tokens for a refresh token, which is used up. Raises `InvalidInput`; a second use ends all of them."""
        applications, now = self._store.applications, time.time()
        found = applications.oauth_token(digest_of(secret))
        if found is None or not found.refresh or found.expires_at <= now:
            raise InvalidInput("The refresh token is not valid, or has expired: sign in again.")
        if not applications.use_refresh_token(digest_of(secret)):
            applications.remove_oauth_tokens(found.grant.id)
            raise InvalidInput("The refresh token was used before, so that somebody else may have it: sign in again.")
        return self._issue_to_program(found.grant.id, found.grant.user, now)

    def find(self, secret: str) -> OAuthToken | None:
        return self._store.applications.oauth_token(digest_of(secret))

    def end_token(self, digest: bytes) -> None:
        self._store.applications.remove_oauth_token(digest)

    def end_tokens(self, grant: int) -> None:
        self._store.applications.remove_oauth_tokens(grant)

    def identify(self, secret: str, address: str) -> Identity:
        """For whom an application acts. Raises `Unauthenticated` for a token that is unknown or has ended."""
        found, now = self.find(secret), time.time()
        if found is None or found.refresh or found.expires_at <= now:
            raise Unauthenticated(_ENDED)
        grant = found.grant
        name, scopes = grant.about, None
        if grant.space is not None:
            space = self._store.space_by_id(grant.space)
            if space is None or space.owner_id != grant.space_owner:
                raise Unauthenticated(_ENDED)
            name, scopes = space.full_name, rights_of(split(found.scopes), self._accounts.get_user(grant.user).id)
        if grant.used_at is None or now - grant.used_at > _RECORD_USE_S:
            self._store.applications.grant_used(grant.id, now, address)
        application = Application(grant.id, name, split(found.scopes), found.expires_at)
        return self._accounts.identity(grant.user, scopes=scopes, application=application)

    def _issue_to_program(self, grant: int, user: str, now: float) -> Issued:
        access, refresh = make_secret(PREFIX), make_secret(_REFRESH_PREFIX)
        self._add(grant, NewToken(digest_of(access), "", now + _PROGRAM_S), now)
        self._add(grant, NewToken(digest_of(refresh), "", now + _REFRESH_S, refresh=True), now)
        return Issued(access, refresh, (), _PROGRAM_S, user)

    def _add(self, grant: int, token: NewToken, now: float) -> None:
        if not self._store.applications.add_oauth_token(grant, token, now, _MAX_TOKENS):
            raise InvalidInput("What was allowed has been taken back: sign in again.")


def digest_of(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
