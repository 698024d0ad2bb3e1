"""Functions become endpoints: the author's API, components, and the standalone server."""
