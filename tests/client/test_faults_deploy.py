"""What `spaceport deploy` sends, and what it takes an app for."""

from __future__ import annotations

import os

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


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_cannot_be_read(tmp_path):
    (tmp_path / "app.py").write_text("x")
    (tmp_path / "app.py").chmod(0)
    with pytest.raises(InvalidInput, match=r"app\.py cannot be read"):
        deployed(tmp_path)


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
