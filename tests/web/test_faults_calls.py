"""Faults of the page's calls: buttons that changed places, inputs that were not what is sent, reloads."""

from __future__ import annotations

import json
import re
import signal
from urllib.parse import quote

import pytest

from tests.conftest import APPS, Server
from tests.faults import fault
from tests.web.conftest import copy_link, done, recent_jobs, run
from tests.web.test_calls import Cutter


@pytest.fixture(scope="module")
def faults(tmp_path_factory):
    server = Server(APPS / "page_faults.py", tmp_path_factory.mktemp("faults"), {"SPACEPORT_HEARTBEAT_S": "1"})
    yield server
    server.kill()


def opened(tabs, server, query):
    page = tabs.open(f"{server.url}/?{query}")
    page.get_by_role("button", name="Run", exact=True).wait_for()
    return page


def outcome(page):
    return page.locator(".outputs .output").first


def starts(server, text):
    """How often the function was called with this text."""
    job = server.call("started", []).json()["event_id"]
    data = server.events("started", job)[-1][1]
    return len(re.findall(rf"\b{text}\b", data))


def status(page, text):
    page.locator(f'[role="status"]:text-is("{text}")').first.wait_for()


@fault(
    kind="page",
    given="three clicks on Cancel while a call runs",
    before="each click started the call again: Run and Cancel were one node",
    now="the call is cancelled once; Run stays where it is, Cancel stands beside the status",
)
def test_cancel_does_not_start_again(tabs, faults):
    page = opened(tabs, faults, "endpoint=wait&text=%22cancelled%22&seconds=30")
    button = page.get_by_role("button", name="Run", exact=True)
    before = button.bounding_box()
    run(page)
    status(page, "Running")
    assert button.bounding_box() == before
    at = page.get_by_role("button", name="Cancel").bounding_box()
    for _ in range(3):
        page.mouse.click(at["x"] + at["width"] / 2, at["y"] + at["height"] / 2)
        page.wait_for_timeout(150)
    status(page, "Cancelled")
    page.wait_for_timeout(500)
    assert starts(faults, "cancelled") == 1


@fault(
    kind="page",
    given="a second click on Run 10, 120 or 400 ms after the first, a double click, two Enters",
    before="the second one cancelled the call",
    now="it does nothing while the call runs",
)
@pytest.mark.parametrize("pause_ms", [10, 120, 400, "double", "enter"])
def test_a_second_click_does_nothing(tabs, faults, pause_ms):
    text = f"twice{pause_ms}"
    page = opened(tabs, faults, f"endpoint=wait&text=%22{text}%22&seconds=1.2")
    button = page.get_by_role("button", name="Run", exact=True)
    if pause_ms == "double":
        button.dblclick()
    elif pause_ms == "enter":
        page.get_by_label("Seconds").press("Enter")
        page.get_by_label("Seconds").press("Enter")
    else:
        at = button.bounding_box()
        for _ in range(2):
            page.mouse.click(at["x"] + 5, at["y"] + 5)
            page.wait_for_timeout(pause_ms)
    done(page)
    assert f"waited for {text}" in outcome(page).inner_text()
    assert starts(faults, text) == 1


@fault(
    kind="page",
    given="a double click on Run of a call that takes a few milliseconds",
    before="the call ran twice",
    now="it runs once",
)
def test_a_double_click_on_a_quick_call(tabs, faults):
    page = opened(tabs, faults, "endpoint=wait&text=%22quick%22&seconds=0")
    page.get_by_role("button", name="Run", exact=True).dblclick(delay=60)
    done(page)
    page.wait_for_timeout(300)
    assert starts(faults, "quick") == 1


@fault(
    kind="page",
    given="Cancel while a file is uploaded, or before the server has answered the call",
    before="the call started again",
    now="nothing is called",
)
@pytest.mark.parametrize("held", ["**/upload*", "**/call/copy*"])
def test_cancel_before_the_answer(tabs, faults, tmp_path, held):
    (tmp_path / "a.txt").write_text("a" * 1000)
    page = opened(tabs, faults, "endpoint=copy")
    asked = []
    page.route(held, lambda route: asked.append(route.request.url))  # is never answered
    page.locator("input[type=file]").set_input_files(tmp_path / "a.txt")
    run(page)
    page.get_by_role("button", name="Cancel").click()
    status(page, "Cancelled")
    page.wait_for_timeout(600)
    assert page.locator('[role="status"]').first.inner_text() == "Cancelled"
    assert len(asked) == 1


@fault(
    kind="page",
    given='`{"a": 1}` typed as JSON, then `{"a":`; Run; Clear; an example',
    before="Run sent the last valid value; Clear left the text and sent the schema's example",
    now="Run is off while the text is no JSON; the text is always that of the value",
)
def test_json_sends_what_it_shows(tabs, faults):
    page = opened(tabs, faults, "endpoint=keys")
    box = page.get_by_label("Data")
    button = page.get_by_role("button", name="Run", exact=True)
    assert button.is_disabled()  # nothing is given yet
    assert box.input_value() == ""
    box.fill('{"a": 1}')
    assert button.is_enabled()
    box.fill('{"a":')
    assert button.is_disabled()
    assert "Not valid yet: Data" in page.locator(".inputs").inner_text()
    assert box.get_attribute("aria-invalid") == "true"
    box.fill('{"a":2}')
    run(page)
    done(page)
    assert "{'a': 2}" in outcome(page).inner_text()
    assert box.input_value() == '{"a":2}'  # as it was typed
    page.get_by_role("button", name="Reset").click()
    assert box.input_value() == ""
    assert button.is_disabled()
    box.fill("{oops")
    page.get_by_role("button", name="Reset").click()
    assert box.input_value() == ""
    assert page.locator(".wrong").count() == 0


@fault(
    kind="page",
    given="an endpoint with a model or JSON as its required argument",
    before='made-up examples ("...") were filled in, and sent by Run',
    now="they are placeholders; Run is off until something is given",
)
def test_examples_of_schemas_are_placeholders(tabs, faults):
    page = opened(tabs, faults, "endpoint=order&times=2")
    fields = (
        page.get_by_role("group", name="Order")
        .get_by_role("spinbutton")
        .or_(page.get_by_role("group", name="Order").get_by_role("textbox"))
    )
    assert [one.input_value() for one in fields.all()] == ["", ""]
    assert "Still needed: Order" in page.locator(".inputs").inner_text()
    assert page.get_by_role("button", name="Run", exact=True).is_disabled()


@fault(
    kind="page",
    given='{"note": 3} for a model that needs `count`, and 1.5 for an integer',
    before="the 422 was shown as raw JSON",
    now="each entry stands at its input, which is marked as invalid",
)
def test_refused_arguments_are_said_at_their_inputs(tabs, faults):
    tabs.allowed.append("422")
    page = opened(tabs, faults, "endpoint=order&order=%7B%22note%22%3A3%7D&times=%22many%22")
    run(page)
    done(page, "Failed")
    alert = page.locator(".outputs [role=alert]").inner_text()
    assert "Check these inputs: Order, Times" in alert
    assert "{" not in alert
    wrong = page.locator(".inputs .wrong")
    assert wrong.count() == 3  # Count and Note of Order, and Times
    assert page.get_by_label("Times").get_attribute("aria-invalid") == "true"
    page.get_by_label("Times").fill("3")
    assert wrong.count() == 2  # a value that has changed is not wrong any more


@fault(
    kind="page",
    given="a room, an address and the name of the second guest that a model's own rules refuse, in a generated form",
    before="one text with all three stood above the form",
    now="each stands at its own field, the first of which has the focus; one that is changed is not wrong any more",
)
def test_refused_fields_inside_a_model_are_said_at_their_fields(tabs, faults):
    tabs.allowed.append("422")
    booking = {
        "room": "attic",
        "contact": {"kind": "email", "address": "nobody"},
        "guests": [{"name": "Ann", "nights": 1}, {"name": "bob", "nights": 2}],
    }
    page = opened(tabs, faults, f"endpoint=book&booking={quote(json.dumps(booking))}")
    run(page)
    done(page, "Failed")
    assert "Check these inputs: Booking" in page.locator(".outputs [role=alert]").inner_text()
    wrong = page.locator(".inputs [aria-invalid=true]")
    assert wrong.count() == 3
    said = [page.locator(f"#{one.get_attribute('aria-describedby')}").inner_text() for one in wrong.all()]
    assert said == [f"String should match pattern '{rule}'" for rule in ("^[0-9]+$", "@", "^[A-Z]")]
    assert [one.input_value() for one in wrong.all()] == ["attic", "nobody", "bob"]
    assert page.evaluate("() => document.activeElement.value") == "attic"
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("12")
    assert [one.input_value() for one in wrong.all()] == ["nobody", "bob"]
    page.get_by_role("radio", name="JSON").check()
    text = page.locator(".inputs .wrong").inner_text()
    assert "booking.guests.1.name: String should" in text
    assert "room" not in text


@fault(
    kind="page",
    given="Enter in a text, and again after the call",
    before="the inputs were disabled during the call: the focus fell to the page's body",
    now="inputs stay enabled and keep the focus; so does Run",
)
def test_the_focus_stays(tabs, faults):
    page = opened(tabs, faults, "endpoint=wait&seconds=1")
    focused = "() => document.activeElement.id || document.activeElement.textContent"
    page.get_by_label("Text", exact=True).fill("focus")
    page.keyboard.press("Enter")
    status(page, "Running")
    page.keyboard.type("ed")
    done(page)
    assert page.evaluate(focused) == "in-wait-text"
    assert page.get_by_label("Text", exact=True).input_value() == "focused"
    assert "waited for focus" in outcome(page).inner_text()
    page.get_by_role("button", name="Run", exact=True).click()
    status(page, "Running")
    done(page)
    assert page.evaluate(focused) == "Run"
    page.get_by_label("Seconds", exact=True).fill("60")
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("button", name="Cancel").click()
    status(page, "Cancelled")
    assert page.evaluate("() => document.activeElement.getAttribute('role')") == "status"


@fault(
    kind="page",
    given="a reload while a call runs, and one after it",
    before="the call and its result were lost, and cancelled on the server; so was the list of recent jobs",
    now="the page attaches to the call again; inputs, result and jobs are there",
)
def test_a_reload_loses_nothing(tabs, faults):
    page = opened(tabs, faults, "endpoint=wait&text=%22old%22&seconds=1")
    page.get_by_label("Text", exact=True).fill("reloaded")
    page.get_by_label("Seconds").fill("4")
    run(page)
    status(page, "Running")
    page.reload()
    status(page, "Running")
    assert page.get_by_label("Text", exact=True).input_value() == "reloaded"
    done(page)
    assert "waited for reloaded" in outcome(page).inner_text()
    page.reload()
    done(page)
    assert "waited for reloaded" in outcome(page).inner_text()
    assert starts(faults, "reloaded") == 1
    page.get_by_role("link", name="API", exact=True).click()
    recent_jobs(page).get_by_text("/wait").wait_for()


@fault(
    kind="page",
    given="Cancel after a reload",
    before="there was no call to cancel",
    now="the call is cancelled on the server",
)
def test_cancel_after_a_reload(tabs, faults):
    page = opened(tabs, faults, "endpoint=wait&text=%22again%22&seconds=60")
    run(page)
    status(page, "Running")
    page.reload()
    status(page, "Running")
    page.get_by_role("button", name="Cancel").click()
    status(page, "Cancelled")
    page.get_by_role("link", name="API", exact=True).click()
    recent_jobs(page).locator(".badge.cancelled").wait_for()


@fault(
    kind="page",
    given="a line that breaks during a call and cannot be opened for some seconds",
    before='the page said "Running" for ever',
    now='it says "Reconnecting: your call goes on", and shows the result when the line is back',
)
def test_a_lost_line_is_said(tabs, faults):
    between = Cutter(faults.port)
    tabs.allowed += ["net::ERR"]
    page = tabs.open(f"http://127.0.0.1:{between.port}/?endpoint=wait&text=%22lost%22&seconds=5")
    run(page)
    status(page, "Running")
    page.context.set_offline(True)
    between.cut()
    status(page, "Reconnecting: your call goes on")
    page.context.set_offline(False)
    status(page, "Running")
    done(page)
    assert "waited for lost" in outcome(page).inner_text()


@fault(
    kind="page",
    given="a server that stands still while a call runs (`kill -STOP`): the connection stays open",
    before='the page said "Running" as long as nothing came, for a minute and then for ever',
    now='it says "Reconnecting: your call goes on" after 35 s, and shows the result when it goes on',
)
def test_a_silent_server_is_said(tabs, tmp_path):
    server = Server(APPS / "page_faults.py", tmp_path, {"SPACEPORT_HEARTBEAT_S": "1"})
    page = opened(tabs, server, "endpoint=wait&text=%22silent%22&seconds=6")
    page.clock.install()
    run(page)
    status(page, "Running")
    server.process.send_signal(signal.SIGSTOP)
    page.wait_for_timeout(500)
    page.clock.fast_forward(30_000)
    status(page, "Running")
    page.clock.fast_forward(6_000)
    status(page, "Reconnecting: your call goes on")
    server.process.send_signal(signal.SIGCONT)
    status(page, "Running")
    done(page)
    assert "waited for silent" in outcome(page).inner_text()
    server.kill()


@fault(
    kind="page",
    given="an upload of 8 MB on a slow line",
    before="bytes of bytes, or nothing, and no per cent",
    now='"note.txt 37 % of 8.0 MB"',
)
def test_uploads_show_per_cent(tabs, faults, tmp_path):
    (tmp_path / "note.txt").write_text("x" * 8_000_000)
    page = opened(tabs, faults, "endpoint=copy")
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 3_000_000}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", slow)
    page.locator("input[type=file]").set_input_files(tmp_path / "note.txt")
    run(page)
    page.locator(".step small", has_text=re.compile(r"note\.txt [1-9]\d? % of 8\.0 MB")).wait_for()
    done(page)


@fault(
    kind="page",
    given="Link, with a text of 3,000 characters, a file or a password among the inputs",
    before='"Link copied", without them and without a word',
    now="the button says which inputs the link leaves out; exactly 2,000 characters of JSON still fit",
)
def test_a_link_says_what_it_leaves_out(tabs, faults):
    page = opened(tabs, faults, "endpoint=short")
    page.get_by_label("Text", exact=True).fill("x" * 1998)  # and two quotes
    copy_link(page)
    page.get_by_role("button", name="Link copied", exact=True).wait_for()
    assert "x" * 1998 in page.evaluate("() => navigator.clipboard.readText()")
    page.get_by_role("button", name="Copy link", exact=True).wait_for()
    page.keyboard.press("Escape")
    page.get_by_label("Text", exact=True).fill("x" * 1999)
    copy_link(page)
    page.get_by_role("button", name=re.compile("Link copied, without Text")).wait_for()


@fault(
    kind="page",
    given="a call that fails while calls are recorded",
    before="it was missing in the script",
    now="the script has it, and the dialog says that one call failed",
)
def test_failed_calls_are_recorded(tabs, faults):
    page = opened(tabs, faults, "endpoint=short&text=%22fail%22")
    page.get_by_role("button", name="Record calls").click()
    run(page)
    done(page, "Failed")
    page.get_by_role("button", name="Stop recording (1)").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("One call failed while recording").wait_for()
    assert "/short" in dialog.locator("pre").inner_text()


@fault(
    kind="page",
    given="the description of a Space, `/info`",
    before="each page asked for it twice",
    now="once",
)
def test_info_is_asked_for_once(tabs, faults):
    asked = []
    tabs.context.on("request", lambda request: asked.append(request.url))
    opened(tabs, faults, "endpoint=short")
    assert len([url for url in asked if url.endswith("/info")]) == 1


@fault(
    kind="page",
    given="`GET /info` and `/openapi.json` of a Space with many endpoints",
    before="hundreds of kilobytes, as they are",
    now="compressed for who accepts that, byte for byte the same; small documents are sent as they are",
)
def test_documents_are_compressed(space, faults):
    for path in ("/gradio_api/info", "/openapi.json"):
        plain = space.http.get(path, headers={"accept-encoding": "identity"})
        packed = space.http.get(path, headers={"accept-encoding": "gzip"})
        assert "content-encoding" not in plain.headers
        assert packed.headers["content-encoding"] == "gzip"
        assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 4
        assert packed.content == plain.content
        assert packed.headers["vary"] == "accept-encoding"
    page, head = (space.http.request(method, "/", headers={"accept-encoding": "gzip"}) for method in ("GET", "HEAD"))
    assert head.content == b""
    for name in ("content-encoding", "content-length", "vary"):
        assert head.headers[name] == page.headers[name]
