"""Requests to the addresses of apps: found, answered by the hub where it can, else forwarded to a replica."""
