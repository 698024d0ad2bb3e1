"""Names, texts and values that nobody expects: the page stays whole, and what it sends is what it shows."""

from __future__ import annotations

import csv
import json
from urllib.parse import quote

import pytest

from tests.conftest import APPS, Server
from tests.faults import fault
from tests.web.conftest import done, run

WIDTHS = (320, 768, 1440, 1900)
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
HTML_CELL = "<img src=x onerror=\"document.title='owned'\"><b>bold</b>"
FOCUS = "document.activeElement.tagName + ' ' + (document.activeElement.getAttribute('aria-label') ?? '')"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(APPS / "page_hostile.py", tmp_path_factory.mktemp("hostile"), {"SPACEPORT_HEARTBEAT_S": "1"})
    yield server
    server.kill()


def at(server, endpoint, **values):
    inputs = "".join(f"&{quote(name)}={quote(json.dumps(value))}" for name, value in values.items())
    return f"{server.url}/?endpoint={endpoint}{inputs}"


def widths(page):
    """By how many pixels the page is too wide, at each width."""
    found = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found[width] = page.evaluate(WIDER)
    return found


@fault(
    kind="page",
    given="an endpoint named `constructor`",
    before="the page stayed empty: the tab's last calls were looked up in an object that inherits such names",
    now="the page opens and the call runs",
)
def test_names_of_objects(server, tabs):
    page = tabs.open(at(server, "numbers"))
    page.get_by_role("tab", name="constructor").click()
    page.get_by_label("Text", exact=True).fill("hello")
    run(page)
    done(page)
    page.reload()
    page.get_by_text("hello").last.wait_for()


@fault(
    kind="page",
    given="two parameters whose names have no Latin letter (`数据`, `文本`)",
    before="both inputs had one id: the second label led to the first input",
    now="each label leads to its own input",
)
def test_names_without_latin_letters(server, tabs):
    page = tabs.open(at(server, "toString"))
    page.get_by_label("数据").fill("one")
    page.get_by_label("文本").fill("two")
    run(page)
    done(page)
    page.get_by_text("one two").wait_for()


@fault(
    kind="page",
    given="an optional number whose text is no number (`1e`), or an emptied field beside a slider",
    before="Run sent null or the last number",
    now="the field says that this is not a number, Run is off, Reset removes the text",
)
def test_text_that_is_no_number(server, tabs):
    page = tabs.open(at(server, "numbers"))
    number, slider = page.get_by_label("Number", exact=True), page.get_by_label("Slider, as a number")
    number.fill("")
    number.press_sequentially("1e")
    page.get_by_text("This is not a number.").wait_for()
    assert page.get_by_role("button", name="Run", exact=True).is_disabled()
    page.get_by_role("button", name="Reset").click()
    page.get_by_text("This is not a number.").wait_for(state="detached")
    assert not number.evaluate("field => field.validity.badInput")
    assert number.input_value() == "7"
    slider.fill("")
    page.get_by_text("Give a number.").wait_for()
    assert page.get_by_role("button", name="Run", exact=True).is_disabled()
    slider.press_sequentially("3")
    run(page)
    done(page)
    page.get_by_text("7 3 None").or_(page.get_by_text("7.0 3.0 None")).first.wait_for()


@fault(
    kind="page",
    given="-0.5 typed key by key into a number",
    before="the field made 0.5 of it",
    now="-0.5 is sent",
)
def test_numbers_key_by_key(server, tabs):
    page = tabs.open(at(server, "numbers"))
    for label in ("Number", "Slider, as a number"):
        field = page.get_by_label(label, exact=True)
        for text in ("0.05", "1.50", "2.", "-0.5", "1e1"):
            field.fill("")
            field.press_sequentially(text)
            assert float(field.input_value()) == float(text), (label, text)


@fault(
    kind="page",
    given="half a date in a field that may be empty",
    before="Run sent null; Reset left the half",
    now="the field says so, Run is off, Reset removes it",
)
def test_half_a_date(server, tabs):
    page = tabs.open(at(server, "numbers"))
    field = page.get_by_label("Time")
    field.press_sequentially("12")
    page.get_by_text("This is not a whole date yet.").wait_for()
    page.get_by_role("button", name="Reset").click()
    page.get_by_text("This is not a whole date yet.").wait_for(state="detached")
    assert not field.evaluate("field => field.validity.badInput")


@fault(
    kind="page",
    given='an address whose values do not fit their inputs (`?table={"headers":5}`), or that names a file elsewhere',
    before="the page stayed empty; a picture of another host was asked for",
    now="the value is shown as JSON with a button that removes it; files are left out",
)
@pytest.mark.parametrize("value", [{"headers": 5}, {"data": 5}, {"headers": ["a"], "data": [5]}, 5, "x", [[]], [None]])
def test_values_of_the_address(server, tabs, value):
    names = ("table", "message", "pictures", "group", "several", "file")
    picture = {"path": "x", "url": "https://pictures.example/x.png", "meta": {"_type": "gradio.FileData"}}
    page = tabs.open(at(server, "values", **dict.fromkeys(names, value), text="there"))
    assert page.get_by_label("Text", exact=True).input_value() == "there"
    page = tabs.open(at(server, "values", pictures=[{"image": picture}], file=picture, text="there"))
    assert page.get_by_label("Text", exact=True).input_value() == "there"
    assert page.get_by_text("x", exact=True).count() == 0


@fault(
    kind="page",
    given="an address whose percent signs stand for no character (`#api-%E0`)",
    before="an uncaught URIError",
    now="the page opens",
)
def test_percent_signs_of_the_address(server, tabs):
    page = tabs.open(f"{server.url}/?view=api#api-%E0%A4%A")
    page.get_by_role("heading", name="Your recent jobs").wait_for()


@fault(
    kind="page",
    given="texts of others that have words of 20,000 characters: title, labels, choices, messages, results",
    before="the page was wider than the window",
    now="words go on in the next line, tables and tabs scroll, a message leaves room for its button",
)
def test_long_words(server, tabs):
    tabs.allowed.append("404")  # the picture of the HTML in the texts
    page = tabs.open(at(server, "texts", text="fail", choice="short"))
    run(page)
    done(page, "Failed")
    assert not any(widths(page).values()), widths(page)
    page.set_viewport_size({"width": 320, "height": 700})
    page.get_by_role("button", name="Close").click()
    page.goto(at(server, "texts", text="well", choice="short"))
    run(page)
    done(page)
    assert not any(widths(page).values()), widths(page)
    page.goto(at(server, "results"))
    run(page)
    done(page)
    page.get_by_text("Rendered").first.wait_for()
    assert not any(widths(page).values()), widths(page)
    page.goto(f"{server.url}/?view=api&endpoint=texts")
    page.get_by_role("heading", name="Your recent jobs").wait_for()
    assert not any(widths(page).values()), widths(page)
    assert "owned" not in page.title().split(" ")[-1]


@fault(
    kind="page",
    given="a cell with a word of 20,000 characters; a Markdown table on a phone",
    before="the word lay over the next cells; words of the Markdown table were broken letter by letter",
    now="a cell is at most 28 rem wide, short words stay whole, the table scrolls",
)
def test_cells(server, tabs):
    page = tabs.open(at(server, "results"))
    run(page)
    done(page)
    page.set_viewport_size({"width": 320, "height": 700})
    for cell in page.get_by_role("cell", name="internationalization").all():
        box = cell.bounding_box()
        assert box["height"] < 60 or cell.evaluate("one => one.parentElement.lastElementChild.offsetHeight > 500"), box
        assert box["width"] > 120, box
    spills = "one => one.scrollWidth > one.clientWidth + 1"
    assert not any(cell.evaluate(spills) for cell in page.get_by_role("cell").all())


@fault(
    kind="page",
    given="a Hebrew label that ends with a Latin word and a sign",
    before="its signs stood on the wrong side",
    now="labels, titles, choices and cells have the direction of their own text",
)
def test_direction_of_labels(server, tabs):
    page = tabs.open(at(server, "texts"))
    for found in (
        page.locator("h1"),
        page.locator("label").first,
        page.locator("legend"),
        page.locator("label.choice").first,
    ):
        style = "one => getComputedStyle(one).unicodeBidi + ' ' + (one.dir || getComputedStyle(one).unicodeBidi)"
        assert "plaintext" in found.evaluate(style)


@fault(
    kind="page",
    given="a JSON result of 400 or 900 lists in lists",
    before="the page drew all of it at once, closed or not",
    now="what is closed is drawn when it is opened",
)
@pytest.mark.parametrize("levels", [400, 900])
def test_deep_results(server, tabs, levels):
    page = tabs.open(at(server, "nested", levels=levels))
    run(page)
    done(page)
    assert page.locator(".tree details").count() < 10


@fault(
    kind="page",
    given="a call that the server refuses, on the API page",
    before="the page said which input, and not what is wrong with it",
    now="the reason is shown",
)
def test_refusals_on_the_api_page(server, tabs):
    tabs.allowed.append("422")
    page = tabs.open(f'{server.url}/?view=api&endpoint=numbers&number="many"')
    page.get_by_role("region", name="/numbers").get_by_text("Run it here").click()
    drawer = page.get_by_role("dialog", name="/numbers")
    drawer.get_by_role("button", name="Run", exact=True).click()
    drawer.locator(".wrong").first.wait_for()


@fault(
    kind="page",
    given="files of the page that can no longer be loaded, as after an upgrade of the server",
    before="uncaught rejections; Markdown and code were missing",
    now="the text is shown as it is, the code can be edited, a chart says that it cannot be shown",
)
def test_files_that_cannot_be_loaded(server, tabs):
    tabs.allowed += ["404", "ERR_FAILED", "Failed to load"]
    for name in ("markdown", "chart", "editor"):
        tabs.context.route(f"**/{name}-*.js", lambda route: route.abort())
    page = tabs.open(at(server, "markdown", text="**shown**"))
    run(page)
    done(page)
    page.get_by_text("**shown**").last.wait_for()
    page.goto(at(server, "lazy"))
    run(page)
    done(page)
    page.get_by_text("print(1)").wait_for()
    page.get_by_text("It cannot be shown here").wait_for()


@fault(
    kind="page",
    given="a chosen file that is removed with the keyboard",
    before="the focus fell to the body",
    now="the button that chooses a file has it",
)
def test_focus_after_removing(server, tabs):
    page = tabs.open(at(server, "values"))
    page.locator('input[type="file"]').last.set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"a"})
    page.get_by_role("button", name="Remove a.txt").press("Enter")
    page.wait_for_function("() => document.activeElement !== document.body")
    assert page.evaluate(FOCUS).startswith("BUTTON")


@fault(
    kind="page",
    given="a long table that comes again and again, with the API page open",
    before="each message was drawn whole, also where nobody had opened the messages",
    now="messages are drawn when they are opened, and long ones are cut",
)
def test_long_messages(server, tabs):
    page = tabs.open(f"{server.url}/?view=api&endpoint=stream&count=5000")
    page.get_by_role("region", name="/stream").get_by_text("Run it here").click()
    drawer = page.get_by_role("dialog", name="/stream")
    drawer.get_by_role("button", name="Run", exact=True).click()
    done(drawer)
    drawer.get_by_text("more characters").first.wait_for()
    assert len(drawer.locator(".messages").inner_text()) < 400_000


@fault(
    kind="parser",
    given="Markdown of 100,000 openings of formulas (`\\[`, `$$`, `$a`)",
    before="the page stood still for seconds",
    now="time is in proportion to the length",
)
@pytest.mark.parametrize("text", ["\\[ ", "\\( ", "$$ a", "$a "])
def test_openings_of_formulas(server, tabs, text):
    page = tabs.open(at(server, "markdown", text=text, times=20_000))
    run(page)
    page.locator(".rich > *").last.wait_for()
    done(page)


@fault(
    kind="page",
    given="a visitor who looks at the API page while a chat's answer is made, and goes back",
    before="the finished answer was missing from the conversation",
    now="it is there, and after a reload too",
)
def test_answers_over_a_look_at_another_view(tabs, tmp_path):
    server = Server(APPS / "page_chat.py", tmp_path, {})
    try:
        page = tabs.open(server.url)
        page.get_by_label("Message", exact=True).fill("slow")
        page.keyboard.press("Enter")
        page.get_by_text("You said slow").wait_for()
        page.get_by_role("link", name="API", exact=True).click()
        page.go_back()
        page.get_by_text("three", exact=True).wait_for()
        assert page.locator(".chat > li").count() == 2
        page.reload()
        page.get_by_text("three", exact=True).wait_for()
        page.close()
    finally:
        server.kill()


@fault(
    kind="page",
    given="a description of 100,000 characters, of a Space or an endpoint",
    before="the page began with 100,000 characters, and the form lay below them",
    now="5,000 are shown, and the rest when the visitor asks",
)
def test_long_descriptions(server, tabs):
    page = tabs.open(at(server, "described"))
    whole = page.get_by_role("button", name="Show all").last
    whole.wait_for()
    page.locator(".rich").last.get_by_text("word").wait_for()
    assert len(page.locator(".rich").last.inner_text()) < 5100
    whole.click()
    page.wait_for_function("() => [...document.querySelectorAll('.rich')].at(-1).innerText.length > 99_000")
    head = page.request.get(server.url).text().partition("</head>")[0]
    assert len(head.partition('name="description" content="')[2].partition('"')[0]) == 300


@fault(
    kind="quoting",
    given="cells that begin with `=`, `+`, `-` or `@`, also behind a tab or a line end, saved or copied",
    before="the spreadsheet that opens the file, or takes the copy, ran them as formulas",
    now="an apostrophe stands before them, which a table of ours takes off again; numbers stay as they are",
)
def test_formulas_in_cells(server, tabs):
    page = tabs.open(at(server, "formulas"))
    run(page)
    done(page)
    outputs = page.locator(".outputs")
    with page.expect_download() as download:
        outputs.get_by_role("button", name="Download Rows").click()
    with download.value.path().open(newline="") as file:
        head, *rows = csv.reader(file)
    assert head[0].startswith("'=")
    texts = [row[0] for row in rows]
    assert texts[:5] == ["'=1+1", "'+1+1", "'-1+1", "'@SUM(A1)", "'\t=1+1"]
    assert texts[7:10] == ["-5", "'+49 30 1", "plain"]
    assert {row[1] for row in rows} == {"-5"}
    outputs.get_by_role("button", name="Copy Rows").click()
    copied = page.evaluate("navigator.clipboard.readText()").split("\n")
    assert len(copied) == 1 + len(rows)
    assert {line.count("\t") for line in copied} == {1}
    assert copied[1] == "'=1+1\t-5"
    assert copied[6] == "a =1+1\t-5"


@fault(
    kind="page",
    given="10,000 rows with cells that are lists, objects with a `toString`, NUL, half a surrogate pair or a megabyte",
    before="an object with a field `toString` took the table away; formulas in full width were saved as they are",
    now="what has parts is shown, searched, sorted and saved as JSON; formulas in full width get their apostrophe too",
)
def test_cells_of_any_kind(server, tabs):
    page = tabs.open(at(server, "cells", count=10_000))
    run(page)
    done(page)
    outputs = page.locator(".outputs")
    outputs.get_by_text('["=1+1"]', exact=True).first.wait_for()
    assert outputs.get_by_text('{"toString":1}', exact=True).count()
    assert outputs.get_by_text(HTML_CELL, exact=True).count()
    assert page.title() != "owned"
    assert set(widths(page).values()) == {0}
    for _ in range(2):
        outputs.get_by_role("button", name="cell").first.click()
    outputs.get_by_role("searchbox").fill("tostring")
    outputs.get_by_text("of 10,001 rows").wait_for()
    outputs.get_by_role("searchbox").fill("")
    with page.expect_download() as download:
        outputs.get_by_role("button", name="Download Rows").click()
    csv.field_size_limit(2_000_000)
    with download.value.path().open(newline="", encoding="utf-8", errors="replace") as file:
        head, long, *rows = csv.reader(line.replace("\0", "?") for line in file)
    assert head[0] == "'\uff20cell"
    assert len(long[0]) == 1_000_000
    assert [row[0] for row in rows[:3]] == ['["=1+1"]', '{"toString":1}', "'\uff1d1+1"]
    assert [row[0] for row in rows[8:10]] == ["'=cmd|' /C calc'!A0", "'\ufeff=1+1"]
    assert len(rows) == 10_000
