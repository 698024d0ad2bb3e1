"""The names of `gradio_client.exceptions`."""

from __future__ import annotations

from spaceport.client.errors import AppError, AuthenticationError, ValidationError

__all__ = ["AppError", "AuthenticationError", "ValidationError"]
