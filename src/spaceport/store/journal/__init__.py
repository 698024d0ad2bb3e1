"""Journals: where the engine's facts are kept."""
