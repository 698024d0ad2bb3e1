"""A Gradio Blocks app: remembers words in a session, types a text letter by letter, reports on a file."""

import tempfile
import time
from collections import Counter
from pathlib import Path

import gradio as gr


def remember(word, words):
    words = [*words, word.strip().lower()] if word.strip() else words
    return ", ".join(words), words


def type_out(text):
    for end in range(1, len(text) + 1):
        time.sleep(0.01)
        yield text[:end]


def report(path):
    words = Counter(Path(path).read_text().lower().split())
    lines = [f"{count:5} {word}" for word, count in words.most_common(10)]
    out = Path(tempfile.mkdtemp()) / "report.txt"
    out.write_text("\n".join(lines) + "\n")
    return str(out)


with gr.Blocks(title="Studio") as demo:
    gr.Markdown("# Studio")
    words = gr.State([])
    with gr.Row():
        word, known = gr.Textbox(label="Word"), gr.Textbox(label="Remembered in this session")
    word.submit(remember, [word, words], [known, words], api_name="remember")
    with gr.Row():
        text, typed = gr.Textbox(label="Text"), gr.Textbox(label="Typed")
    text.submit(type_out, text, typed, api_name="type_out")
    with gr.Row():
        file, found = gr.File(label="A text file"), gr.File(label="Its most common words")
    file.upload(report, file, found, api_name="report")

if __name__ == "__main__":
    demo.launch()
