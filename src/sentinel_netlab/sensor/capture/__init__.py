"""
Captures: find, open, decompress, read.
"""

from __future__ import annotations

from sentinel_netlab.sensor.capture.files import find_captures
from sentinel_netlab.sensor.capture.reader import CaptureError, CaptureReader

__all__ = ("CaptureError", "CaptureReader", "find_captures")
