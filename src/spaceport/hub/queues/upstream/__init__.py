"""How the hub calls a replica: over HTTP, the link, Gradio's queue or our own calls."""
