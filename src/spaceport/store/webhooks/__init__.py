"""The seam to webhooks on disk, and its SQLite implementation."""
