"""Sentinel NetLab: a passive wireless intrusion detection system."""

from __future__ import annotations

__version__ = "0.1.0"
