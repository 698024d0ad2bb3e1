"""What the API view of a Space's page shows until its script has run: `first_paint` for js/web/src/pages/api."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import quote

from spaceport.api.catalog import Endpoint
from spaceport.wire.documents import ComponentEntry, Parameter, Returned
from spaceport.wire.json import encode

INDEX_MIN = 3
FILTER_MIN = 10
CODE_MAX = 20_000
"""As in js/web/src/services/shorten.ts."""
_CODE_LINES = 8
_LABEL_MAX = 300
_TEXT_MAX = 2000
_LANGUAGES = {
    "python": "Python",
    "python_async": "Python (async)",
    "javascript": "JavaScript",
    "browser": "Browser",
    "bash": "curl",
    "bash_stream": "curl (stream)",
    "cli": "CLI",
}
_STANDARD_LABEL = re.compile(r"output( \d+)?")
_ICON = '<svg class="icon" width="16" height="16" aria-hidden="true"></svg>'
_STATISTICS = "".join(f"<div><dt>{name}</dt><dd>&ndash;</dd></div>" for name in ("Calls", "Success", "p50", "p95"))


@dataclass(frozen=True, slots=True)
class ApiPaint:
    """`root`: the address of the app, with a slash at its end. `code`: a program in Python that calls an endpoint."""

    root: str
    components: Mapping[int, ComponentEntry]
    code: Callable[[Endpoint], str]

    def html(self, endpoints: Sequence[Endpoint], first: Endpoint | None, describe: Callable[[str], str | None]) -> str:
        """The head and the index; with `first`, its section. `describe` writes a description, or None where its height
        is not known."""
        indexed = len(endpoints) >= INDEX_MIN
        section = self._section(first, describe) if first else ""
        return (
            f'<div class="api{" with-index" if indexed else ""}">{_index(endpoints) if indexed else ""}'
            f'<div class="all">{self._head(len(endpoints))}{_language_bar()}{section}</div></div>'
        )

    def _head(self, count: int) -> str:
        root = escape(self.root)
        links = (("openapi.json", "OpenAPI"), ("agents.md", "Markdown"), ("llms.txt", "llms.txt"))
        return (
            f'<div class="api-head"><div><h2>API</h2><p>{count} {"endpoint" if count == 1 else "endpoints"} at '
            f"<code>{root}</code>{_copy('Copy address')}</p>"
            "<p><small>The code has the values of the page's inputs.</small></p></div>"
            f'<p class="links"><button type="button" class="small copy">{_ICON}Copy page</button>'
            + "".join(f'<a href="{root}{path}">{_ICON}{text}</a>' for path, text in links)
            + f'</p><form class="token">{_ICON}<input aria-label="Token" type="password" autocomplete="off" '
            'placeholder="Token, if this Space asks for one"></form></div>'
        )

    def _section(self, endpoint: Endpoint, describe: Callable[[str], str | None]) -> str:
        name, info = escape(endpoint.name), endpoint.info
        badge = '<span class="badge accent">streams</span>' if endpoint.generator else ""
        start = (
            f'<section class="docs" id="api-{name}" aria-label="/{name}"><div class="about">'
            f"<h2><code>/{name}</code>{badge}</h2>"
        )
        text = describe(info.description)
        if text is None:
            return f"{start}</div></section>"
        dependency = endpoint.dependency
        inputs = list(zip(info.parameters, self._shown(dependency.inputs, len(info.parameters)), strict=True))
        outputs = list(zip(info.returns, self._shown(dependency.outputs, len(info.returns)), strict=True))
        return (
            f'{start}{text}<dl class="statistics" aria-label="Since the server started">{_STATISTICS}</dl>'
            f"{_parameters(inputs)}{_returns(outputs)}</div>"
            f'<div class="side"><div class="code" style="--lines:{_CODE_LINES + len(inputs)}"><div class="code-block">'
            f'<pre data-language="python" tabindex="0"><code>{escape(_shorten(self.code(endpoint), CODE_MAX))}</code>'
            f"</pre>{_copy('Copy code')}</div></div></div></section>"
        )

    def _shown(self, ids: Sequence[int], count: int) -> list[dict[str, Any]]:
        """The properties and the type of the components that stand for values, as many as there are values."""
        found = [self.components[one] for one in ids if one in self.components]
        shown = [{**one.props, "type of it": one.type} for one in found if one.type != "state"]
        return (shown + [{}] * count)[:count]


def _index(endpoints: Sequence[Endpoint]) -> str:
    links = "".join(
        f'<li><a href="#{escape(quote(f"api-{one.name}", safe=""))}">/{escape(one.name)}</a></li>' for one in endpoints
    )
    box = '<input type="search" aria-label="Filter endpoints" placeholder="Filter">'
    box = box if len(endpoints) >= FILTER_MIN else ""
    return f'<nav class="api-index" aria-label="Endpoints">{box}<ul>{links}</ul></nav>'


def _language_bar() -> str:
    radios = options = ""
    for name, text in _LANGUAGES.items():
        radios += f'<label><input type="radio"{" checked" if name == "python" else ""}>{text}</label>'
        options += f'<option value="{name}">{text}</option>'
    return (
        f'<div class="language-bar"><div class="segmented" role="radiogroup" aria-label="Language">{radios}</div>'
        f'<select aria-label="Language">{options}</select>'
        f'<p class="install"><code>pip install spaceport-hub</code>{_copy("Copy install command")}</p></div>'
    )


def _copy(label: str) -> str:
    return (
        f'<button type="button" class="icon-button ghost copy" aria-label="{label}">{_ICON}</button>'
        '<span class="visually-hidden" aria-live="polite"></span>'
    )


def _parameters(fields: Sequence[tuple[Parameter, Mapping[str, Any]]]) -> str:
    if not fields:
        return "<p>This endpoint takes no parameters.</p>"
    items = []
    for field, props in fields:
        given = "" if not field.parameter_has_default else encode(field.parameter_default).decode()
        state = (
            f"<small>default <code>{escape(_shorten(given, _TEXT_MAX))}</code></small>"
            if field.parameter_has_default
            else '<span class="needed">required</span>'
        )
        label = _label(field, field.parameter_name, props)
        info = str(props.get("info") or field.type.get("description") or "")
        own = "" if label == _humanize(field.parameter_name) else label
        about = ". ".join(one for one in (own, _shorten(info, _TEXT_MAX)) if one)
        items.append(
            f'<li><p><code class="name">{escape(field.parameter_name)}</code> {_type(field)}{state}</p>'
            f"{f'<small>{escape(about)}</small>' if about else ''}</li>"
        )
    return f'<h3>Parameters</h3><ul class="parameters">{"".join(items)}</ul>'


def _returns(fields: Sequence[tuple[Returned, Mapping[str, Any]]]) -> str:
    items = [
        f'<li><p><span class="name">{escape(_label(field, None, props))}</span> {_type(field)}'
        f"{f'<small>{escape(field.component)}</small>' if field.component != 'Api' else ''}</p></li>"
        for field, props in fields
    ]
    return f'<h3>Returns</h3><ul class="parameters returns">{"".join(items) or "<li>Nothing.</li>"}</ul>'


def _type(field: Parameter | Returned) -> str:
    return f'<code class="type">{escape(_shorten(field.python_type.type, _TEXT_MAX))}</code>'


def _label(field: Parameter | Returned, name: str | None, props: Mapping[str, Any]) -> str:
    """As `labelOf` in js/web/src/services/space.ts."""
    own, plain = str(props.get("label") or ""), props.get("type of it") == "api"
    if _STANDARD_LABEL.fullmatch(own):
        text = _humanize(own)
    elif not plain and own and own != name:
        text = own
    elif name is not None:
        text = _humanize(name)
    else:
        text = "Result" if plain or re.fullmatch(r"value_\d+", field.label) else _humanize(field.label)
    return _shorten(text, _LABEL_MAX)


def _humanize(name: str) -> str:
    words = re.sub(r"[_-]+", " ", name).strip()
    return words[:1].upper() + words[1:]


def _shorten(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[:limit]}… {len(text) - limit:,} more characters"
