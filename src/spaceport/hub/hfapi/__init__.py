"""The part of Hugging Face's HTTP API that deploying and finding Spaces needs (docs/internals/hub-api.md §2)."""
