"""What travels, as msgspec Structs: request bodies, stream messages, documents. No I/O."""
