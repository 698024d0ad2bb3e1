"""The HTTP API over any engine: Gradio's routes, and more. A Space and a hub run the same code."""

from spaceport.api.app import build_app
from spaceport.api.auth import Auth
from spaceport.api.catalog import Caller, Catalog, Endpoint, RequestInfo
from spaceport.api.context import AppContext, Options

__all__ = ["AppContext", "Auth", "Caller", "Catalog", "Endpoint", "Options", "RequestInfo", "build_app"]
