"""What the groups of a provider mean here: roles in organizations, and tiers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from spaceport.errors import InvalidInput
from spaceport.hub.identity.roles import ROLES

_TIER = "tier"
_MAX_RULES = 1000


@dataclass(frozen=True, slots=True)
class GroupRules:
    """Each of `roles` is a group, an organization and a role; each of `tiers` a group and a tier, the best first."""

    roles: tuple[tuple[str, str, str], ...] = ()
    tiers: tuple[tuple[str, str], ...] = ()

    def names_any(self, groups: Collection[str]) -> bool:
        return any(group in groups for group, *_ in (*self.roles, *self.tiers))

    def roles_of(self, groups: Collection[str]) -> dict[str, str | None]:
        """The best role in each organization that a rule names; None: none at all."""
        found: dict[str, str | None] = {}
        for group, organization, role in self.roles:
            present = found.setdefault(organization, None)
            if group in groups and (present is None or ROLES[role] > ROLES[present]):
                found[organization] = role
        return found

    def tier_of(self, groups: Collection[str], default: str) -> str | None:
        """The tier of the first rule that fits, else `default`; None where no rule is about tiers."""
        if not self.tiers:
            return None
        return next((tier for group, tier in self.tiers if group in groups), default)


def parse_group_rules(text: str) -> GroupRules:
    """Rules like `engineers=research:write; staff=tier:pro`. Raises `InvalidInput`."""
    roles: list[tuple[str, str, str]] = []
    tiers: list[tuple[str, str]] = []
    parts = [part.strip() for part in text.replace("\n", ";").split(";") if part.strip()]
    for part in parts:
        group, _, effect = (one.strip() for one in part.rpartition("="))
        target, _, value = effect.partition(":")
        if group and target == _TIER and value:
            tiers.append((group, value))
        elif group and target and value in ROLES:
            roles.append((group, target, value))
        else:
            raise InvalidInput(
                f"A rule for groups is group=organization:role or group=tier:name, with a role of {', '.join(ROLES)};"
                f" {part[:100]!r} is not."
            )
    if len(parts) > _MAX_RULES:
        raise InvalidInput(f"There may be at most {_MAX_RULES} rules for groups.")
    return GroupRules(tuple(roles), tuple(tiers))
