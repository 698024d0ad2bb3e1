"""The Python client: `Client`, `AsyncClient`, `handle_file`. A drop-in for gradio_client.

`core` decides and never waits; the async shell does the I/O; the sync client is a façade over one background loop.
"""
