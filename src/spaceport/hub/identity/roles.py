"""What a member of an organization may do there, as on the Hugging Face Hub."""

from __future__ import annotations

import enum


class Role(enum.IntEnum):
    """Each role may do what the ones before it may."""

    READ = 1
    """See the organization's private Spaces."""
    CONTRIBUTOR = 2
    """Make Spaces, and change those that one has made."""
    WRITE = 3
    """Change, move and delete all its Spaces."""
    ADMIN = 4
    """Invite and remove members, give them roles, and delete the organization."""


ROLES = {role.name.lower(): role for role in Role}
"""By the name that the API and the database use."""
