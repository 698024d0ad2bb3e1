"""Each component on a Space's page: what a person puts in goes to the function, and what comes back is shown."""

from __future__ import annotations

import base64
import io
import json
import re
import struct
import subprocess
import wave
import zlib

import pytest

from tests.conftest import Server
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
        lambda page: [inputs(page).locator("select").select_option(label=one) for one in ("green", "red")],
        "green\nred",
    ),
    "echo_colorpicker": (lambda page: inputs(page).get_by_label("Colour").fill("#ff8800"), "#ff8800"),
    "echo_datetime": (
        lambda page: inputs(page).get_by_label("Time", exact=True).fill("2026-02-01T10:20:30"),
        "2026-02-01 10:20:30",
    ),
    "echo_json": (
        lambda page: inputs(page).get_by_role("textbox", name="JSON").fill('{"a": [1, true, null]}'),
        re.compile("a: .*1"),
    ),
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
    inputs(page).get_by_role("textbox", name="JSON").fill("{oops")
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
    assert page.get_by_role("dialog", name="Image").locator("img").count() == 1
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
        page.get_by_role("button", name="Reset").click()


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
    page.get_by_role("button", name="Reset").click()
    page.get_by_role("button", name="Record", exact=False).nth(1).click()
    page.wait_for_timeout(400)
    page.locator(".capture meter").wait_for()
    page.wait_for_function("() => document.querySelector('.capture meter').value > 0")  # the microphone beeps
    page.get_by_role("button", name="Stop", exact=True).click()
    run(page)
    done(page)
    assert "recording." in outcome(page).locator("a").get_attribute("download")


def test_a_sound_is_drawn_and_trimmed(tabs, space, media):
    page = opened(tabs, space, "echo_audio")
    choose(page, media / "silence.wav")
    inputs(page).locator(".waveform path").first.wait_for()
    assert inputs(page).get_by_role("button", name="Trim").is_disabled()
    inputs(page).get_by_label("Audio: start").fill("0.25")
    inputs(page).get_by_label("Audio: end").fill("0.5")
    inputs(page).get_by_role("button", name="Trim").click()
    inputs(page).get_by_role("button", name="The whole sound").wait_for()
    run(page)
    done(page)
    outcome(page).locator(".waveform path").first.wait_for()
    assert outcome(page).get_by_role("button", name="Trim").count() == 0
    assert outcome(page).locator("audio").evaluate(KNOWN, "duration") == pytest.approx(0.25, abs=0.001)
    with wave.open(str(downloaded(page, outcome(page).locator("a")).path())) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getnframes()) == (44_100, 1, 11_025)
    inputs(page).get_by_role("button", name="The whole sound").click()
    run(page)
    done(page)
    page.wait_for_function("() => document.querySelector('.outputs audio')?.duration === 1")


def test_a_sound_has_one_control(tabs, space, media):
    page = opened(tabs, space, "echo_audio")
    choose(page, media / "silence.wav")
    player = inputs(page).get_by_role("group", name="Audio: silence.wav")
    place = player.get_by_role("slider", name="Audio: silence.wav: place")
    place.wait_for()
    assert place.get_attribute("aria-valuetext") == "0:00 of 0:01"
    place.focus()
    page.keyboard.press("End")
    page.wait_for_function("() => document.querySelector('audio').currentTime === 1")
    inputs(page).get_by_label("Audio: start").fill("0.5")
    inputs(page).get_by_label("Audio: end").fill("0.75")
    assert inputs(page).get_by_role("button", name="Trim to 0.25 s").is_enabled()
    page.evaluate(
        """() => {
            const audio = document.querySelector("audio");
            window.heard = [];
            const note = ({ type }) => heard.push([type, audio.currentTime]);
            for (const type of ["play", "pause"]) audio.addEventListener(type, note);
        }"""
    )
    player.get_by_role("button", name="Play").click()
    page.wait_for_function("() => heard.length === 2")  # it ends by itself
    (_, start), (_, end) = page.evaluate("() => heard")
    assert start == pytest.approx(0.5, abs=0.05)
    assert 0.75 <= end < 1
    player.get_by_role("button", name="Mute").click()
    player.get_by_role("button", name="Unmute").wait_for()
    assert page.evaluate("() => document.querySelector('audio').muted")
    player.get_by_role("slider", name="Volume").fill("0.5")
    player.get_by_role("button", name="Mute").wait_for()
    assert page.evaluate("() => document.querySelector('audio').volume") == 0.5


def test_what_is_no_sound_is_not_drawn(tabs, space, media):
    tabs.allowed.append("media")
    page = opened(tabs, space, "echo_audio")
    choose(page, media / "note.txt")
    page.wait_for_timeout(300)
    assert inputs(page).locator("audio").count() == 1
    assert inputs(page).locator(".waveform path").count() == 0


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


def test_a_gallery_is_looked_at_with_the_keyboard(tabs, space, media):
    page = opened(tabs, space, "echo_gallery")
    names = ["first.png", "second.png", "third.png"]
    choose(
        page, [{"name": name, "mimeType": "image/png", "buffer": (media / "blue.png").read_bytes()} for name in names]
    )
    run(page)
    done(page)
    outcome(page).get_by_role("button", name="first.png: enlarge").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    for key, name in (("ArrowLeft", 0), ("ArrowRight", 1), ("End", 2), ("ArrowRight", 2), ("Home", 0)):
        page.keyboard.press(key)
        page.get_by_role("dialog", name=names[name]).get_by_text(f"{name + 1} of 3").wait_for()
    assert dialog.get_by_role("button", name="Previous picture").count() == 0
    dialog.get_by_role("button", name="Next picture").click()
    dialog.get_by_role("button", name="Full size").click()
    dialog.get_by_role("button", name="Fit the window").wait_for()
    assert dialog.locator("img").evaluate("(one) => one.width") == 40
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    assert page.evaluate("() => document.activeElement.ariaLabel") == "first.png: enlarge"
    outcome(page).get_by_role("button", name="second.png: enlarge").click()
    page.get_by_role("dialog", name="second.png").wait_for()


def test_two_pictures_are_compared(tabs, tmp_path_factory, media):
    folder = tmp_path_factory.mktemp("compare")
    (folder / "compare.py").write_text(
        "import spaceport as sp\n\nspace = sp.Space()\n\n\n"
        '@space.api(outputs=sp.ImageSlider(label="Both"))\n'
        f"def both() -> tuple[str, str]:\n    return ({str(media / 'blue.png')!r}, {str(media / 'blue.png')!r})\n"
    )
    server = Server(folder / "compare.py", folder / "data", {})
    try:
        page = tabs.open(server.url)
        run(page)
        done(page)
        slider = page.get_by_label("Both: how much of the first is shown")
        slider.focus()
        page.keyboard.press("ArrowLeft")
        clip = "(one) => getComputedStyle(one).clipPath"
        assert page.get_by_alt_text("Both: before").evaluate(clip) == "inset(0px 51% 0px 0px)"
        page.close()  # before its server: else what it asks for next is an error of the page
    finally:
        server.kill()


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


FIGURES = {
    "matplotlib": "img.figure-picture",
    "plotly": ".drawn svg .point",
    "heatmap": ".drawn svg .heatmaplayer image",
    "altair": ".drawn svg .mark-rect path",
    "broken": ".tree",
}


@pytest.mark.parametrize("kind", FIGURES)
def test_figures(tabs, space, kind):
    page = opened(tabs, space, "figure")
    inputs(page).get_by_label("Kind").fill(kind)
    run(page)
    done(page)
    outcome(page).locator(FIGURES[kind]).first.wait_for()


def test_a_figure_of_bokeh_is_drawn_in_a_frame_of_no_origin(tabs, space):
    page = opened(tabs, space, "figure")
    inputs(page).get_by_label("Kind").fill("bokeh")
    run(page)
    done(page)
    inside = page.frame_locator(".drawn iframe")
    inside.locator(".bk-Figure").wait_for()
    frame = page.frames[-1]
    frame.wait_for_function("() => document.title === 'A callback ran'")
    assert frame.evaluate("() => self.origin") == "null"
    assert outcome(page).locator("iframe").evaluate("(frame) => frame.clientHeight") >= 260


def test_a_picture_is_drawn_on(tabs, space, media):
    page = opened(tabs, space, "pixels")
    choose(page, media / "blue.png")
    canvas = page.locator(".drawing canvas")
    canvas.wait_for()
    page.get_by_role("button", name="Colour #ff0000").click()
    stroke(page, canvas, [(0.1, 0.5), (0.5, 0.5), (0.9, 0.5)])
    page.get_by_role("button", name="Add a layer").click()
    page.get_by_role("button", name="Colour #0000ff").click()
    stroke(page, canvas, [(0.5, 0.1), (0.5, 0.2)])
    stroke(page, canvas, [(0.1, 0.9), (0.9, 0.9)])
    page.keyboard.press("Control+z")
    none, red, blue, ground = [0, 0, 0, 0], [255, 0, 0, 255], [0, 0, 255, 255], [48, 128, 208, 255]
    assert pixels(page) == {"composite": [red, blue, ground], "layers": [[red, none, none], [none, blue, none]]}
    page.get_by_role("button", name="Redo").click()
    page.get_by_role("button", name="Eraser").click()
    stroke(page, canvas, [(0.5, 0.1), (0.5, 0.2)])
    assert pixels(page) == {"composite": [red, ground, blue], "layers": [[red, none, none], [none, none, blue]]}


def pixels(page):
    run(page)
    done(page)
    return json.loads(outcome(page).locator(".text-value").inner_text())


def stroke(page, canvas, points):
    box = canvas.bounding_box()
    at = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in points]
    page.mouse.move(*at[0])
    page.mouse.down()
    for one in at[1:]:
        page.mouse.move(*one, steps=4)
    page.mouse.up()


def test_a_blank_sheet_to_draw_on_and_a_file_that_is_no_picture(tabs, space, media):
    page = opened(tabs, space, "echo_imageeditor")
    choose(page, media / "note.txt")
    assert "note.txt is no picture" in page.locator(".wrong").inner_text()
    page.get_by_role("button", name="A blank sheet").click()
    stroke(page, page.locator(".drawing canvas"), [(0.3, 0.5)])
    run(page)
    done(page)
    assert loaded(page, ".picture img") == [800, 600]


CUBE = "\n".join(
    [*(f"v {i & 1} {i >> 1 & 1} {i >> 2}" for i in range(8)), "f 1 2 4 3", "f 5 6 8 7", "f 1 2 6 5", "f 3 4 8 7", ""]
)
TRIANGLE_STL = (
    "solid t\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\nendloop\nendfacet\nendsolid t\n"
)
POINTS_PLY = (
    "ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nproperty float y\nproperty float z\nend_header\n"
    "0 0 0\n1 0 0\n0 1 0\n"
)


def gltf():
    points = base64.b64encode(struct.pack("<9f", 0, 0, 0, 1, 0, 0, 0, 1, 0)).decode()
    view = {"buffer": 0, "byteLength": 36}
    accessor = {"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3", "min": [0, 0, 0], "max": [1, 1, 0]}
    return json.dumps(
        {
            "asset": {"version": "2.0"},
            "scene": 0,
            "scenes": [{"nodes": [0]}],
            "nodes": [{"mesh": 0}],
            "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
            "buffers": [{"byteLength": 36, "uri": f"data:application/octet-stream;base64,{points}"}],
            "bufferViews": [view],
            "accessors": [accessor],
        }
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [("cube.obj", CUBE), ("triangle.stl", TRIANGLE_STL), ("points.ply", POINTS_PLY), ("triangle.gltf", gltf())],
)
def test_a_model_is_shown(tabs_3d, space, tmp_path, name, text):
    (tmp_path / name).write_text(text)
    page = opened(tabs_3d, space, "echo_model3d")
    choose(page, tmp_path / name)
    run(page)
    done(page)
    model = outcome(page).locator("canvas.model")
    model.wait_for()
    page.wait_for_function(SOMETHING, arg=model.element_handle())
    assert downloaded(page, outcome(page).locator("a")).path().read_text() == text


# What a WebGL canvas shows is there only while it is drawn: a picture is taken of a copy made then.
SOMETHING = """(canvas) => new Promise((done) => {
  canvas.focus();
  canvas.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowLeft", bubbles: true }));
  const copy = new OffscreenCanvas(canvas.width, canvas.height);
  const pen = copy.getContext("2d");
  pen.drawImage(canvas, 0, 0);
  done(pen.getImageData(0, 0, copy.width, copy.height).data.some((one) => one));
})"""


def test_a_model_that_cannot_be_shown_can_be_kept(tabs, space, tmp_path):
    (tmp_path / "scene.splat").write_bytes(b"\0" * 32)
    page = opened(tabs, space, "echo_model3d")
    choose(page, tmp_path / "scene.splat")
    run(page)
    done(page)
    outcome(page).get_by_text("It cannot be shown here").wait_for()
    assert downloaded(page, outcome(page).locator("a")).suggested_filename == "scene.splat"


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
