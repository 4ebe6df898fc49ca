"""
Bytes of 802.11 frames → columns of a block, for tests of one step of decoding.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tests.support.bodies import data

from sentinel_netlab.core.frames import Frames
from sentinel_netlab.core.tables import SparseTable
from sentinel_netlab.decode import eapol, mac
from sentinel_netlab.decode.gather import PAD, Gather

Columns = dict[str, NDArray[Any]]


def link_columns(
    frames: Sequence[bytes], *, snapped: Sequence[bool] | bool = False
) -> tuple[Gather, Columns]:
    """
    The state after the link layer: start, length and *snapped* are known.

    Neighbours touch, so a step that reads past a frame's end reads the next frame.
    """
    raw = np.frombuffer(b"".join(frames) + bytes(PAD), np.uint8)
    columns = Frames.blank_columns(len(frames))
    lengths = np.array([len(frame) for frame in frames], np.int64)
    columns["length"][:] = lengths
    columns["start"][:] = np.cumsum(lengths) - lengths
    columns["snapped"][:] = snapped
    return Gather(raw), columns


def header_columns(
    frames: Sequence[bytes], *, snapped: Sequence[bool] | bool = False
) -> tuple[Gather, Columns]:
    """The state after the MAC header."""
    gather, columns = link_columns(frames, snapped=snapped)
    mac.fill(gather, columns)
    return gather, columns


def row_of(columns: Columns, row: int) -> dict[str, Any]:
    """One row as plain Python values: int, bool, or bytes of a wide column."""
    return {name: _plain(values[row]) for name, values in columns.items()}


def _plain(value: Any) -> Any:
    return value.tobytes() if np.ndim(value) else value.item()


def eapol_row(body: bytes, *, snapped: bool = False, **frame: int) -> dict[str, Any]:
    """The `EapolRows` columns of one data frame with *body*, and its ``malformed``."""
    gather, columns = header_columns([data(body, **frame)], snapped=snapped)
    table = eapol.rows(gather, columns)
    [row] = rows_of(table)
    return row | {"malformed": int(columns["malformed"][0])}


def rows_of(table: SparseTable) -> list[dict[str, Any]]:
    """The rows of a side table as plain Python values."""
    columns = table.take_columns(slice(None))
    return [row_of(columns, place) for place in range(len(table))]
