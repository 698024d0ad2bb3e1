"""Bytes to a server and back: `Transport` is the seam, `http1` the lean way, `proxied` the way through a proxy."""
