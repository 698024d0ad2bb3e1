"""A page that stands alone: what a browser sees in place of an app or a file that the hub cannot show.

It has no script and loads nothing, so that it can be served on the hosts of Spaces too. Its colours are those of
js/web/src/style, in the theme that the system or the address (`__theme`) asks for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_PAGE = """<!doctype html>
<html lang="en"{theme}>
<head>
<meta charset="utf-8">{refresh}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
<div class="icon {kind}"><svg viewBox="0 0 24 24" aria-hidden="true">{icon}</svg></div>
<h1 dir="auto">{title}</h1>
{text}{log}{links}</main>
</body>
</html>
"""
_STYLE = """
:root{color-scheme:light dark;--ground:light-dark(#fcfcfd,#111113);--card:light-dark(#fff,#18191b);
--line:light-dark(#d9d9e0,#363a3f);--text:light-dark(#1c2024,#edeef0);--soft:light-dark(#60646c,#b0b4ba);
--accent:light-dark(#3e63dd,#9eb1ff);--tint:light-dark(#edf2fe,#182449);--bad:light-dark(#ce2c31,#ff9592);
--badtint:light-dark(#feebec,#3b1219);--warn:light-dark(#ab6400,#ffca16);--warntint:light-dark(#fff7c2,#302008)}
:root[data-theme=light]{color-scheme:light}:root[data-theme=dark]{color-scheme:dark}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:24px;background:var(--ground);
color:var(--text);font:14px/1.5 "Inter Variable",Inter,system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{width:100%;max-width:44rem;display:grid;justify-items:center;gap:12px;text-align:center}
.icon{width:56px;height:56px;border-radius:16px;display:grid;place-items:center;background:var(--tint);
color:var(--accent)}
.icon.bad{background:var(--badtint);color:var(--bad)}.icon.warn{background:var(--warntint);color:var(--warn)}
svg{width:28px;height:28px;fill:none;stroke:currentColor;stroke-width:1.5;stroke-linecap:round;stroke-linejoin:round}
h1{font-size:20px;line-height:1.2;margin:8px 0 0;overflow-wrap:anywhere}
p{margin:0;max-width:34rem;color:var(--soft);overflow-wrap:anywhere}p[role]{color:var(--text)}
.log{width:100%;text-align:left;margin-top:12px}h2{font-size:12px;font-weight:600;color:var(--soft);margin:0 0 8px}
pre{margin:0;padding:12px 16px;max-height:50vh;overflow:auto;background:var(--card);border:1px solid var(--line);
border-radius:10px;font:12px/1.6 ui-monospace,"SF Mono",Menlo,Consolas,monospace;white-space:pre-wrap;
overflow-wrap:anywhere}
nav{display:flex;flex-wrap:wrap;gap:8px;justify-content:center;margin-top:8px}
a{color:var(--text);background:var(--card);border:1px solid var(--line);border-radius:6px;padding:6px 14px;
text-decoration:none;font-weight:500}a:hover{border-color:var(--soft)}
a:focus-visible,pre:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.busy svg{animation:turn 1.2s linear infinite}@keyframes turn{to{transform:rotate(1turn)}}
@media (prefers-reduced-motion:reduce){.busy svg{animation:none}}
""".replace("\n", "")
_ICONS = {  # of Lucide
    "busy": '<path d="M21 12a9 9 0 1 1-6.219-8.56"/>',
    "warn": '<rect x="14" y="4" width="4" height="16" rx="1"/><rect x="6" y="4" width="4" height="16" rx="1"/>',
    "bad": '<path d="m21.73 18-8-14a2 2 0 0 0-3.48 0l-8 14A2 2 0 0 0 4 21h16a2 2 0 0 0 1.73-3"/>'
    '<path d="M12 9v4"/><path d="M12 17h.01"/>',
    "missing": '<circle cx="11" cy="11" r="8"/><path d="m21 21-4.3-4.3"/>',
}
_THEME = re.compile(rb"(?:^|&)__theme=(light|dark)(?:&|$)")
HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
}


@dataclass(frozen=True, slots=True)
class StatePage:
    """`kind`: "busy", "warn", "bad" or "missing". `lines`: sentences; screen readers announce the first one.

    `log`: the end of a log. `links`: labels and addresses. `refresh_s`: it loads itself again after so many seconds.
    """

    kind: str
    title: str
    lines: Sequence[str]
    log: str = ""
    links: Sequence[tuple[str, str]] = ()
    refresh_s: int | None = None

    def render(self, query: bytes = b"") -> bytes:
        """The page, in the theme that the query of the request's address names."""
        theme = _THEME.search(query)
        role = "status" if self.kind == "busy" else "alert"
        first, *others = self.lines
        text = f'<p role="{role}">{escape(first)}</p>\n' + "".join(
            f"<p>{escape(line)}</p>\n" for line in others if line
        )
        log = f'<section class="log"><h2>The end of its log</h2><pre tabindex="0">{escape(self.log)}</pre></section>\n'
        links = "".join(f'<a href="{escape(address)}">{escape(label)}</a>' for label, address in self.links)
        page = _PAGE.format(
            theme="" if theme is None else f' data-theme="{theme[1].decode()}"',
            refresh="" if self.refresh_s is None else f'\n<meta http-equiv="refresh" content="{self.refresh_s}">',
            title=escape(self.title),
            style=_STYLE,
            kind=self.kind,
            icon=_ICONS[self.kind],
            text=text,
            log=log if self.log else "",
            links=f"<nav>{links}</nav>\n" if links else "",
        )
        return page.encode("utf-8", "replace")
