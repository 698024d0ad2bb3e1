"""The hub: owners, tokens, Spaces and their revisions, and the part of the Hugging Face Hub's HTTP API they need."""
