"""Each component on a Space's page: what a person puts in goes to the function, and what comes back is shown."""

from __future__ import annotations

import io
import re
import struct
import subprocess
import wave
import zlib

import pytest

from tests.web.conftest import done, run


@pytest.fixture(scope="module")
def media(tmp_path_factory):
    folder = tmp_path_factory.mktemp("media")
    rows = b"".join(b"\0" + b"\x30\x80\xd0" * 40 for _ in range(30))
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", 40, 30, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    png = b"\x89PNG\r\n\x1a\n"
    for kind, data in chunks:
        png += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    (folder / "blue.png").write_bytes(png)
    sound = io.BytesIO()
    with wave.open(sound, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(b"\0\0" * 8000)
    (folder / "silence.wav").write_bytes(sound.getvalue())
    (folder / "note.txt").write_text("a note")
    made = ["ffmpeg", "-loglevel", "error", "-loop", "1", "-i", "blue.png", "-t", "1", "-pix_fmt", "yuv420p"]
    subprocess.run([*made, "blue.webm"], cwd=folder, check=True, timeout=60)
    return folder


def opened(tabs, space, name):
    page = tabs.open(f"{space.url}/?endpoint={name}")
    page.get_by_role("tab", name=name.replace("_", " "), exact=True).wait_for()
    return page


def inputs(page):
    return page.locator(".inputs")


def outcome(page):
    return page.locator(".outputs .output")


KNOWN = """(media, what) => new Promise((done) =>
  media.readyState ? done(media[what]) : media.onloadedmetadata = () => done(media[what]))"""
TYPED = {
    "echo_textbox": (lambda page: inputs(page).get_by_label("Text", exact=True).fill("hello\nyou"), "hello\nyou"),
    "echo_number": (lambda page: inputs(page).get_by_label("Number", exact=True).fill("4.5"), "4.5"),
    "echo_slider": (lambda page: inputs(page).get_by_label("Slider, as a number").fill("7.5"), "7.5"),
    "echo_checkbox": (lambda page: inputs(page).get_by_label("Checkbox", exact=True).check(), "✓ Yes"),
    "echo_radio": (lambda page: inputs(page).get_by_label("green").check(), "green"),
    "echo_checkboxgroup": (
        lambda page: [inputs(page).get_by_label(one).check() for one in ("red", "blue")],
        "red\nblue",
    ),
    "echo_dropdown": (lambda page: inputs(page).get_by_label("Dropdown").select_option(label="blue"), "blue"),
    "echo_dropdown_many": (
        lambda page: [page.locator("select").select_option(label=one) for one in ("green", "red")],
        "green\nred",
    ),
    "echo_colorpicker": (lambda page: inputs(page).get_by_label("Colour").fill("#ff8800"), "#ff8800"),
    "echo_datetime": (
        lambda page: inputs(page).get_by_label("Time", exact=True).fill("2026-02-01T10:20:30"),
        "2026-02-01 10:20:30",
    ),
    "echo_json": (lambda page: inputs(page).get_by_label("JSON").fill('{"a": [1, true, null]}'), re.compile("a: .*1")),
}


@pytest.mark.parametrize("name", TYPED)
def test_values(tabs, space, name):
    page = opened(tabs, space, name)
    give, shown = TYPED[name]
    give(page)
    run(page)
    done(page)
    text = outcome(page).inner_text()
    assert shown.search(text.replace("\n", " ")) if isinstance(shown, re.Pattern) else shown in text, text


def test_json_that_is_none_yet_is_told(tabs, space):
    page = opened(tabs, space, "echo_json")
    inputs(page).get_by_label("JSON").fill("{oops")
    assert "This is not JSON yet" in page.locator(".wrong").inner_text()


def test_code_is_highlighted_and_edited(tabs, space):
    page = opened(tabs, space, "echo_code")
    editor = page.locator(".inputs .cm-content")
    editor.click()
    page.keyboard.type("def f():\nreturn 1")
    run(page)
    done(page)
    shown = outcome(page).locator(".cm-content")
    shown.wait_for()
    assert "def f():" in shown.inner_text()
    assert outcome(page).locator(".cm-line span").count() > 0  # highlighted


def test_markdown_is_cleaned(tabs, space):
    page = opened(tabs, space, "echo_markdown")
    inputs(page).get_by_label("Markdown").fill(
        "# Hi\n\n**bold** <script>document.title='owned'</script>[x](javascript:alert(1))"
    )
    run(page)
    done(page)
    outcome(page).locator("strong").wait_for()
    assert page.title() == "Every component"
    assert outcome(page).locator("script, a[href^=javascript]").count() == 0


def test_html_of_the_author_runs_no_script(tabs, space):
    page = opened(tabs, space, "html")
    inputs(page).get_by_label("Text", exact=True).fill("hello")
    tabs.allowed += ["404", "inline event handler"]  # its picture does not exist; what it would do is stopped
    run(page)
    done(page)
    outcome(page).locator("b").wait_for()
    page.wait_for_timeout(200)
    assert page.title() == "Every component"


def test_a_table_is_written_and_sorted(tabs, space):
    page = opened(tabs, space, "echo_dataframe")
    for row, (name, size) in enumerate([("pear", "2"), ("apple", "10"), ("fig", "1")], 1):
        page.get_by_role("button", name="Add a row").click()
        inputs(page).get_by_label(f"name, row {row}").fill(name)
        inputs(page).get_by_label(f"size, row {row}").fill(size)
        inputs(page).get_by_label(f"size, row {row}").press("Tab")
    run(page)
    done(page)
    heading = outcome(page).get_by_role("button", name="size")
    heading.click()
    assert outcome(page).locator("tbody tr td:first-child").all_inner_texts() == ["fig", "pear", "apple"]
    heading.click()
    assert outcome(page).locator("tbody tr td:first-child").all_inner_texts() == ["apple", "pear", "fig"]
    assert outcome(page).get_by_role("columnheader", name="size").get_attribute("aria-sort") == "descending"


def choose(page, files):
    with page.expect_file_chooser() as chooser:
        page.locator(".inputs .drop-button").first.click()
    chooser.value.set_files(files)


def downloaded(page, link):
    with page.expect_download() as download:
        link.click()
    return download.value


def test_a_file_up_and_down(tabs, space, media):
    page = opened(tabs, space, "echo_file")
    choose(page, media / "note.txt")
    run(page)
    done(page)
    download = downloaded(page, outcome(page).locator("a"))
    assert (download.suggested_filename, download.path().read_text()) == ("note.txt", "a note")


def test_several_files_and_one_taken_away(tabs, space, media):
    page = opened(tabs, space, "echo_files")
    choose(page, [media / "note.txt", media / "blue.png", media / "silence.wav"])
    page.get_by_role("button", name="Remove silence.wav").click()
    run(page)
    done(page)
    assert [text.split(" ")[0] for text in outcome(page).locator("a span").all_inner_texts()] == [
        "note.txt",
        "blue.png",
    ]


def loaded(page, selector):
    picture = outcome(page).locator(selector).first
    picture.wait_for()
    page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=picture.element_handle())
    return picture.evaluate("image => [image.naturalWidth, image.naturalHeight]")


def test_an_image_and_its_enlargement(tabs, space, media):
    page = opened(tabs, space, "echo_image")
    choose(page, media / "blue.png")
    run(page)
    done(page)
    assert loaded(page, ".picture img") == [40, 30]
    outcome(page).get_by_role("button", name="Image: enlarge").click()
    assert page.locator("dialog.large[open]").count() == 1
    page.keyboard.press("Escape")
    assert downloaded(page, outcome(page).locator("a")).path().read_bytes() == (media / "blue.png").read_bytes()


def test_an_image_is_dropped_and_pasted(tabs, space, media):
    page = opened(tabs, space, "echo_image")
    give = """async ([selector, kind]) => {
      const canvas = new OffscreenCanvas(12, 9);
      canvas.getContext("2d").fillRect(0, 0, 12, 9);
      const data = new DataTransfer();
      data.items.add(new File([await canvas.convertToBlob()], "given.png", { type: "image/png" }));
      const options = { bubbles: true, cancelable: true };
      const event = kind === "drop" ? new DragEvent("drop", { ...options, dataTransfer: data })
        : new ClipboardEvent("paste", { ...options, clipboardData: data });
      document.querySelector(selector).dispatchEvent(event);
    }"""
    for kind in ("drop", "paste"):
        page.evaluate(give, [".inputs .drop", kind])
        run(page)
        done(page)
        assert loaded(page, ".picture img") == [12, 9]
        page.get_by_role("button", name="Clear").click()


def test_a_picture_from_the_camera(tabs, space):
    page = opened(tabs, space, "echo_image")
    page.get_by_role("button", name="Use the camera").click()
    page.wait_for_function("() => document.querySelector('.capture video')?.videoWidth > 0")
    page.get_by_role("button", name="Take a picture").click()
    run(page)
    done(page)
    assert loaded(page, ".picture img")[0] > 100


def test_sound_up_and_down_and_from_the_microphone(tabs, space, media):
    page = opened(tabs, space, "echo_audio")
    choose(page, media / "silence.wav")
    run(page)
    done(page)
    assert outcome(page).locator("audio").evaluate(KNOWN, "duration") == pytest.approx(1)
    page.get_by_role("button", name="Clear").click()
    page.get_by_role("button", name="Record", exact=False).nth(1).click()
    page.wait_for_timeout(400)
    page.get_by_role("button", name="■ Stop").click()
    run(page)
    done(page)
    assert "recording." in outcome(page).locator("a").inner_text()


def test_video_up_and_down(tabs, space, media):
    page = opened(tabs, space, "echo_video")
    choose(page, media / "blue.webm")
    run(page)
    done(page)
    assert outcome(page).locator("video").evaluate(KNOWN, "videoWidth") == 40


def test_a_gallery(tabs, space, media):
    page = opened(tabs, space, "echo_gallery")
    choose(page, [media / "blue.png", media / "blue.webm"])
    run(page)
    done(page)
    assert loaded(page, ".gallery img") == [40, 30]
    assert outcome(page).locator("video").count() == 1


def test_text_with_files(tabs, space, media):
    page = opened(tabs, space, "echo_multimodal")
    inputs(page).get_by_label("Text and files").fill("look")
    choose(page, media / "note.txt")
    run(page)
    done(page)
    assert "look" in outcome(page).inner_text()
    assert "note.txt" in outcome(page).inner_text()


def test_labels_and_highlighted_text(tabs, space):
    page = opened(tabs, space, "label")
    inputs(page).get_by_label("Text", exact=True).fill("really?")
    run(page)
    done(page)
    assert "a question" in outcome(page).inner_text()
    assert "70.0 %" in outcome(page).inner_text()
    page = opened(tabs, space, "echo_highlighted")
    inputs(page).get_by_label("Highlighted").fill(
        '[{"token": "Ann", "class_or_confidence": "name"}, {"token": " runs"}]'
    )
    run(page)
    done(page)
    assert (
        outcome(page).locator("mark").inner_text() == "Ann\nname"
        or "name" in outcome(page).locator("mark").inner_text()
    )


def test_figures(tabs, space):
    for kind, selector in (("matplotlib", "img.figure-picture"), ("plotly", ".drawn svg .point"), ("heatmap", ".tree")):
        page = opened(tabs, space, "figure")
        inputs(page).get_by_label("Kind").fill(kind)
        run(page)
        done(page)
        outcome(page).locator(selector).first.wait_for()
        page.close()


def test_a_line_is_drawn(tabs, space):
    page = opened(tabs, space, "line")
    inputs(page).get_by_label("Points").fill("20")
    run(page)
    done(page)
    outcome(page).locator("canvas").wait_for()
    painted = (
        """(canvas) => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some((v) => v)"""
    )
    assert outcome(page).locator("canvas").evaluate(painted)
