"""
Survey: Frames → Observations and the inventory of networks.
"""

from __future__ import annotations

from sentinel_netlab.survey.inventory import InventoryBuilder
from sentinel_netlab.survey.observe import Survey

__all__ = ("InventoryBuilder", "Survey")
