"""
The columns of a block while it is decoded.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from sentinel_netlab.core.frames import Frames


class BlockColumns(dict[str, NDArray[Any]]):
    """
    Columns of `Frames` by name, of *rows* rows.

    One that is asked for before it was set holds missing values then, and may be
    written; most of those that no frame of the block has are never asked for, and cost
    nothing.
    """

    def __init__(self, rows: int) -> None:
        super().__init__()
        self._rows = rows

    def __missing__(self, name: str) -> NDArray[Any]:
        """Make the column *name*."""
        blank = Frames.columns()[name].blank(self._rows)
        self[name] = blank
        return blank

    def finished(self) -> dict[str, NDArray[Any]]:
        """Every column of `Frames`; those that nobody asked for cannot be written."""
        return {
            name: self[name] if name in self else column.constant(self._rows)
            for name, column in Frames.columns().items()
        }
