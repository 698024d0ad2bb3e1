"""One app for Gradio since 4.0: `older_gradio.py PORT`. Runs in an environment that has it."""

import sys
import tempfile
import time
from pathlib import Path

import gradio as gr


def echo(text, times=2):
    return (text + "!") * int(times)


def count(n):
    for i in range(int(n)):
        time.sleep(0.05)
        yield f"step {i}"


def upper(file):
    return Path(file).read_text().upper()


def make(text):
    path = Path(tempfile.mkdtemp()) / "made.txt"
    path.write_text(text)
    return str(path)


def refuse(text):
    raise gr.Error(f"bad {text}")


def fail(text):
    raise ValueError(text)


def steps(text, progress=gr.Progress()):  # noqa: B008  how Gradio knows it
    for i in range(4):
        progress((i, 4), desc="working")
        time.sleep(0.1)
    return text


def swap(a, b):
    return b, a


def counter(state, text):
    state = (state or 0) + 1
    return state, f"{text} {state}"


with gr.Blocks() as demo:
    text, other, file = gr.Textbox(label="Text"), gr.Textbox(label="Other"), gr.File(label="File")
    number, state = gr.Number(2, label="Times"), gr.State()
    gr.Button().click(echo, [text, number], other, api_name="echo")
    gr.Button().click(count, number, other, api_name="count")
    gr.Button().click(upper, file, other, api_name="upper")
    gr.Button().click(make, text, file, api_name="make")
    gr.Button().click(refuse, text, other, api_name="refuse")
    gr.Button().click(fail, text, other, api_name="fail")
    gr.Button().click(steps, text, other, api_name="steps")
    gr.Button().click(swap, [text, other], [text, other], api_name="swap")
    gr.Button().click(counter, [state, text], [state, other], api_name="counter")

demo.queue().launch(server_name="127.0.0.1", server_port=int(sys.argv[1]))
