"""requirements.txt of a Space: no line of it makes uv read a file that is not the Space's."""

from __future__ import annotations

import subprocess

import pytest
import uv
from tests.faults import fault

from spaceport.hub.runtime import requirements
from spaceport.hub.runtime.requirements import RequirementsRefused

SECRET = "SECRET-OF-THE-HUB (((\n"


def read(text, folder):
    return requirements.read(lambda file: text.encode() if file == requirements.FILE else None, folder)


@fault(
    kind="access",
    given="requirements.txt with `--no-index -r /data/secrets.key`, or `-r …` behind `--pre`, an index or a hash",
    before="uv read the rest of the line as a line of its own, and the build log showed the file's first line",
    now="an option stands alone in its line, and behind a package come its hashes only",
)
@pytest.mark.parametrize(
    "line",
    [
        "--no-index -r {}",
        "--pre -r {}",
        "--prefer-binary\t-c {}",
        "--require-hashes -r {}",
        "--trusted-host x -r {}",
        "--no-binary :all: -c {}",
        "--only-binary=x -r {}",
        "-i https://127.0.0.1:9/x -r {}",
        "--extra-index-url=https://127.0.0.1:9/x -r {}",
        "-f https://127.0.0.1:9/x -r {}",
        "-f ./wheels -r {}",
        "-e ./pkg -r {}",
        "-e git+https://127.0.0.1:9/x -r {}",
        "foo -r {}",
        "foo --hash=sha256:00 -r {}",
        "foo --hash=sha256:00\u2028-r {}",
        "foo --hash=sha256:00\x85-r {}",
        "foo==1 --config-settings=a=b",
        "foo ; extra == 'x' -r {}",
        "foo @ https://127.0.0.1:9/a.whl -r {}",
        "https://127.0.0.1:9/a.whl -r {}",
        "./pkg -r {}",
        "foo --hash=sha256:00 \\\n  -r {}",
    ],
)
def test_nothing_follows_in_a_line(tmp_path, line):
    secret = tmp_path / "secret.key"
    secret.write_text(SECRET)
    with pytest.raises(RequirementsRefused, match=r"requirements\.txt, line 1"):
        read(line.format(secret), tmp_path / "revision")


@pytest.mark.parametrize(
    "line",
    [
        "numpy==1.0 --hash=sha256:ab --hash=sha256:cd",
        "numpy>=1,<2 ; python_version > '3.8'",
        "foo[bar] @ https://x/y.whl#sha256=ab",
        "git+https://example.org/a/b@main#egg=b",
        "foo @ git+https://example.org/a/b#subdirectory=pkg",
        "--extra-index-url https://example.org/simple",
        "--no-binary :all:",
        "--pre",
        "foo (>=1)",
    ],
)
def test_what_may_stand_in_a_line_is_handed_on_as_it_is(tmp_path, line):
    assert read(line, tmp_path).lines == (line,)


@fault(
    kind="access",
    given="requirements.txt with `git+ssh://…`, or a `#subdirectory=../..` of a package",
    before="git used the SSH keys of the hub's user; the folder outside of the package was built",
    now="refused with its line, as the docs say: `http(s)` and `git+https` only",
)
@pytest.mark.parametrize(
    "line",
    [
        "git+ssh://git@example.org/a/b",
        "foo @ git+ssh://git@example.org/a/b",
        "-e git+ssh://git@example.org/a/b",
        "ssh://example.org/a",
        "GIT+SSH://example.org/a",
        "https://example.org/a.zip#subdirectory=../../x",
        "foo @ https://example.org/a.zip#egg=foo&subdirectory=a/%2e%2e/..",
        "./pkg#egg=a&subdirectory=../..",
    ],
)
def test_no_key_and_no_folder_of_the_machine(tmp_path, line):
    with pytest.raises(RequirementsRefused):
        read(line, tmp_path)


def test_uv_reads_several_options_in_a_line(tmp_path):
    """Why they are refused. Where uv stops doing so, the rule may go."""
    secret = tmp_path / "secret.key"
    secret.write_text(SECRET)
    file = tmp_path / "requirements.txt"
    file.write_text(f"--no-index -r {secret}\n")
    command = [uv.find_uv_bin(), "pip", "compile", "--offline", "--no-config", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert SECRET.strip() in done.stderr
