"""Takes frames from a video at equal intervals, with ffmpeg."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import spaceport as sp

space = sp.Space(title="Video", description="Takes frames from a video.")

_SECONDS = 120


def run(*command: str) -> str:
    if shutil.which(command[0]) is None:
        raise sp.Error(f"{command[0]} is not installed on this server: apt install ffmpeg")
    only_files = ["-protocol_whitelist", "file,pipe"]  # a playlist that pretends to be a video must not fetch anything
    try:
        done = subprocess.run(
            [command[0], "-v", "error", *only_files, *command[1:]],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=True,
        )
    except subprocess.CalledProcessError:
        raise sp.Error("This is not a valid video.") from None
    except subprocess.TimeoutExpired:
        raise sp.Error(f"The video took longer than {_SECONDS} s.") from None
    return done.stdout + done.stderr


def frames(video: str, count: float) -> list[tuple[str, str]]:
    """Take `count` frames at equal intervals, each with its time."""
    facts = run("ffmpeg", "-v", "info", "-i", video, "-t", "0", "-f", "null", "-")
    known = re.search(r"Duration: (\d+):(\d+):([\d.]+)", facts)
    length = int(known[1]) * 3600 + int(known[2]) * 60 + float(known[3]) if known else 0.0
    folder = Path(tempfile.mkdtemp())
    found = []
    for number in range(int(count)):
        at = length * (number + 0.5) / int(count)
        target = folder / f"{number:03}.png"
        run("ffmpeg", "-ss", f"{at:.3f}", "-i", video, "-frames:v", "1", "-y", str(target))
        if target.exists():
            found.append((str(target), f"{at:.1f} s"))
    return found


space.api(
    frames,
    inputs=[sp.Video(label="Video"), sp.Slider(1, 24, 6, step=1, label="Frames")],
    outputs=[sp.Gallery(label="Frames")],
)

if __name__ == "__main__":
    space.launch()
