"""
The process that libFuzzer runs in; arguments are its own.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["sentinel_netlab"]):
    from tests.fuzz.target import analyse


def one_input(content: bytes) -> None:
    """Run one input; what raises is a finding."""
    analyse(content)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
