"""The HTTP API: what sensors send, what people ask."""
