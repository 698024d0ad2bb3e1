"""What `spaceport deploy` sends, and what it takes an app for."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

import pytest
import yaml
from tests.faults import fault

from spaceport.cli.deploy_files import deployed_files, readme_for
from spaceport.errors import InvalidInput


def deployed(folder):
    said = []
    return set(deployed_files(folder, "a/b", said.append)), said


@fault(
    kind="cli",
    given="`spaceport deploy` of a folder with a link out of it, a dangling link and a named pipe",
    before="the file outside was deployed; a traceback; it hung",
    now="each is passed over with a word",
)
def test_what_is_no_file_of_the_folder(tmp_path):
    folder, secret = tmp_path / "app", tmp_path / "secret"
    (folder / "sub").mkdir(parents=True)
    secret.write_text("secret")
    (folder / "app.py").write_text("x")
    (folder / "sub" / "same").symlink_to("../app.py")
    (folder / "out").symlink_to(secret)
    (folder / "nothing").symlink_to("no such file")
    (folder / "loop").symlink_to("loop")
    (folder / "folder").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe")
    (folder / "to-pipe").symlink_to("pipe")
    files, said = deployed(folder)
    assert files == {"app.py", "sub/same"}
    text = "\n".join(said)
    assert "out is a link that leads out of the folder" in text
    assert "nothing is a link to nothing" in text
    assert "pipe is not a regular file" in text
    assert "folder is a link to a folder" in text
    assert len(said) == 6
    link = tmp_path / "link"
    link.symlink_to(folder)  # what the caller names is followed
    assert deployed(link)[0] == files


def as_a_user(work):
    """The text that `work` returns, in a process of a user who is not root: root reads everything."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            os.write(writing, work().encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        found = pipe.read().decode()
    os.waitpid(child, 0)
    return found


@pytest.mark.parametrize("name", ["app.py", "sub"])
def test_a_file_or_folder_that_cannot_be_read(name):
    def said():
        with pytest.raises(InvalidInput) as refused:
            deployed(folder)
        return str(refused.value)

    with tempfile.TemporaryDirectory(dir="/var/tmp") as place:  # the folders of tests are closed to other users
        folder = Path(place)
        folder.chmod(0o755)
        (folder / "app.py").write_text("x")
        (folder / "sub").mkdir()
        (folder / name).chmod(0)
        assert re.search(rf"{re.escape(name)} cannot be read", as_a_user(said))
        (folder / name).chmod(0o700)


def card(files, space="ann/words"):
    text, kind = readme_for(files, space)
    return yaml.safe_load(text.decode().split("---")[1]), kind


@fault(
    kind="cli",
    given="`spaceport deploy FOLDER` with an ordinary Gradio app.py and no README",
    before="tagged as ours: RUNTIME_ERROR",
    now="what app.py imports decides, and the README says so",
)
@pytest.mark.parametrize(
    ("files", "ours"),
    [
        ({"app.py": b"import gradio as gr"}, False),
        ({"app.py": b"def f():\n    from gradio.components import Image"}, False),
        ({"app.py": b"import spaceport as sp"}, True),
        ({"app.py": b"import gradio, spaceport"}, True),
        ({"app.py": b"from . import gradio"}, True),
        ({"app.py": b"import gradio_client"}, True),
        ({"app.py": b"# import gradio"}, True),
        ({"app.py": b"import fastapi", "requirements.txt": b"torch\n gradio[oauth]>=5\n"}, False),
        ({"app.py": b"import fastapi", "requirements.txt": b"gradio-client\n"}, True),
        ({"app.py": b"\x00 no python ("}, True),
        ({}, True),
    ],
)
def test_what_an_app_imports_decides(files, ours):
    found, kind = card(files)
    assert ("spaceport" in found.get("tags", ())) is ours
    assert ("Spaceport" in kind) is ours
    assert found["sdk"] == "gradio"


@fault(
    kind="cli",
    given="`spaceport deploy` of an app without `import gradio`, whose requirements.txt in UTF-16 has gradio",
    before="the UTF-16 was not read: tagged as ours",
    now="read by its byte order mark, as the hub's build reads it",
)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-32"])
def test_requirements_of_other_encodings_decide_too(encoding):
    found, _ = card({"app.py": b"import fastapi", "requirements.txt": "torch\r\ngradio\r\n".encode(encoding)})
    assert "spaceport" not in found.get("tags", ())
    found, _ = card({"app.py": b"import fastapi", "requirements.txt": b"\xff\xfe\xd8"})  # no text at all
    assert "spaceport" in found["tags"]


@pytest.mark.parametrize(
    ("app", "title"),
    [
        (b"space = sp.Space(title='Words')", "Words"),
        (b"demo = gr.Blocks(title='a: b # c')", "a: b # c"),
        (b"demo = Interface(f, title='Yes')", "Yes"),
        (b"demo = sp.Space(title=name)", "words"),
        (b"plot(title='Not it')", "words"),
        (b"sp.Space(title='x\\n---\\nsdk: docker')", "x\n---\nsdk: docker"),
    ],
)
def test_the_title_is_the_app_s_own(app, title):
    text, _ = readme_for({"app.py": app}, "ann/words")
    head = text.decode().removeprefix("---\n").removesuffix("---\n")
    assert yaml.safe_load(head)["title"] == title
    assert "\n---\n" not in head


def test_a_name_that_yaml_reads_otherwise():
    assert card({}, "ann/1.0")[0]["title"] == "1.0"
    assert card({}, "ann/true")[0]["title"] == "true"
