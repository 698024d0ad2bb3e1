"""The hub's own routes: its pages and what operators watch (Hugging Face's routes are in `hub/hfapi`)."""
