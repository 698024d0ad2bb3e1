"""The API page and the recorder: what they say is true, and every program they write gives what the page showed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.faults import fault
from tests.web.conftest import done, recent_jobs, run

MODULES = ROOT / "tests" / "conformance" / "js" / "node_modules"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PATH": f"{sys.prefix}/bin:{os.environ['PATH']}"}
LANGUAGES = {
    "Python": ["python"],
    "Python (async)": ["python"],
    "JavaScript": ["node"],
    "curl": ["sh", "bash"],
    "curl (stream)": ["sh", "bash"],
    "CLI": ["sh"],
}


@pytest.fixture
def folder(tmp_path):
    """Where the programs run: the file they name lies there."""
    (tmp_path / "my note.txt").write_text("a note")
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "@gradio").symlink_to(MODULES / "@gradio")
    (tmp_path / "node_modules" / "spaceport-client").symlink_to(ROOT / "js" / "client")
    return tmp_path


def executed(kind, code, folder):
    commands = {
        "python": [sys.executable, "-c", code],
        "node": ["node", "--input-type=module", "-e", f"{code}\nprocess.exit(0)"],
    }
    command = commands.get(kind, [kind, "-e", "-c", code])
    found = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=60)
    assert found.returncode == 0, found.stderr
    return found.stdout


def api(page):
    page.get_by_role("link", name="API", exact=True).click()


def choose(page, language):
    """For all code on the page: side by side where there is room, else a list."""
    page.locator(".language-bar select").select_option(label=language, force=True)


def code_of(page, endpoint, language):
    """What the copy button gives."""
    docs = page.locator(f"#api-{endpoint}")
    docs.scroll_into_view_if_needed()
    choose(page, language)
    docs.get_by_role("button", name="Copy code").click()
    docs.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("() => navigator.clipboard.readText()")
    docs.get_by_role("button", name="Copy code").wait_for()
    return copied


def test_every_snippet_gives_what_the_page_shows(tabs, space, folder):
    page = tabs.open(f"{space.url}/?endpoint=repeat&text=%22it's%20%E2%9C%93%20%3C%2Fscript%3E%22&times=2")
    run(page)
    done(page)
    shown = page.locator(".outputs .text-value").inner_text()
    assert shown == "it's ✓ </script> it's ✓ </script>"
    api(page)
    page.wait_for_timeout(500)
    for language, kinds in LANGUAGES.items():
        code = code_of(page, "repeat", language)
        for kind in kinds:
            said = executed(kind, code, folder)
            assert shown in said or json.dumps(shown)[1:-1] in said, (language, kind, said)
    browser = code_of(page, "repeat", "Browser")
    assert json.dumps([shown], ensure_ascii=False) in shown_in_a_page(page.context, space, browser)


def shown_in_a_page(context, space, code, file=None):
    """The browser's program, in a page of the Space's own origin."""
    other = context.new_page()
    other.route(
        f"{space.url}/its-own-page", lambda route: route.fulfill(body=code, content_type="text/html; charset=utf-8")
    )
    other.goto(f"{space.url}/its-own-page")
    if file is not None:
        other.wait_for_timeout(500)
        other.locator("input").set_input_files(file)
    other.wait_for_function("() => document.body.innerText.includes(']')")
    text = other.locator("body").inner_text()
    other.close()
    return text


def test_snippets_with_a_file(tabs, space, folder):
    page = tabs.open(f"{space.url}/?endpoint=echo_file")
    with page.expect_file_chooser() as chooser:
        page.locator(".drop-button").click()
    chooser.value.set_files(folder / "my note.txt")
    api(page)
    page.wait_for_timeout(500)
    for language, kinds in LANGUAGES.items():
        code = code_of(page, "echo_file", language)
        assert "my note.txt" in code
        for kind in kinds:
            said = executed(kind, code, folder)
            assert re.search(r"my.note\.txt" if kind != "node" else "path: '.*/files/.*'", said), (language, kind)
    browser = code_of(page, "echo_file", "Browser")
    assert "my note.txt" in shown_in_a_page(page.context, space, browser, folder / "my note.txt")


def test_the_language_sticks_and_the_token_is_masked(tabs, space):
    page = tabs.open(f"{space.url}/?view=api")
    first = page.locator("#api-echo_textbox")
    page.get_by_role("radio", name="curl", exact=True).check()
    page.get_by_label("Token").fill("hf_very_secret")
    first.locator("pre", has_text="Bearer").wait_for()
    assert "hf_very_secret" not in page.locator("body").inner_text()
    assert "Authorization: Bearer hf_very_secret" in code_of(page, "echo_textbox", "curl")
    assert "hf_very_secret" not in page.url
    other = tabs.open(f"{space.url}/?view=api")
    other.locator("#api-echo_number").scroll_into_view_if_needed()  # code is made for what is near
    other.locator("#api-echo_number pre", has_text="curl").wait_for()
    assert other.get_by_role("radio", name="curl", exact=True).is_checked()
    assert other.get_by_label("Token").input_value() == ""  # another tab has its own


@pytest.mark.parametrize("width", [1280, 1000, 390])
def test_one_choice_of_language_for_all_code(tabs, space, width):
    page = tabs.open(f"{space.url}/?view=api&endpoint=repeat")
    page.set_viewport_size({"width": width, "height": 800})
    page.reload()  # the page scrolls to the endpoint as it opens
    docs = page.locator("#api-repeat")
    docs.locator("pre", has_text="client.predict").wait_for()
    bar = page.locator(".language-bar")
    assert bar.locator(".install code").inner_text() == "pip install spaceport-hub"
    wide = width == 1280
    control = bar.get_by_role("radiogroup" if wide else "combobox", name="Language")
    box = control.bounding_box()
    assert box["x"] + box["width"] <= width
    assert 48 <= box["y"] < docs.bounding_box()["y"]  # below the bar, above the endpoint: it stays in view
    assert control.evaluate("(one) => one.scrollWidth <= one.clientWidth")  # nothing is cut off
    if wide:
        page.get_by_role("radio", name="JavaScript").check()
    else:
        control.select_option("JavaScript")
    docs.locator("pre", has_text="Client.connect").wait_for()
    assert bar.locator(".install code").inner_text() == "npm install spaceport-client"
    page.locator("#api-report pre", has_text="Client.connect").wait_for()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width


def test_the_page_is_copied_as_markdown(tabs, space):
    page = tabs.open(f"{space.url}/?view=api")
    page.get_by_role("button", name="Copy page").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("() => navigator.clipboard.readText()") == space.http.get("/agents.md").text


def test_the_index_follows_the_page(tabs, space):
    page = tabs.open(f"{space.url}/?view=api&endpoint=line")
    link = page.locator(".api-index a[aria-current]")
    link.wait_for()
    page.wait_for_function("() => document.querySelector('.api-index a[aria-current]').textContent === '/line'")
    assert link.evaluate("(one) => one.getBoundingClientRect().bottom <= innerHeight")


def test_it_says_what_an_endpoint_takes(tabs, space):
    page = tabs.open(f"{space.url}/?view=api")
    docs = page.locator("#api-repeat")
    docs.scroll_into_view_if_needed()  # a browser has no inner text of what it skips
    docs.locator(".parameters").first.wait_for()
    rows = [row.split() for row in docs.locator(".parameters").first.locator("p").all_inner_texts()]
    assert rows[0] == ["text", "str", "required"]
    assert rows[1] == ["times", "int", "default", "2"]
    docs.get_by_text("Has examples.").wait_for()  # Markdown comes a moment later
    assert space.http.get("/openapi.json").status_code == 200
    assert page.get_by_role("link", name="OpenAPI").get_attribute("href") == f"{space.url}/openapi.json"


def test_run_it_here_shows_what_travels(tabs, space):
    page = tabs.open(f"{space.url}/?endpoint=spell&text=%22abc%22&view=api")
    docs = page.locator("#api-spell")
    docs.get_by_text("Run it here").click()
    docs.get_by_role("button", name="Run", exact=True).click()
    docs.locator('[role="status"]:text-is("Done")').wait_for()
    assert '"abc"' in docs.locator("pre").last.inner_text()
    stages = [json.loads(text)["type"] for text in docs.locator(".messages code").all_inner_texts()]
    assert stages.count("data") >= 2
    assert stages[-1] == "status"
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Refresh").click()
    recent_jobs(page).get_by_text("succeeded").first.wait_for()
    page.get_by_role("button", name="Result").first.click()
    assert "abc" in page.locator("pre[aria-label^='Result']").inner_text()


def test_the_recorder(tabs, space, folder):
    page = tabs.open(f"{space.url}/?endpoint=report&text=%22one%20two%22")
    page.get_by_role("button", name="Record calls").click()
    run(page)
    done(page)
    page.get_by_role("tab", name="repeat").click()
    page.get_by_label("Text", exact=True).locator("visible=true").first.fill("hello there")
    page.get_by_label("Times").fill("1")
    run(page)
    done(page)
    given = page.locator(".outputs .text-value").inner_text()
    page.get_by_role("tab", name="spell").click()
    page.locator(".inputs textarea").fill(given)  # what the call before gave
    run(page)
    done(page)
    page.get_by_role("button", name="Stop recording (3)").click()
    dialog = page.get_by_role("dialog")
    for language, kinds in {"Python": ["python"], "JavaScript": ["node"], "bash": ["sh", "bash"]}.items():
        dialog.get_by_role("tab", name=language).click()
        dialog.get_by_role("button", name="Copy code").click()
        dialog.get_by_role("button", name="Copied").wait_for()
        code = page.evaluate("() => navigator.clipboard.readText()")
        dialog.get_by_role("button", name="Copy code").wait_for()
        assert {"Python": "text=result_2", "JavaScript": "result_2.data[0]", "bash": "$VALUE_2"}[language] in code
        for kind in kinds:
            said = executed(kind, code, folder)
            assert "report.txt" in said
            assert said.count("hello there") == 2, (language, said)


def test_documents_for_agents(space):
    text = space.http.get("/agents.md")
    assert text.headers["content-type"].startswith("text/markdown")
    assert "## /repeat" in text.text
    assert "client.predict(" in text.text
    listed = space.http.get("/llms.txt").text
    assert listed.startswith("# Every component")
    assert f"({space.url}/agents.md)" in listed
    curl = re.search(r"```sh\n(curl -sN [^`]*call/v2/repeat[^`]*)```", text.text)[1]
    said = subprocess.run(["sh", "-e", "-c", curl], capture_output=True, text=True, timeout=60).stdout
    assert "event: complete" in said


def test_snippets_are_refused_for_what_does_not_exist(space):
    for calls, code in (
        ([], "invalid_input"),
        ([{"name": "nope", "given": {}}], "not_found"),
        ([{"name": "repeat", "given": {"nope": 1}}], "invalid_input"),
    ):
        answer = space.http.post(
            "/gradio_api/snippets", json={"calls": calls}, headers={"accept": "application/problem+json"}
        )
        assert answer.json()["code"] == code


@fault(
    kind="page",
    given="the API page's table of errors, on a wide page and on a phone",
    before="broke words: `unauthenticate` `d`, `Answ` `er`",
    now="a long code goes on in the next line after an underscore, nowhere else",
)
@pytest.mark.parametrize("width", [1200, 390])
def test_the_table_of_errors_breaks_no_words(tabs, space, width):
    page = tabs.open(f"{space.url}/?view=api")
    page.set_viewport_size({"width": width, "height": 900})
    page.get_by_text("Errors", exact=True).click()
    page.locator(".errors code").first.wait_for()
    lines = """(all) => all.flatMap((one) => [...one.childNodes].filter((node) => node.data).map((node) => {
      const range = document.createRange();
      range.selectNodeContents(node);
      return [node.data, range.getClientRects().length];
    }))"""
    found = page.locator(".errors code, .errors th").evaluate_all(lines)
    assert ["unauthenticated", 1] in found
    assert [text for text, count in found if count != 1] == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width


@fault(
    kind="page",
    given="the API page on a phone",
    before="the button that copies the code covered the end of the code's first line",
    now="the code begins below the button",
)
def test_the_copy_button_covers_no_code(tabs, space):
    page = tabs.open(f"{space.url}/?view=api&endpoint=repeat")
    page.set_viewport_size({"width": 390, "height": 844})
    docs = page.locator("#api-repeat")
    docs.scroll_into_view_if_needed()
    button = docs.get_by_role("button", name="Copy code").bounding_box()
    code = docs.locator("pre[data-language] code").bounding_box()
    assert code["y"] >= button["y"] + button["height"]
