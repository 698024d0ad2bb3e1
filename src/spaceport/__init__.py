"""Spaceport: write a Python function; get a queued, streaming API that every Gradio client can call.

`import spaceport` loads nothing: each name brings in its own module when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from spaceport.client.async_client import AsyncClient as AsyncClient
    from spaceport.client.async_job import AsyncJob as AsyncJob
    from spaceport.client.client import Client as Client
    from spaceport.client.core.files import handle_file as handle_file
    from spaceport.client.job import Job as Job
    from spaceport.space.cache import cache as cache
    from spaceport.space.chat import ChatInterface as ChatInterface
    from spaceport.space.components.annotatedimage import AnnotatedImage as AnnotatedImage
    from spaceport.space.components.audio import Audio as Audio
    from spaceport.space.components.barplot import BarPlot as BarPlot
    from spaceport.space.components.chatbot import Chatbot as Chatbot
    from spaceport.space.components.chatbot import ChatMessage as ChatMessage
    from spaceport.space.components.checkbox import Checkbox as Checkbox
    from spaceport.space.components.checkboxgroup import CheckboxGroup as CheckboxGroup
    from spaceport.space.components.code import Code as Code
    from spaceport.space.components.colorpicker import ColorPicker as ColorPicker
    from spaceport.space.components.dataframe import Dataframe as Dataframe
    from spaceport.space.components.datetime import DateTime as DateTime
    from spaceport.space.components.downloadbutton import DownloadButton as DownloadButton
    from spaceport.space.components.dropdown import Dropdown as Dropdown
    from spaceport.space.components.file import File as File
    from spaceport.space.components.gallery import Gallery as Gallery
    from spaceport.space.components.highlightedtext import HighlightedText as HighlightedText
    from spaceport.space.components.html import HTML as HTML
    from spaceport.space.components.image import Image as Image
    from spaceport.space.components.imageeditor import ImageEditor as ImageEditor
    from spaceport.space.components.imageslider import ImageSlider as ImageSlider
    from spaceport.space.components.json import JSON as JSON
    from spaceport.space.components.label import Label as Label
    from spaceport.space.components.lineplot import LinePlot as LinePlot
    from spaceport.space.components.markdown import Markdown as Markdown
    from spaceport.space.components.model3d import Model3D as Model3D
    from spaceport.space.components.multimodaltextbox import MultimodalTextbox as MultimodalTextbox
    from spaceport.space.components.number import Number as Number
    from spaceport.space.components.plot import Plot as Plot
    from spaceport.space.components.radio import Radio as Radio
    from spaceport.space.components.scatterplot import ScatterPlot as ScatterPlot
    from spaceport.space.components.slider import Slider as Slider
    from spaceport.space.components.state import State as State
    from spaceport.space.components.textbox import Textbox as Textbox
    from spaceport.space.components.uploadbutton import UploadButton as UploadButton
    from spaceport.space.components.video import Video as Video
    from spaceport.space.context import cancelled as cancelled
    from spaceport.space.interface import Interface as Interface
    from spaceport.space.notices import Error as Error
    from spaceport.space.notices import Info as Info
    from spaceport.space.notices import Success as Success
    from spaceport.space.notices import Warning as Warning  # noqa: A004
    from spaceport.space.progress import Progress as Progress
    from spaceport.space.request import EventData as EventData
    from spaceport.space.request import Header as Header
    from spaceport.space.request import OAuthToken as OAuthToken
    from spaceport.space.request import Request as Request
    from spaceport.space.space import Space as Space
    from spaceport.space.validation import validate as validate

_HOMES = {
    "AsyncClient": "client.async_client",
    "AsyncJob": "client.async_job",
    "Client": "client.client",
    "Job": "client.job",
    "handle_file": "client.core.files",
    "Space": "space.space",
    "Interface": "space.interface",
    "cache": "space.cache",
    "ChatInterface": "space.chat",
    "ChatMessage": "space.components.chatbot",
    "validate": "space.validation",
    **dict.fromkeys(("Error", "Info", "Success", "Warning"), "space.notices"),
    **dict.fromkeys(("EventData", "Header", "OAuthToken", "Request"), "space.request"),
    "Progress": "space.progress",
    "cancelled": "space.context",
}


_LAYOUT = """
Accordion Blocks Button ClearButton Column Dataset DeepLinkButton Dialogue DuplicateButton Examples Group LoginButton
ParamViewer Row Server Sidebar Step Tab TabItem TabbedInterface Tabs Timer Walkthrough Workflow load load_chat
load_openapi mount_gradio_app on render
"""
"""What Gradio builds pages of."""
_INSTEAD = {
    "BrowserState": "State",
    "Files": 'File(file_count="multiple")',
    "Highlight": "HighlightedText",
    "ImageMask": "ImageEditor",
    "List": "Dataframe",
    "Matrix": "Dataframe",
    "Mic": "Audio",
    "Microphone": "Audio",
    "Numpy": 'Dataframe(type="numpy")',
    "OAuthProfile": "OAuthToken",
    "Paint": "ImageEditor",
    "PlayableVideo": "Video",
    "Sketchpad": "ImageEditor",
    "Text": "Textbox",
    "TextArea": "Textbox",
    "set_static_paths": "launch(allowed_paths=[…])",
    "skip": "a generator that does not yield",
    "update": "a returned value",
}
"""What to use where Gradio has another name for it."""


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is not None:
        return getattr(importlib.import_module(f"spaceport.{home}"), name)
    if name[:1].isupper():
        components = importlib.import_module("spaceport.space.components")
        try:
            return components.load(name)
        except KeyError:
            pass
    if name in _LAYOUT.split():
        raise AttributeError(
            f"spaceport has no {name!r}: it serves functions and draws their page itself. An app with its own layout "
            "imports gradio; deploy it on the hub, which runs Gradio apps as they are: spaceport deploy FOLDER."
        )
    if name in _INSTEAD:
        raise AttributeError(f"spaceport has no {name!r}: use {_INSTEAD[name]}.")
    raise AttributeError(f"spaceport has no {name!r}")
