"""
Decode: bytes → Frames, and Frames → pcapng bytes.  No I/O, no clock.
"""
