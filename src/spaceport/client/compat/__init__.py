"""gradio_client's names and modules, so that a program for it runs on this client.

`sys.modules["gradio_client"] = spaceport.client.compat` and the same for `exceptions` and `utils` is all it takes.
"""

from __future__ import annotations

from spaceport.client.client import Client
from spaceport.client.compat import exceptions, utils
from spaceport.client.core.files import FileData, handle_file
from spaceport.client.job import Job

__all__ = ["Client", "FileData", "Job", "exceptions", "handle_file", "utils"]
