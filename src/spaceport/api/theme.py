"""`Theme`: how an author wants a Space's page to look. It is part of the page's HTML."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from urllib.parse import quote

LOGO_MAX = 64 << 10
"""Bytes of a logo's data URI: it is part of each page."""
VARIABLES_MAX = 100
MODES = ("system", "light", "dark")
_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_NAME = re.compile(r"--[a-z0-9-]{1,60}")
_VALUE = re.compile(r"[^;{}<>\\\"\x00-\x1f]{1,200}")
_QUOTED = re.compile(r"'[^']*'")
_CALL = re.compile(r"([a-z-]+)\(")
_FUNCTIONS = frozenset(
    {
        *("calc", "clamp", "max", "min", "var", "cubic-bezier", "linear", "steps"),
        *("color", "color-mix", "hsl", "hsla", "hwb", "lab", "lch", "light-dark", "oklab", "oklch", "rgb", "rgba"),
        *("conic-gradient", "linear-gradient", "radial-gradient"),
        *("repeating-conic-gradient", "repeating-linear-gradient", "repeating-radial-gradient"),
    }
)
"""Functions of CSS that load nothing: all others are refused, `url` and `image-set` among them."""
_TEXT_CONTRAST = 4.5
"""Of texts, by WCAG 2.2 AA."""
_WHITE, _BLACK, _DARK = (255, 255, 255), (0, 0, 0), (24, 25, 27)

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Theme:
    """`accent`: `#rgb` or `#rrggbb`. `emoji`: the page's icon. `logo`: a data URI, shown instead of the emoji.

    `mode`: what a visitor sees who has not chosen. `variables`: CSS variables of the page by name. Raises `ValueError`.
    """

    accent: str | None = None
    emoji: str = ""
    logo: str = ""
    mode: str = "system"
    variables: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.accent is not None and not _HEX.fullmatch(self.accent):
            raise ValueError(f"accent must be a colour as '#3e63dd', not {self.accent!r}.")
        if self.mode not in MODES:
            raise ValueError(f"mode must be one of {', '.join(MODES)}, not {self.mode!r}.")
        if len(self.emoji) > 16:
            raise ValueError("emoji must be one emoji.")
        if self.logo and (not self.logo.startswith("data:image/") or len(self.logo) > LOGO_MAX):
            raise ValueError(f"The logo must be an image of at most {LOGO_MAX * 3 // 4 // 1024} KiB.")
        if len(self.variables) > VARIABLES_MAX:
            raise ValueError(f"There may be {VARIABLES_MAX} CSS variables at most.")
        for name, value in self.variables.items():
            if not _NAME.fullmatch(name) or not _is_plain(value):
                raise ValueError(f"{name!r}: {value!r} is no CSS variable with a plain value.")

    @property
    def attributes(self) -> str:
        """The attributes of the page's `<html>`, quoted."""
        style = {**(_accent(self.accent) if self.accent else {}), **self.variables}
        values = {
            "data-emoji": self.emoji,
            "data-logo": self.logo,
            "data-theme": "" if self.mode == "system" else self.mode,
            "style": "; ".join(f"{name}: {value}" for name, value in style.items()),
        }
        return "".join(f' {name}="{html.escape(value)}"' for name, value in values.items() if value)

    @property
    def icon(self) -> str:
        """The favicon as a data URI; empty where there is no emoji."""
        if not self.emoji:
            return ""
        text = f'<text x="50" y=".9em" font-size="88" text-anchor="middle">{html.escape(self.emoji)}</text>'
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">{text}</svg>'
        return f"data:image/svg+xml,{quote(svg)}"


NO_THEME = Theme()


def _is_plain(value: object) -> bool:
    """Whether a CSS value ends where its text ends, and loads nothing."""
    if not isinstance(value, str) or not _VALUE.fullmatch(value) or "/*" in value:
        return False
    rest = _QUOTED.sub("", value.lower())
    opened = 0
    for sign in rest:
        opened += (sign in "([") - (sign in ")]")
        if opened < 0:
            return False
    return not opened and "'" not in rest and _FUNCTIONS.issuperset(_CALL.findall(rest))


def _accent(colour: str) -> dict[str, str]:
    """The accent's variables: fills, borders, and texts that can be read on them, in light and dark."""
    solid = _parse(colour)
    soft, soft_dark = _mix(solid, _WHITE, 0.9), _mix(solid, _DARK, 0.8)
    on_accent = _WHITE if _contrast(solid, _WHITE) >= _contrast(solid, _BLACK) else _BLACK
    text, text_dark = _readable(solid, (soft, _WHITE), _BLACK), _readable(solid, (soft_dark, _DARK), _WHITE)
    return {
        "--accent-solid": _hex(solid),
        "--on-accent": _hex(on_accent),
        "--accent-hover": _hex(_mix(solid, _BLACK if on_accent == _WHITE else _WHITE, 0.12)),
        "--accent-soft": f"light-dark({_hex(soft)}, {_hex(soft_dark)})",
        "--accent-line": f"light-dark({_hex(_mix(solid, _WHITE, 0.55))}, {_hex(_mix(solid, _DARK, 0.45))})",
        "--accent": f"light-dark({_hex(text)}, {_hex(text_dark)})",
    }


def _parse(colour: str) -> Rgb:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * one for one in colour[1:])
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def _hex(colour: Rgb) -> str:
    return "#" + "".join(f"{part:02x}" for part in colour)


def _mix(one: Rgb, other: Rgb, share: float) -> Rgb:
    """A colour with this share of `other`."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _luminance(colour: Rgb) -> float:
    linear = [part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: Rgb, other: Rgb) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _readable(colour: Rgb, grounds: tuple[Rgb, ...], toward: Rgb) -> Rgb:
    """The colour, mixed with `toward` until texts in it can be read on each of the grounds."""
    for step in range(21):
        mixed = _mix(colour, toward, step / 20)
        if all(_contrast(mixed, ground) >= _TEXT_CONTRAST for ground in grounds):
            return mixed
    return toward
