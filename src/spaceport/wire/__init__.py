"""The wire format as msgspec structs: request bodies, stream messages, documents. No I/O."""
