"""Faults of what the page shows: tables, Markdown, addresses, the API page, names and order for the keyboard."""

from __future__ import annotations

import itertools
import re

import pytest

from tests.conftest import APPS, ROOT, Server
from tests.faults import fault
from tests.web.conftest import done, run


@pytest.fixture(scope="module")
def faults(tmp_path_factory):
    server = Server(APPS / "page_faults.py", tmp_path_factory.mktemp("faults"), {})
    yield server
    server.kill()


@pytest.fixture(scope="module")
def chat(tmp_path_factory):
    server = Server(APPS / "page_chat.py", tmp_path_factory.mktemp("chat"), {})
    yield server
    server.kill()


def opened(tabs, server, query):
    page = tabs.open(f"{server.url}/?{query}")
    page.get_by_role("button", name="Run", exact=True).wait_for()
    return page


def outcome(page):
    return page.locator(".outputs .output").first


@fault(
    kind="page",
    given="a table of 10,000 rows",
    before="it took 5.5 s to show, and 1.5 s to sort",
    now="only rows that can be seen are drawn, after sorting too, and all are reached by scrolling",
)
def test_a_long_table(tabs, faults):
    page = opened(tabs, faults, "endpoint=rows&count=10000")
    run(page)
    done(page)
    table = outcome(page).locator("table")
    assert "10,000 rows" in outcome(page).inner_text()
    assert table.locator("tbody tr").count() < 100
    outcome(page).get_by_role("button", name="other").click()
    first = outcome(page).locator("tbody tr:not([aria-hidden]) td:nth-child(2)").first
    first.filter(has_text=re.compile("^0$")).wait_for()
    assert table.locator("tbody tr").count() < 100  # of which sorting draws no more either
    outcome(page).locator(".table").evaluate("(one) => { one.scrollTop = one.scrollHeight }")
    table.locator("tr[aria-rowindex='10001']").wait_for()
    head, scroller = outcome(page).locator("th").first.bounding_box(), outcome(page).locator(".table").bounding_box()
    assert abs(head["y"] - scroller["y"]) < 3  # the head stays in view


@fault(
    kind="page",
    given="a column of long words in a narrow page",
    before="words were broken letter by letter",
    now="the table scrolls; no word is broken",
)
@pytest.mark.parametrize("count", [3, 100, 101])
def test_cells_break_no_words(tabs, faults, count):
    page = opened(tabs, faults, f"endpoint=rows&count={count}")
    page.set_viewport_size({"width": 380, "height": 800})
    run(page)
    done(page)
    cell = outcome(page).locator("tbody tr:not([aria-hidden]) td:nth-child(3)").first
    assert cell.bounding_box()["height"] < 140  # five words, one a line at most
    wide = cell.evaluate(
        """(cell) => {
          const measure = document.createElement("span");
          measure.textContent = "internationalization";
          measure.style.cssText = "position: absolute; white-space: nowrap";
          cell.append(measure);
          const width = measure.getBoundingClientRect().width;
          measure.remove();
          return cell.clientWidth >= width;
        }"""
    )
    assert wide
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 380


@fault(
    kind="page",
    given="lists inside a chat's answer",
    before="each entry was drawn as a bubble of its own",
    now="they are lists inside the answer's bubble",
)
def test_lists_in_a_chat(tabs, chat):
    page = tabs.open(chat.url)
    box = page.get_by_role("textbox", name="Message")
    box.fill("hello")
    box.press("Enter")
    assert box.input_value() == ""  # it empties at once
    page.locator(".chat .theirs li", has_text="three").wait_for()
    style = page.locator(".chat .theirs li").first.evaluate("(one) => getComputedStyle(one).borderTopWidth")
    assert style == "0px"
    assert page.evaluate("() => document.activeElement.tagName") == "TEXTAREA"


@fault(
    kind="page",
    given="a reload while a chat's answer is made",
    before="the conversation was lost",
    now="it is there, and the answer goes on",
)
def test_a_chat_after_a_reload(tabs, chat):
    page = tabs.open(chat.url)
    box = page.get_by_role("textbox", name="Message")
    box.fill("first")
    box.press("Enter")
    page.locator(".chat .theirs li", has_text="three").wait_for()
    page.get_by_role("button", name="Send").wait_for()
    box.fill("slow one")
    box.press("Enter")
    page.locator(".chat .theirs", has_text="You said slow one, after 2 turns").wait_for()
    page.reload()
    page.locator(".chat .theirs", has_text="You said first").wait_for()
    assert page.locator(".chat .mine").all_inner_texts()[-1].endswith("slow one")
    page.locator(".chat .theirs", has_text="slow one").locator("li", has_text="three").wait_for()
    page.get_by_role("button", name="Send").wait_for()
    box.fill("third")
    box.press("Enter")
    page.locator(".chat .theirs", has_text="after 4 turns").locator("li", has_text="three").wait_for()
    assert page.locator(".chat > li").count() == 6


@fault(
    kind="page",
    given="formulas in Markdown: `$$…$$`, `$…$`, `\\\\(…\\\\)`, and prices",
    before="they stayed as they were typed",
    now="they are typeset; `$5 and $10` stays text",
)
def test_formulas(tabs, faults):
    page = opened(tabs, faults, "endpoint=markdown")
    page.get_by_label("Text", exact=True).fill(
        "$$\\frac{a}{b}$$\n\nand $x^2$ and \\(y_1\\) cost $5 and $10. $\\href{javascript:alert(1)}{x}$ <b>$z$</b>"
    )
    run(page)
    done(page)
    outcome(page).locator("math").nth(3).wait_for()
    assert outcome(page).locator("math mfrac").count() == 1
    assert outcome(page).locator("math msup").count() == 1
    assert "cost $5 and $10." in outcome(page).inner_text()
    assert outcome(page).locator("a[href^=javascript]").count() == 0


@fault(
    kind="page",
    given="a task list in Markdown",
    before="the boxes were lost",
    now="they are shown, and named for screen readers",
)
def test_task_lists(tabs, faults):
    page = opened(tabs, faults, "endpoint=markdown")
    page.get_by_label("Text", exact=True).fill("- [x] one\n- [ ] two\n- three")
    run(page)
    done(page)
    outcome(page).get_by_role("img", name="done").wait_for()
    assert outcome(page).locator("li").all_inner_texts() == ["☑ one", "☐ two", "three"]
    assert outcome(page).get_by_role("img", name="open").count() == 1


@fault(
    kind="page",
    given="Home and End in a list of tabs",
    before="nothing",
    now="the first and the last tab",
)
def test_home_and_end(tabs, faults):
    page = opened(tabs, faults, "endpoint=keys")
    page.get_by_role("tab", name="keys").focus()
    page.keyboard.press("End")
    assert page.get_by_role("tab", name="copy").get_attribute("aria-selected") == "true"
    page.keyboard.press("Home")
    assert page.get_by_role("tab", name="wait").get_attribute("aria-selected") == "true"
    assert page.evaluate("() => document.activeElement.textContent") == "wait"


@fault(
    kind="page",
    given="Back after another endpoint was chosen, and from the API page",
    before="endpoints made no history: Back left the page",
    now="each view has an address, and Back and Forward lead through them",
)
def test_views_have_addresses(tabs, faults):
    page = opened(tabs, faults, "endpoint=keys")
    page.get_by_role("tab", name="short").click()
    assert page.url.endswith("?endpoint=short")
    page.get_by_role("link", name="API", exact=True).click()
    assert "view=api" in page.url
    page.go_back()
    page.get_by_role("tab", name="short", selected=True).wait_for()
    page.go_back()
    page.get_by_role("tab", name="keys", selected=True).wait_for()
    page.go_forward()
    page.get_by_role("tab", name="short", selected=True).wait_for()


@fault(
    kind="page",
    given="`?endpoint=nothing`, and `?endpoint=` with markup",
    before="the first endpoint was shown without a word",
    now="the page says that there is no such endpoint, and which one it shows",
)
@pytest.mark.parametrize("name", ["nothing", "<b>x</b>", "%2Fnothing"])
def test_an_unknown_endpoint(tabs, faults, name):
    page = opened(tabs, faults, f"endpoint={name}")
    said = page.get_by_role("alert").inner_text()
    assert "This Space has no endpoint" in said
    assert "“wait”" in said
    page.get_by_role("tab", name="keys").click()
    assert page.get_by_role("alert").count() == 0


@fault(
    kind="page",
    given="the API page of a Space with many endpoints, opened from one of them",
    before="17,070 pixels without an index, always opened at the top",
    now="it has an index, and opens at the endpoint",
)
def test_the_api_page_has_an_index(tabs, space):
    page = tabs.open(f"{space.url}/?endpoint=repeat")
    page.get_by_role("link", name="API", exact=True).click()
    page.locator("#api-repeat").wait_for()
    page.wait_for_timeout(300)
    assert -50 < page.locator("#api-repeat").bounding_box()["y"] < 400
    index = page.get_by_role("navigation", name="Endpoints")
    assert index.get_by_role("link").count() == page.locator("section.docs").count()
    index.get_by_role("link", name="/line", exact=True).click()
    page.wait_for_timeout(300)
    assert -50 < page.locator("#api-line").bounding_box()["y"] < 500
    direct = tabs.open(f"{space.url}/?view=api&endpoint=spell")
    direct.locator("#api-spell").wait_for()
    direct.wait_for_timeout(300)
    assert -50 < direct.locator("#api-spell").bounding_box()["y"] < 400


@pytest.fixture
def labelled(tmp_path):
    app = tmp_path / "labelled.py"
    app.write_text(
        "import spaceport as sp\n"
        "both = lambda first_word, x: (first_word, x)\n"
        "space = sp.Interface(both, ['text', 'text'], ['text', 'text'], api_name='both')\n"
    )
    server = Server(app, tmp_path / "data", {})
    yield server
    server.kill()


@fault(
    kind="page",
    given="parameters that are called `text` and `first_word`, components with a label, and outputs of an Interface",
    before="labels in two cases: `text` or `output` beside `Data`",
    now="each label begins with a capital, and has blanks",
)
def test_labels_have_one_case(tabs, space, labelled):
    pages = [(space, "repeat"), (space, "slow"), (space, "echo_dropdown_many"), (labelled, "both")]
    for server, endpoint in pages:
        page = opened(tabs, server, f"endpoint={endpoint}")
        labels = page.locator(".inputs .field > label, .inputs legend, .outputs h2.minor").all_inner_texts()
        assert labels, endpoint
        assert all(one.strip()[:1].isupper() and "_" not in one for one in labels if one.strip()), labels
        page.close()


@fault(
    kind="page",
    given="headings of every page",
    before="h3 came after h1",
    now="no level is left out",
)
@pytest.mark.parametrize("query", ["endpoint=repeat", "view=api", "endpoint=figure"])
def test_headings_are_in_order(tabs, space, query):
    page = opened(tabs, space, query) if "view" not in query else tabs.open(f"{space.url}/?{query}")
    page.locator("main h2").first.wait_for()
    shown = "[...document.querySelectorAll('h1, h2, h3, h4')].filter((one) => one.checkVisibility())"
    levels = page.evaluate(f"() => {shown}.map((one) => +one.tagName[1])")
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


@fault(
    kind="page",
    given="Tab through an input for files",
    before="it had two tab stops",
    now="one, and its label still opens the chooser",
)
def test_a_file_input_is_one_stop(tabs, faults):
    page = opened(tabs, faults, "endpoint=copy")
    page.get_by_role("tab", name="copy").focus()
    page.keyboard.press("Tab")
    assert "drop-button" in page.evaluate("() => document.activeElement.className")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.textContent") == "Reset"  # Run is off: no file yet
    with page.expect_file_chooser():
        page.locator(".inputs label", has_text="File").click()


@fault(
    kind="page",
    given="Arabic or Hebrew as an input, a result or a message",
    before="it was set from left to right",
    now="every text has the direction of what it says",
)
def test_directions(tabs, faults):
    page = opened(tabs, faults, "endpoint=short")
    box = page.get_by_label("Text", exact=True)
    box.fill("مرحبا بالعالم")
    assert box.evaluate("(one) => getComputedStyle(one).direction") == "rtl"
    run(page)
    done(page)
    assert outcome(page).locator(".text-value").evaluate("(one) => getComputedStyle(one).direction") == "rtl"


@fault(
    kind="page",
    given="the icon of every page",
    before="none: an empty address",
    now="a picture, which is part of the page",
)
def test_there_is_an_icon(tabs, faults):
    page = opened(tabs, faults, "endpoint=short")
    icon = page.locator("link[rel=icon]").get_attribute("href")
    assert icon.startswith("data:image/svg+xml,")
    drawn = (
        "(address) => new Promise((ok, bad) => Object.assign(new Image(), {onload: ok, onerror: bad, src: address}))"
    )
    page.evaluate(f"(address) => ({drawn})(address).then(() => true)", icon)


@fault(
    kind="page",
    given="`?__theme=dark`, `?__theme=nonsense`, `?__chrome=0`",
    before="the theme was kept for all later visits; title, footer and theme button stood twice in the hub",
    now="they hold for this page; a framed page has the app alone",
)
def test_the_page_in_a_frame(tabs, faults):
    page = opened(tabs, faults, "endpoint=short&__theme=dark&__chrome=0")
    theme = "() => document.documentElement.dataset.theme"
    assert page.evaluate(theme) == "dark"
    assert page.locator("header, footer").count() == 0
    page.get_by_role("tab", name="keys").click()
    assert "__chrome=0" in page.url  # the next view is framed too
    plain = opened(tabs, faults, "endpoint=short&__theme=nonsense")
    assert plain.evaluate(theme) == "auto"
    assert plain.locator("header h1").inner_text() == "Faults"


@fault(
    kind="origin",
    given="a token that is typed on the API page of a Space",
    before="it was kept in sessionStorage, which every other Space's script of that origin could read",
    now="it is kept in memory only",
)
def test_a_token_is_not_stored(tabs, space):
    page = tabs.open(f"{space.url}/?view=api")
    page.get_by_label("Token").fill("hf_very_secret")
    page.locator("#api-echo_textbox").scroll_into_view_if_needed()
    page.locator("#api-echo_textbox pre", has_text="hf_••••").wait_for()
    stored = "() => JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"
    assert "secret" not in page.evaluate(stored)


def test_services_are_the_only_border():
    """Pages, views and components ask the API through services/: only there is `fetch` and js/client."""
    border = re.compile(
        r"(?<![\w.])fetch\(|\.fetch\(|XMLHttpRequest|EventSource|WebSocket|from \"spaceport-client\"|client/src"
    )
    found = []
    for path in sorted((ROOT / "js" / "web" / "src").rglob("*.ts*")):
        if "services" not in path.parts and border.search(path.read_text()):
            found.append(str(path))
    assert not found


def test_function_names_have_one_case():
    """Functions of both packages are camelCase; js/client's own public names that Gradio's client has too stay."""
    declared = re.compile(r"^\s*(?:export )?(?:default )?(?:async )?function\*? (\w+)", re.MULTILINE)
    public = {"handle_file"}
    for package in ("client", "web"):
        for path in sorted((ROOT / "js" / package / "src").rglob("*.ts*")):
            snake = {name for name in declared.findall(path.read_text()) if "_" in name.strip("_")} - public
            assert not snake, (path, snake)


def test_each_style_sheet_is_beside_its_user():
    """No sheet grows into one for all: the base is small, and each other sheet is imported by a neighbour."""
    root = ROOT / "js" / "web" / "src"
    for sheet in sorted(root.rglob("*.css")):
        lines = len(sheet.read_text().splitlines())
        assert lines <= 320, (sheet, lines)
        if "style" not in sheet.relative_to(root).parts[:-1]:
            users = [path for path in sheet.parent.glob("*.ts*") if f'"./{sheet.name}"' in path.read_text()]
            assert users or sheet.name == "layers.css", sheet
