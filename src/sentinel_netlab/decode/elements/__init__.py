"""
Information elements: bytes → `core.elements.Elements`, one element per file.
"""

from __future__ import annotations

from sentinel_netlab.decode.elements.cache import ElementCache
from sentinel_netlab.decode.elements.walk import parse_elements

__all__ = ("ElementCache", "parse_elements")
