"""The seams to what a hub stores: accounts, tokens, Spaces, and their variables (the others: *_ports.py).

Contract, for every implementation (tests/contract/test_hub_store.py):
- Every write is durable when its method returns, and every later read of any process sees it, after at most 20 ms.
- Names of owners and Spaces are compared without regard to case, and returned as they were given.
- Removing an owner or a Space removes all that belongs to it.
- Any thread may call any method. Times are seconds since the epoch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from spaceport.store.hub.application_ports import ApplicationStore
from spaceport.store.hub.audit_ports import AuditStore
from spaceport.store.hub.factor_ports import PasskeyStore, SecondFactorStore
from spaceport.store.hub.linked_ports import LinkedAccountStore
from spaceport.store.hub.organization_ports import InvitationStore, OrganizationStore
from spaceport.store.hub.session_ports import EmailStore, PasswordStore, SessionStore
from spaceport.store.hub.sharing_ports import SharingStore
from spaceport.store.hub.storage_ports import StorageStore
from spaceport.store.hub.tier_ports import TierStore

Order: TypeAlias = Literal["updated_at", "created_at"]
"""The time that sorts a listing."""


@dataclass(frozen=True, slots=True)
class Owner:
    """A user or an organization. `tier` names a row of the hub's table of tiers."""

    id: int
    name: str
    tier: str
    admin: bool
    created_at: float
    organization: bool = False


@dataclass(frozen=True, slots=True)
class Token:
    """A token without its secret. `shown` are its first characters; `role` is "read", "write" or "fineGrained".

    `address`: where it was used last.
    """

    id: int
    owner: str
    name: str
    shown: str
    role: str
    created_at: float
    expires_at: float | None
    used_at: float | None
    address: str | None


@dataclass(frozen=True, slots=True)
class TokenScope:
    """What a fine-grained token allows (`level`), to all Spaces of an `owner` or to one `space`, by their ids."""

    owner: int | None
    space: int | None
    level: str


@dataclass(frozen=True, slots=True)
class SpaceRow:
    """A Space. `folder` holds its files; it is relative to the hub's data folder and never changes. `creator`: the id
    of the user who made it, None once that account is gone."""

    id: int
    owner: str
    name: str
    subdomain: str
    folder: str
    private: bool
    sdk: str
    created_at: float
    updated_at: float
    owner_id: int
    creator: int | None

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"


@dataclass(frozen=True, slots=True)
class ListedSpace:
    """A Space with what decides whether it runs. `sleep_s`, `paused`: as `how_it_runs` says. `by_admin`: its owner is
    an admin."""

    space: SpaceRow
    sleep_s: float | None
    paused: bool
    by_admin: bool


@dataclass(frozen=True, slots=True)
class SpacePage:
    """Which Spaces a page of a listing has, newest first: public ones, those of `viewers` (ids of owners),
    those among `spaces` (ids) and, `everything`, all others.

    `author`: of this owner only. `after`: the time and the id of the Space before.
    """

    limit: int
    author: str | None = None
    viewers: tuple[int, ...] = ()
    spaces: tuple[int, ...] = ()
    everything: bool = False
    order: Order = "updated_at"
    after: tuple[float, int] | None = None


@dataclass(frozen=True, slots=True)
class SpaceValue:
    """A variable or a secret of a Space. The `value` of a secret is encrypted."""

    key: str
    value: bytes
    description: str | None
    updated_at: float


class AccountStore(Protocol):
    def add_owner(
        self, name: str, tier: str, now: float, *, admin: bool = False, organization_of: int | None = None
    ) -> Owner:
        """Add a user or, with `organization_of`, an organization whose admin is the user of this id.

        Raises `Conflict` if the name is taken, looks like one that is (lookalikes.py), or is kept (`remove_owner`).
        """
        ...

    def owner(self, name: str) -> Owner | None: ...

    def owners(self) -> list[Owner]:
        """All users and organizations, by name."""
        ...

    def set_tier(self, owner: int, tier: str) -> None: ...

    def set_admin(self, owner: int, *, admin: bool) -> None:
        """Raises `Conflict` where the hub would have no admin any more."""
        ...

    def rename_owner(self, owner: int, name: str, now: float, kept_s: float) -> None:
        """Give an owner another name; for `kept_s` nobody else can have the old one, or one like it.

        Raises `Conflict` as `add_owner` does, and for an owner with too many former names of that time. An owner may
        take a former name of its own back.
        """
        ...

    def renamed_owner(self, name: str) -> Owner | None:
        """The owner that had this name before, until somebody else has it. Cached."""
        ...

    def remove_owner(self, owner: int, keep_name_until: float) -> None:
        """Remove an owner and all that belongs to it; nobody can have the name, or one like it, until then.

        Raises `Conflict` for the hub's last admin, and for the last admin of an organization.
        """
        ...


class TokenStore(Protocol):
    def add_token(
        self,
        owner: int,
        name: str,
        shown: str,
        digest: bytes,
        role: str,
        now: float,
        expires_at: float | None,
        scopes: Sequence[TokenScope] = (),
    ) -> None:
        """Raises `Conflict` if the owner has a token of this name."""
        ...

    def token(self, digest: bytes) -> Token | None:
        """The token whose secret has this digest, expired or not."""
        ...

    def tokens(self, owner: str) -> list[Token]:
        """The tokens of an owner, oldest first."""
        ...

    def scopes(self, token: int) -> tuple[TokenScope, ...]:
        """Those whose owner or Space there still is. Read with every request: cached."""
        ...

    def token_used(self, token: int, now: float, address: str) -> None: ...

    def remove_token(self, token: int) -> None: ...


class SpaceStore(Protocol):
    def add_space(
        self,
        owner: int,
        name: str,
        subdomain: str,
        folder: str,
        sdk: str,
        now: float,
        *,
        private: bool,
        creator: int | None = None,
    ) -> None:
        """Raises `Conflict` if the owner has a Space of this name, and `Conflict("subdomain")` if that is taken."""
        ...

    def space(self, owner: str, name: str) -> SpaceRow | None: ...

    def by_subdomain(self, subdomain: str) -> SpaceRow | None: ...

    def spaces(self, *, author: str | None = None, search: str | None = None) -> list[SpaceRow]:
        """The Spaces of an author whose full name contains `search`, the one that changed last first."""
        ...

    def page(self, wanted: SpacePage) -> list[ListedSpace]:
        """One page of a listing; the pages before and after it cost nothing."""
        ...

    def move_space(self, space: int, owner: int, name: str, subdomain: str, now: float) -> None:
        """Give a Space another owner, name and subdomain. Raises as `add_space` does."""
        ...

    def moved_space(self, owner: str, name: str) -> SpaceRow | None:
        """The Space that had this name before, or whose owner had, until another Space has it. Cached."""
        ...

    def moved_by_subdomain(self, subdomain: str) -> SpaceRow | None:
        """As `moved_space`."""
        ...

    def existing(self, spaces: Sequence[int]) -> set[int]:
        """Which of these Spaces there still are."""
        ...

    def space_by_id(self, space: int) -> SpaceRow | None: ...

    def set_private(self, space: int, *, private: bool) -> None: ...

    def space_changed(self, space: int, sdk: str, now: float) -> None: ...

    def remove_space(self, space: int) -> None: ...

    def how_it_runs(self, space: int) -> tuple[float | None, bool]:
        """Seconds without a request before it sleeps (None: the hub's default; negative: never), and whether it is
        paused."""
        ...

    def set_sleep(self, space: int, sleep_s: float | None) -> None: ...

    def set_paused(self, space: int, *, paused: bool) -> None: ...


class VariableStore(Protocol):
    def values(self, space: int, *, secret: bool) -> list[SpaceValue]:
        """The variables or the secrets of a Space, by key."""
        ...

    def set_value(self, space: int, value: SpaceValue, *, secret: bool) -> None:
        """Add a variable or a secret, or replace the one of the same key."""
        ...

    def remove_value(self, space: int, key: str, *, secret: bool) -> None: ...


class HubStore(AccountStore, TokenStore, SpaceStore, VariableStore, Protocol):
    """All seams of a hub, as one database has them."""

    @property
    def version(self) -> int:
        """Another number whenever something may have changed: what was made of the store's records before is out of
        date then. A change by another process is noticed a fiftieth of a second late at most."""
        ...

    @property
    def organizations(self) -> OrganizationStore: ...

    @property
    def invitations(self) -> InvitationStore: ...

    @property
    def sessions(self) -> SessionStore: ...

    @property
    def passwords(self) -> PasswordStore: ...

    @property
    def emails(self) -> EmailStore: ...

    @property
    def linked_accounts(self) -> LinkedAccountStore: ...

    @property
    def second_factors(self) -> SecondFactorStore: ...

    @property
    def passkeys(self) -> PasskeyStore: ...

    @property
    def applications(self) -> ApplicationStore: ...

    @property
    def audit(self) -> AuditStore: ...

    @property
    def sharing(self) -> SharingStore: ...

    @property
    def tiers(self) -> TierStore: ...

    @property
    def storage(self) -> StorageStore: ...

    def close(self) -> None: ...
