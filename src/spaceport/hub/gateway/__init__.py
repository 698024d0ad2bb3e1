"""Requests to the addresses of apps."""
