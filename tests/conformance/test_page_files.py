"""What a page loads from its Space, as HTTP."""

from __future__ import annotations

import re

import httpx


def test_files_of_the_page_are_compressed_for_who_takes_that(basic):
    page = basic.http.get("/")
    name = re.search(r'href="\./(--spaceport/web/[^"]+\.js)"', page.text).group(1)
    plain = basic.http.get(f"/{name}", headers={"accept-encoding": "identity"})
    packed = basic.http.get(f"/{name}", headers={"accept-encoding": "gzip, br"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content  # httpx unpacks it
    assert int(packed.headers["content-length"]) < len(plain.content) / 2
    assert plain.headers["vary"] == packed.headers["vary"] == "accept-encoding"
    assert "immutable" in packed.headers["cache-control"]


def test_bokeh_of_the_space_has_a_frame_without_an_origin(basic):
    frame = basic.http.get("/--spaceport/bokeh/frame")
    rules = frame.headers["content-security-policy"].split("; ")
    assert "sandbox allow-scripts" in rules
    assert "default-src 'none'" in rules
    assert not [rule for rule in rules if rule.startswith("connect-src")]
    assert b"Bokeh" in basic.http.get("/--spaceport/bokeh/bokeh.min.js").content
    for name in ("lib", "bokeh.js", "..%2fpackage.json", "missing.min.js"):
        missing: httpx.Response = basic.http.get(f"/--spaceport/bokeh/{name}")
        assert missing.status_code == 404, name
