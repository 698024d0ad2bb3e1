"""What the author of a Space says of it in its README's front matter, and what of that this hub understands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from spaceport.hub.identity.oauth_scopes import ALWAYS, SCOPES
from spaceport.hub.spaces.front_matter import InvalidFrontMatter, parse

__all__ = [
    "SDKS",
    "InvalidFrontMatter",
    "OAuthOptions",
    "SpaceOptions",
    "all_tags",
    "app_file",
    "faults",
    "faults_of",
    "oauth",
    "options",
    "parse",
    "tags",
]

SDKS = ("gradio", "static")
_SHORT_DESCRIPTION = 60
_OPTION_LIMITS = {"retries": 10, "replicas": 64}
_OAUTH_MINUTES = (480, 43_200)
"""How long a sign-in lasts unless its author says so, and the longest."""
_MAX_WORDS = 50
_VERSION = re.compile(r"[0-9A-Za-z.+!*_-]{1,64}")


@dataclass(frozen=True, slots=True)
class SpaceOptions:
    """`spaceport: {retries: 2, replicas: 3}`: how often a call whose replica died runs again, and how many replicas."""

    retries: int = 0
    replicas: int = 1


_DEFAULTS = SpaceOptions()


def options(values: dict[str, Any]) -> SpaceOptions:
    """The options that a Space's author chose; values outside of their range are ignored."""
    own = values.get("spaceport")
    if not isinstance(own, dict):
        return _DEFAULTS
    return SpaceOptions(**{key: value for key, value in own.items() if _fits(key, value)})


@dataclass(frozen=True, slots=True)
class OAuthOptions:
    """`hf_oauth: true`: the app signs its visitors in. `unknown`: scopes that this hub does not have.

    `organizations`: only their members may sign in; everybody, where there is none.
    """

    scopes: tuple[str, ...]
    unknown: tuple[str, ...]
    lifetime_s: float
    organizations: tuple[str, ...]


def oauth(values: dict[str, Any]) -> OAuthOptions | None:
    """What the front matter says of signing in; None where the app does not. Values that are invalid are ignored."""
    if values.get("hf_oauth") is not True:
        return None
    given, only = _words(values.get("hf_oauth_scopes")) or (), _words(values.get("hf_oauth_authorized_org"))
    minutes = values.get("hf_oauth_expiration_minutes")
    valid = type(minutes) is int and 1 <= minutes <= _OAUTH_MINUTES[1]
    return OAuthOptions(
        tuple(one for one in SCOPES if one in ALWAYS or one in given),
        tuple(one for one in given if one not in SCOPES),
        60.0 * (minutes if valid and minutes is not None else _OAUTH_MINUTES[0]),
        only or (),
    )


def _words(value: Any) -> tuple[str, ...] | None:
    """A list of text, or text alone; None for what is neither."""
    found = [value] if isinstance(value, str) else value
    fits = isinstance(found, list) and len(found) <= _MAX_WORDS and all(isinstance(one, str) for one in found)
    return tuple(found) if fits else None


def tags(values: dict[str, Any]) -> list[str]:
    """The tags of a Space; what is not a list of text is ignored."""
    found = values.get("tags")
    return [tag for tag in found if isinstance(tag, str)] if isinstance(found, list) else []


def all_tags(sdk: str, values: dict[str, Any]) -> list[str]:
    """The tags that a Space is found by: its sdk is one of them."""
    return [sdk, *tags(values)]


def app_file(values: dict[str, Any], sdk: str) -> str:
    """The path of the file that is run, or shown for a static Space."""
    found = values.get("app_file")
    return found if isinstance(found, str) and found else ("index.html" if sdk == "static" else "app.py")


def faults_of(text: str) -> list[str]:
    """As `faults`, for the text of a README, whose front matter may be invalid too."""
    try:
        return faults(parse(text))
    except InvalidFrontMatter as error:
        return [str(error)]


def _fits(key: Any, value: Any) -> bool:
    least = int(key == "replicas")
    return key in _OPTION_LIMITS and type(value) is int and least <= value <= _OPTION_LIMITS[key]


def faults(values: dict[str, Any]) -> list[str]:
    """Everything that would keep a Space with this front matter from running, as sentences for its author."""
    found = []
    sdk = values.get("sdk")
    if sdk is not None and sdk not in SDKS:
        named = repr(sdk)[:100]
        found.append(f'"sdk" must be one of {", ".join(SDKS)} here, not {named}: this hub has no containers.')
    short = values.get("short_description")
    if short is not None and (not isinstance(short, str) or len(short) > _SHORT_DESCRIPTION):
        found.append(f'"short_description" must be text of at most {_SHORT_DESCRIPTION} characters.')
    file = values.get("app_file")
    if file is not None and not isinstance(file, str):
        found.append('"app_file" must be the name of a file.')
    given = values.get("tags")
    if given is not None and not (isinstance(given, list) and all(isinstance(tag, str) for tag in given)):
        found.append('"tags" must be a list of words.')
    for key in ("sdk_version", "python_version"):
        version = values.get(key)
        if version is not None and not (type(version) in (str, int) and _VERSION.fullmatch(str(version))):
            found.append(f'"{key}" must be a version, such as 3.10.')
    found += _oauth_faults(values)
    own = values.get("spaceport", {})
    if not isinstance(own, dict) or not all(_fits(key, value) for key, value in own.items()):
        limits = ", ".join(f"{key} (at most {value})" for key, value in _OPTION_LIMITS.items())
        found.append(f'"spaceport" takes whole numbers: {limits}.')
    return found


def _oauth_faults(values: dict[str, Any]) -> list[str]:
    found = []
    if not isinstance(values.get("hf_oauth"), (bool, type(None))):
        found.append('"hf_oauth" must be true or false.')
    lists = ("hf_oauth_scopes", "hf_oauth_authorized_org")
    wrong = [key for key in lists if values.get(key) is not None and _words(values[key]) is None]
    found += [f'"{key}" must be a list of at most {_MAX_WORDS} words.' for key in wrong]
    minutes = values.get("hf_oauth_expiration_minutes")
    if minutes is not None and not (type(minutes) is int and 1 <= minutes <= _OAUTH_MINUTES[1]):
        found.append(f'"hf_oauth_expiration_minutes" must be a whole number from 1 to {_OAUTH_MINUTES[1]}.')
    return found
