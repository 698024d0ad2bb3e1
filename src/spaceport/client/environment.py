"""What the client reads from the environment; only `proxies` reads it too (docs/adr/0003)."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

_HUB = "https://huggingface.co"


def hub(given: str | None) -> str:
    """The hub's URL with a slash at its end: as given, else `SPACEPORT_HUB`, `HF_ENDPOINT`, the Hugging Face Hub."""
    found = given or os.environ.get("SPACEPORT_HUB") or os.environ.get("HF_ENDPOINT") or _HUB
    return found.rstrip("/") + "/"


def stored_token() -> str | None:
    """The token that `hf auth login` stored: `HF_TOKEN`, else the token file."""
    token = os.environ.get("HF_TOKEN")
    if token:
        return token.strip() or None
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    home = os.environ.get("HF_HOME") or Path(cache) / "huggingface"
    try:
        return Path(os.environ.get("HF_TOKEN_PATH") or Path(home) / "token").read_text().strip() or None
    except OSError:
        return None


def download_folder() -> Path:
    """The default folder for downloads: `GRADIO_TEMP_DIR`, else `gradio` in the temporary folder."""
    return Path(os.environ.get("GRADIO_TEMP_DIR") or Path(tempfile.gettempdir()) / "gradio")
