"""The HTML that a Space's page shows until its script has run. It has the elements that js/web/src/pages draws in their
places, so that the script takes them over and nothing moves; below what has an unknown height it ends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode

from spaceport.api.api_paint import ApiPaint
from spaceport.api.catalog import Endpoint
from spaceport.api.theme import Theme

TABS_MAX = 6
"""As in js/web/src/pages/endpoints.tsx: more endpoints are a list."""
LIST_MAX = 200
"""Longer lists come with the script: they would be most of the page."""
TEXT_MAX = 5000
"""As in js/web/src/views/description.tsx."""
_TITLE_MAX = 300
_LINE_MAX = 300
_LONG_WORD = re.compile(r"\S{1000}")
"""As in js/web/src/views/longwords.ts."""
_FIELDS_MAX = 8
# The rules of js/web/src/views/plaintext.ts.
_BLOCKS = re.compile(r"^\s*([-+*]\s|\d+[.)]\s|#|>|={3}| {4}|\t)|[\n\\$|<!]|```")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_MARKS = re.compile(r"\*\*?|`")
_VIEWS = {"app": "App", "api": "API", "history": "History"}
_FIELD = (
    '<div class="skeleton" aria-hidden="true"><span style="height:14px;width:30%"></span>'
    '<span style="height:34px;width:100%"></span></div>'
)
_RESULT = '<div class="skeleton" aria-hidden="true"><span style="height:30px"></span></div>'


@dataclass(frozen=True, slots=True)
class FirstPaint:
    """What the address asks for: `view` and `endpoint` as they are in it, `framed` without the bar."""

    title: str
    description: str
    theme: Theme
    icon: str
    chat: bool
    view: str
    endpoint: str | None
    framed: bool
    api: ApiPaint

    def html(self, endpoints: Sequence[Endpoint]) -> str:
        """The content of the page's element. All texts are quoted."""
        view = self.view if self.view in _VIEWS else "app"
        name = None if self.endpoint is None else self.endpoint.removeprefix("/")
        chosen = next((one for one in endpoints if one.name == name), None)
        known = chosen is not None or name is None
        chosen = chosen or next(iter(endpoints), None)
        content = ""
        if view == "app" and known and chosen is not None and not self.chat:
            content = _app(self.description, endpoints, chosen)
        if view == "api" and known and chosen is not None and len(endpoints) <= LIST_MAX:
            first = chosen if chosen is endpoints[0] else None  # the page scrolls to another
            content = self.api.html(endpoints, first, lambda text: _rich(text) if _is_one_line(text) else None)
        bar = "" if self.framed else self._bar(view, chosen)
        classes = f"space-page {view}{' framed' if self.framed else ''}{' chatting' if self.chat else ''}"
        return f'{bar}<main class="{classes}">{content}</main>'

    def _bar(self, view: str, chosen: Endpoint | None) -> str:
        logo = self.theme.logo or ("" if self.theme.emoji else self.icon)
        picture = (
            f'<img src="{escape(logo)}" alt="">'
            if logo
            else f'<span aria-hidden="true">{escape(self.theme.emoji)}</span>'
        )
        links = []
        for name, text in _VIEWS.items():
            query = {**({"endpoint": chosen.name} if chosen else {}), **({"view": name} if name != "app" else {})}
            current = ' aria-current="page"' if name == view else ""
            links.append(f'<a href="?{escape(urlencode(query))}"{current}>{text}</a>')
        return (
            f'<header class="bar"><div class="inside"><div class="name">{picture}'
            f'<h1 dir="auto">{escape(self.title[:_TITLE_MAX])}</h1></div>'
            f'<nav aria-label="Views">{"".join(links)}</nav><div class="tools"></div></div></header>'
        )


def _app(description: str, endpoints: Sequence[Endpoint], chosen: Endpoint) -> str:
    above = _rich(description)
    if len(endpoints) > LIST_MAX or not _is_one_line(description):
        return above
    panel = _panel(chosen)
    if len(endpoints) == 1:
        return above + panel
    attributes = f'role="tabpanel" aria-labelledby="endpoint-tab-{escape(chosen.name)}"'
    panel = f'<div id="endpoint" class="endpoint" {attributes}>{panel}</div>'
    tabs = "".join(_tab(one.name, one is chosen) for one in endpoints)
    if len(endpoints) <= TABS_MAX:
        return f'{above}<div class="tabs" role="tablist" aria-label="Endpoints">{tabs}</div>{panel}'
    options = "".join(_option(one.name, one is chosen) for one in endpoints)
    return (
        f'{above}<div class="with-list">'
        f'<div class="endpoint-select"><select aria-label="Endpoint">{options}</select></div>'
        '<div class="endpoint-list"><input type="search" aria-label="Filter endpoints" placeholder="Filter  /">'
        f'<div class="tabs vertical" role="tablist" aria-label="Endpoints" aria-orientation="vertical">{tabs}</div>'
        f"</div>{panel}</div>"
    )


def _panel(endpoint: Endpoint) -> str:
    """The description and, where the form's place is known, its cards."""
    text = endpoint.info.description
    if not _is_one_line(text):
        return _rich(text)
    fields = _FIELD * min(len(endpoint.info.parameters), _FIELDS_MAX)
    return (
        f'{_rich(text)}<div class="sides"><form class="card inputs" aria-label="Inputs">{fields}</form>'
        f'<div class="card outputs">{_RESULT}</div></div>'
    )


def _tab(name: str, chosen: bool) -> str:
    state = f'aria-selected="{str(chosen).lower()}" tabindex="{0 if chosen else -1}"'
    return (
        f'<button type="button" role="tab" id="endpoint-tab-{escape(name)}" aria-controls="endpoint" {state}>'
        f"<span>{escape(name.replace('_', ' '))}</span></button>"
    )


def _option(name: str, chosen: bool) -> str:
    return f'<option value="{escape(name)}"{" selected" if chosen else ""}>{escape(name.replace("_", " "))}</option>'


def _is_one_line(markdown: str) -> bool:
    """Whether Markdown takes the room of its one line when it has been read."""
    return len(markdown) <= _LINE_MAX and not _BLOCKS.search(markdown.strip())


def _rich(markdown: str) -> str:
    """Markdown as paragraphs of text: the script draws what is more than that."""
    if not markdown:
        return ""
    if _is_one_line(markdown):
        paragraphs = [_MARKS.sub("", _LINK.sub(r"\1", markdown.strip()))]
    else:
        paragraphs = [one for part in markdown[:TEXT_MAX].split("\n\n") if (one := part.strip())]
    return f'<div class="rich" dir="auto">{"".join(map(_paragraph, paragraphs))}</div>'


def _paragraph(text: str) -> str:
    mark = " data-long-words" if _LONG_WORD.search(text) else ""
    return f"<p{mark}>{escape(text)}</p>"
