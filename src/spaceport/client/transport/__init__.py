"""HTTP transports behind the seam `Transport`: `http1` connects directly, `proxied` through a proxy."""
