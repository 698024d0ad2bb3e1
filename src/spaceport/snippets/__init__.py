"""Code snippets and typed stubs for an endpoint."""
