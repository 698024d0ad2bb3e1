"""Turns text into speech with espeak-ng."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Annotated, Literal

import spaceport as sp

space = sp.Space(title="Speech", description="Reads a text aloud.")

Language = Literal["en", "de", "fr", "es", "it", "nl", "pl", "pt"]


@space.api(concurrency_limit=2)
def speak(
    text: Annotated[str, sp.Textbox(max_length=2000)], language: Language = "en", words_per_minute: int = 160
) -> Annotated[str, sp.Audio(type="filepath")]:
    """Read a text aloud, into a WAV file."""
    if shutil.which("espeak-ng") is None:
        raise sp.Error("espeak-ng is not installed on this server: apt install espeak-ng")
    target = Path(tempfile.mkdtemp()) / "speech.wav"
    speed = str(max(80, min(450, words_per_minute)))
    command = ["espeak-ng", "-v", language, "-s", speed, "-w", str(target), "--stdin"]
    subprocess.run(command, input=text.encode(), check=True, timeout=60)
    return str(target)


if __name__ == "__main__":
    space.launch()
