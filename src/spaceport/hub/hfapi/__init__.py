"""The part of the Hugging Face Hub's HTTP API that deploying and finding Spaces needs (facts: hub.md §2)."""
