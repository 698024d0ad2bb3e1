"""The HTTP surface over any engine: Gradio's routes and our superset. The same code in a Space and in a hub."""

from spaceport.api.app import build_app
from spaceport.api.auth import Auth
from spaceport.api.catalog import Caller, Catalog, Endpoint, RequestInfo
from spaceport.api.context import AppContext, Options

__all__ = ["AppContext", "Auth", "Caller", "Catalog", "Endpoint", "Options", "RequestInfo", "build_app"]
