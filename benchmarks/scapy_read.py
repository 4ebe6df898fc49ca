"""
``python -m benchmarks.scapy_read FILE``: dissect all frames with scapy, as a process.
"""

from __future__ import annotations

import sys

import scapy.layers.dot11  # noqa: F401  # registers the link type
from scapy.utils import PcapReader


def main() -> None:
    """Read all frames and print how many there were."""
    with PcapReader(sys.argv[1]) as reader:
        print(sum(1 for _ in reader))


if __name__ == "__main__":
    main()
