"""The real Gradio, for tests of the JavaScript client."""

from tests.client.conftest import gradio

__all__ = ["gradio"]
