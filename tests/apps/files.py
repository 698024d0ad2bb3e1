"""Files and media, as the recorded scenarios 10 and 11 describe them. Its files lie in the folder `FILES`."""

import os
import time
from pathlib import Path

import numpy as np

import spaceport as sp

FOLDER = Path(os.environ["FILES"])
space = sp.Space()
SECRET = "/etc/passwd"


def publish(fn, inputs, outputs, name=None):
    space.api(fn, name=name, inputs=inputs, outputs=outputs)


def upper(file):
    target = FOLDER / f"UP {Path(file).name}"
    target.write_text(Path(file).read_text().upper())
    return str(target)


publish(upper, [sp.File(label="In")], [sp.File(label="Out")])
many = sp.File(file_count="multiple")
publish(lambda files: [Path(file).stat().st_size for file in files], [many], [sp.JSON()], "sizes")
publish(lambda files: files, [many], [sp.File(file_count="multiple")], "echo_many")
publish(lambda data: len(data), [sp.File(type="binary")], [sp.Number()], "binlen")
publish(lambda file: str(file), [sp.File()], [sp.Textbox()], "path_of")
publish(lambda: "https://example.invalid/x.png", [], [sp.Image()], "url_out")
publish(lambda: SECRET, [], [sp.File()], "forbidden_out")
publish(lambda: str(FOLDER / "page.html"), [], [sp.File()], "dl_out")
publish(lambda: {"path": SECRET, "url": None, "size": 3}, [], [sp.JSON()], "json_filedata")
publish(lambda value: value, [sp.JSON()], [sp.JSON()], "json")
publish(lambda text: text, [sp.Textbox()], [sp.File()], "text_to_file")
publish(lambda file: Path(file).read_text(), [sp.File(file_types=[".txt", "image"])], [sp.Textbox()], "only_text")


async def async_upper(file):
    return upper(file)


publish(async_upper, [sp.UploadButton()], [sp.DownloadButton()])


def slow_read(file):
    time.sleep(1)
    return Path(file).read_text()


publish(slow_read, [sp.File()], [sp.Textbox()])
publish(lambda image: image[::-1], [sp.Image(label="I")], [sp.Image(format="png", label="O")], "flip")
publish(lambda image: image, [sp.Image(type="filepath")], [sp.Image()], "echo_path")
publish(lambda image: f"{image.mode} {image.size}", [sp.Image(type="pil", image_mode="L")], [sp.Textbox()], "pil")
publish(lambda items: items, [sp.Gallery(label="G")], [sp.Gallery(label="GO")], "gallery")
publish(lambda audio: (audio[0], audio[1][::-1]), [sp.Audio(label="A")], [sp.Audio(label="AO")], "rev")
publish(lambda audio: audio, [sp.Audio(type="filepath")], [sp.Audio()], "echo_audio")
publish(lambda image: (image, [((0, 0, 2, 2), "sq")]), [sp.Image(type="filepath")], [sp.AnnotatedImage()], "annot")


def tones(count, fail_at):
    for number in range(int(count)):
        if number == fail_at:
            raise sp.Error("no more")
        time.sleep(0.2)
        yield 8000, (np.sin(np.arange(4000) * 0.3 * (number + 1)) * 20000).astype(np.int16)


async def atones(count, fail_at):
    for tone in tones(count, fail_at):
        yield tone


def pieces():
    yield None
    yield FOLDER / "s.wav"
    yield (FOLDER / "s.wav").read_bytes()
    yield (8000, np.zeros((80, 2), dtype=np.int16))


publish(tones, [sp.Number(), sp.Number(-1)], [sp.Audio(streaming=True)])
publish(atones, [sp.Number(), sp.Number(-1)], [sp.Audio(streaming=True)])
publish(pieces, [], [sp.Audio(streaming=True)])
publish(lambda: (8000, np.zeros(80, dtype=np.int16)), [], [sp.Audio(streaming=True)], "at_once")
both = [sp.MultimodalTextbox(), sp.Textbox()]
publish(lambda value: (value, str(value["text"])), [sp.MultimodalTextbox()], both, "mm")
publish(lambda path: path, [sp.Video()], [sp.Video()], "video")
publish(lambda path: path, [sp.Model3D()], [sp.Model3D()], "model")


def last_file(chat):
    part = chat[-1]["content"][-1]
    return Path(part["file"]["path"]).read_text(), [{"role": "assistant", "content": part["file"]}]


publish(last_file, [sp.Chatbot()], [sp.Textbox(), sp.Chatbot()])

if __name__ == "__main__":
    space.launch(max_file_size="200kb", show_error=True)
