"""Fuzzing: bytes in, the whole pipeline over them."""
