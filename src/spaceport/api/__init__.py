"""The HTTP surface over any engine: Gradio's routes and our superset. The same code in a Space and in a hub."""

from spaceport.api.app import build_app
from spaceport.api.auth import Auth
from spaceport.api.catalog import Caller, Catalog, Endpoint, Facts
from spaceport.api.surface import Options, Surface

__all__ = ["Auth", "Caller", "Catalog", "Endpoint", "Facts", "Options", "Surface", "build_app"]
