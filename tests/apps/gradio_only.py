"""Recorded apps that need what our server does not have yet, on the real Gradio, each under its number:
`gradio_only.py PORT`. Runs in an environment that has Gradio; files lie in the folder `GRADIO_ONLY`.
"""

import os
import sys
import time
from pathlib import Path

import fastapi
import gradio as gr
import numpy as np
import uvicorn

FOLDER = Path(os.environ["GRADIO_ONLY"])
app = fastapi.FastAPI()


def mounted(number, demo, **options):
    global app
    app = gr.mount_gradio_app(app, demo, path=f"/s{number}", **{"show_error": True, **options})


def button(fn, inputs, outputs, **options):
    gr.Button().click(fn, inputs, outputs, api_name=options.pop("api_name", fn.__name__), **options)


def work(secs):
    time.sleep(secs)
    return f"slept {secs}"


def prog(secs, progress=gr.Progress()):  # noqa: B008  how Gradio knows it
    progress(0, desc="Starting")
    for _ in progress.tqdm(range(4), desc="Loop", unit="steps"):
        time.sleep(secs / 4)
    progress((3, 10), desc="tuple", unit="it")
    progress(None, desc="unknown")
    return "done"


with gr.Blocks() as s06:
    secs, said = gr.Number(), gr.Textbox()
    button(work, secs, said, concurrency_limit=1)
    button(prog, secs, said)
    button(work, secs, said, api_name="work2", concurrency_limit=2)
mounted("06", s06.queue(max_size=20))

with gr.Blocks() as s07:
    secs, said = gr.Number(), gr.Textbox()
    button(work, secs, said, concurrency_limit=1)
mounted("07", s07.queue(max_size=1, api_open=False))


def upper(file):
    target = FOLDER / f"UP {Path(file).name}"
    target.write_text(Path(file).read_text().upper())
    return str(target)


with gr.Blocks() as s10:
    one, many = gr.File(), gr.File(file_count="multiple")
    json, text, image = gr.JSON(), gr.Textbox(), gr.Image()
    button(upper, one, gr.File())
    button(lambda files: [Path(file).stat().st_size for file in files], many, json, api_name="sizes")
    button(lambda files: files, many, gr.File(file_count="multiple"), api_name="echo_many")
    button(lambda file: str(file), one, text, api_name="path_of")
    button(lambda: "https://example.invalid/x.png", None, image, api_name="url_out")
    button(lambda: "/etc/passwd", None, gr.File(), api_name="forbidden_out")
    button(lambda: str(FOLDER / "page.html"), None, gr.File(), api_name="dl_out")
    button(lambda: {"path": "/etc/passwd", "url": None, "size": 3}, None, json, api_name="json_filedata")
mounted("10", s10, max_file_size="200kb", allowed_paths=[str(FOLDER)])

with gr.Blocks() as s11:
    pixels, picture, sound = gr.Image(), gr.Image(type="filepath"), gr.Audio()
    button(lambda image: image[::-1], pixels, gr.Image(format="png"), api_name="flip")
    button(lambda images: images, gr.Gallery(type="filepath"), gr.Gallery(), api_name="gallery")
    button(lambda audio: (audio[0], audio[1][::-1]), sound, gr.Audio(), api_name="rev")
    button(lambda image: (image, [((0, 0, 2, 2), "sq")]), picture, gr.AnnotatedImage(), api_name="annot")
    button(
        lambda value: [value, str(value["text"])],
        gr.MultimodalTextbox(),
        [gr.MultimodalTextbox(), gr.Textbox()],
        api_name="mm",
    )
mounted("11", s11, allowed_paths=[str(FOLDER)])


def long(n):
    for i in range(int(n)):
        yield f"step {i}"
        time.sleep(0.2)


def block(n):
    time.sleep(n)
    return "finished"


with gr.Blocks() as s17:
    number, said = gr.Number(), gr.Textbox()
    button(long, number, said, concurrency_limit=1)
    button(block, number, said, concurrency_limit=1)
mounted("17", s17)


def name(x, request: gr.Request):
    return f"{request.username}: {x}"


mounted("18", gr.Interface(name, "text", "text", api_name="who"), auth=[("user", "pw"), ("ann", "secret")])


def boom(x):
    raise gr.Error("no")


with gr.Blocks() as s23:
    t, o = gr.Textbox(label="T"), gr.Textbox(label="O")
    first = gr.Button().click(lambda x: x + "1", t, o, api_name="one")
    first.then(lambda x: x + "2", o, o, api_name="two").success(lambda x: x + "3", o, o, api_name="three")
    button(boom, t, o)
    button(lambda x: gr.update(value=x, visible=False, label="New"), t, o, api_name="upd")
    button(lambda x: gr.Textbox(x, lines=3), t, o, api_name="upd2")
    button(lambda x: gr.skip(), t, o, api_name="skip")
    button(lambda x: {o: "via dict"}, t, [o, t], api_name="dct")
    button(lambda: None, None, None, api_name="noio")
    s23.load(lambda: "loaded", None, o, api_name="load")
mounted("23", s23)


def aud():
    for n in range(3):
        yield 8000, np.full(4000, n * 1000, dtype=np.int16)


with gr.Blocks() as s25:
    shot, count = gr.Image(sources=["webcam"], streaming=True, type="filepath"), gr.State(0)
    shot.stream(
        lambda x, n: (f"frame {n}", n + 1), [shot, count], [gr.Textbox(), count], api_name="frames", time_limit=2
    )
    button(aud, None, gr.Audio(streaming=True, autoplay=True))
mounted("25", s25)

with gr.Blocks() as s26:
    t, o = gr.Textbox(), gr.Textbox()
    button(lambda x: (yield from (x * n for n in (1, 2, 3))), t, o, api_name="gen")
mounted("26", s26)

with gr.Blocks() as s28:
    t, o = gr.Textbox(), gr.Textbox()
    button(lambda x: f"home {x}", t, o, api_name="home")
with s28.route("Second", "/second"):
    t, o = gr.Textbox(), gr.Textbox()
    button(lambda x: f"second {x}", t, o, api_name="second")
mounted("28", s28)


def need(x, token: gr.OAuthToken):
    return f"{x} {token.token}"


def opt(x, token: gr.OAuthToken | None):
    return f"{x} {token.token if token else None}"


with gr.Blocks() as s30:
    t, o = gr.Textbox(), gr.Textbox()
    button(need, t, o)
    button(opt, t, o)
mounted("30", s30)

uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
