"""What an application may ask a user for, by Hugging Face's names, and what each of it allows on this hub."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from spaceport.hub.identity.rights import Right, Scopes

SCOPES: Mapping[str, str] = {
    "openid": "know that it is you",
    "profile": "read your name and your organizations",
    "inference-api": "call Spaces as you, the private ones that you may see as well; calls count as yours",
    "read-repos": "read the files of your own Spaces",
    "write-repos": "change the files, variables and secrets of your own Spaces, read their logs, and restart them",
    "manage-repos": "make, move and delete Spaces of yours, and set who may see them",
}
"""In words, for the person who is asked."""
ALWAYS = ("openid", "profile")
"""What every application may ask for."""
EVERYTHING = "everything that you may do, as a token with the role write; it cannot change your account"
"""What a program may that signs in with a code."""
_OWN = {"read-repos": Right.READ, "write-repos": Right.WRITE, "manage-repos": Right.MANAGE}


def split(text: str) -> tuple[str, ...]:
    """The names in a text, each once, in the order of `SCOPES`; what this hub does not know comes last."""
    given = dict.fromkeys(text.split())
    return (*(name for name in SCOPES if name in given), *(name for name in given if name not in SCOPES))


def rights_of(scopes: Iterable[str], user: int) -> Scopes:
    """What tokens with these scopes allow of what their user may do."""
    names = set(scopes)
    own = max((right for name, right in _OWN.items() if name in names), default=None)
    return Scopes({} if own is None else {user: own}, {}, Right.CALL if "inference-api" in names else 0)
