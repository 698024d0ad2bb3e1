"""`space.theme(…)`: what it refuses, what it quotes, and that texts in any accent can be read."""

from __future__ import annotations

import re

import pytest
from tests.faults import fault

import spaceport as sp
from spaceport.api import theme
from spaceport.api.theme import Theme

GROUNDS = {"light": (255, 255, 255), "dark": (24, 25, 27)}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"accent": "red"}, "accent must be a colour"),
        ({"accent": "#12345"}, "accent must be a colour"),
        ({"accent": "#123456; x"}, "accent must be a colour"),
        ({"mode": "night"}, "mode must be one of"),
        ({"emoji": "x" * 17}, "emoji must be one emoji"),
        ({"variables": {"radius": "4px"}}, "no CSS variable"),
        ({"variables": {"--radius": "4px; color: red"}}, "no CSS variable"),
        ({"variables": {"--ground": "url(https://example.com/x)"}}, "no CSS variable"),
        ({"variables": {"--ground": 4}}, "no CSS variable"),
        ({"variables": {f"--a{n}": "1" for n in range(101)}}, "100 CSS variables"),
        ({"logo": __file__}, "no image"),
    ],
)
def test_what_it_refuses(given, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        sp.Space().theme(**given)


@fault(
    kind="quoting",
    given="`space.theme(variables=…)` with a value that does not end where its text ends: `calc(1px`, `4px /*`, `'`",
    before="it swallowed the variables behind it",
    now="ValueError; so are functions that load something, `image-set('…')` among them",
)
@pytest.mark.parametrize(
    "value",
    [
        "4px;}",
        "4px}",
        "red;} body{display:none}",
        "</style><script>alert(1)</script>",
        '4px"onload="alert(1)',
        "4px /*",
        "calc(1px",
        "1px)",
        "[a",
        "'",
        "a 'b",
        "URL(//example.com/x)",
        "u\\72l(//example.com)",
        "image-set('https://example.com/x' 1x)",
        "-webkit-image-set('https://example.com/x' 1x)",
        "cross-fade(red, blue)",
        "src('https://example.com/x')",
        "image('https://example.com/x')",
        "element(page)",
        "expression(alert(1))",
        "paint(x)",
        "attr(href)",
        "4px\n",
        "",
        "1" * 201,
    ],
)
def test_a_value_ends_where_its_text_ends(value):
    with pytest.raises(ValueError, match="no CSS variable with a plain value"):
        Theme(variables={"--radius": value})


@pytest.mark.parametrize(
    "value",
    [
        "4px",
        "'Inter', sans-serif",
        "calc(2 * (1px + 1rem))",
        "light-dark(#fff, rgb(0 0 0 / 50%))",
        "linear-gradient(135deg, var(--a), oklch(40% 0.1 20))",
        "'it (is) quoted'",
        "1" * 200,
    ],
)
def test_plain_values(value):
    assert f"--radius: {value}".replace("'", "&#x27;") in Theme(variables={"--radius": value}).attributes


def test_a_hundred_variables_and_sixteen_letters_fit():
    Theme(emoji="x" * 16, variables={f"--a{n}": "1" for n in range(100)})


def test_a_logo_has_a_bound(tmp_path):
    for size, fits in ((48 << 10, False), (47 << 10, True)):
        (tmp_path / "logo.png").write_bytes(b"x" * size)
        if fits:
            assert sp.Space().theme(logo=tmp_path / "logo.png").look.logo.startswith("data:image/png;base64,")
        else:
            with pytest.raises(ValueError, match="logo must be an image of at most 48 KiB"):
                sp.Space().theme(logo=tmp_path / "logo.png")


def test_it_is_quoted():
    found = Theme(emoji='"><script>').attributes
    assert found == ' data-emoji="&quot;&gt;&lt;script&gt;"'
    assert "<" not in Theme(emoji="<b>").icon.removeprefix("data:image/svg+xml,")
    assert Theme().attributes == ""
    assert Theme().icon == ""


@pytest.mark.parametrize("accent", ["#fff", "#000", "#ffff00", "#e11d48", "#0e7490", "#808080", "#00ff88"])
def test_texts_can_be_read(accent):
    found = theme._accent(accent)
    colours = {name: [theme._parse(one) for one in re.findall(r"#\w+", value)] for name, value in found.items()}
    assert theme._contrast(colours["--accent-solid"][0], colours["--on-accent"][0]) >= 4.5
    for text, soft, ground in zip(colours["--accent"], colours["--accent-soft"], GROUNDS.values(), strict=True):
        assert theme._contrast(text, soft) >= 4.5
        assert theme._contrast(text, ground) >= 4.5
