"""
Tables of columns: what `Frames` and its sparse side tables have in common.

A table is a frozen dataclass whose fields made by `column` are NumPy arrays of one
length.  Selecting rows, joining tables and making an empty one are written here once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Column:
    """
    What a column holds.

    Attributes:
        dtype: NumPy dtype of the array.
        missing: the value that says "not known" or "not in this frame".
        unit: unit or code table of the values, in words.
        width: 1, or the number of values a row has (the array is then 2-D).
    """

    dtype: np.dtype[Any]
    missing: int
    unit: str
    width: int = 1

    def blank(self, rows: int) -> NDArray[Any]:
        """An array of *rows* missing values."""
        shape = rows if self.width == 1 else (rows, self.width)
        return np.full(shape, self.missing, self.dtype)

    def constant(self, rows: int) -> NDArray[Any]:
        """*rows* missing values that take the memory of one; not to be written."""
        shape = (rows,) if self.width == 1 else (rows, self.width)
        cell = _cell(self.dtype, self.missing)
        return np.ndarray(shape, self.dtype, cell, strides=(0,) * len(shape))


@cache
def _cell(dtype: np.dtype[Any], value: int) -> bytes:
    return np.array(value, dtype).tobytes()


def column(dtype: str, missing: int, unit: str, *, width: int = 1) -> Any:
    """A dataclass field that is a column."""
    return field(metadata={"column": Column(np.dtype(dtype), missing, unit, width)})


def columns_of(table: type[Any]) -> dict[str, Column]:
    """The columns of *table* by name, in order."""
    known = _COLUMNS.get(table)
    if known is None:
        known = {f.name: f.metadata["column"] for f in fields(table) if f.metadata}
        _COLUMNS[table] = known
    return known


_COLUMNS: dict[type[Any], dict[str, Column]] = {}
"""What `columns_of` worked out; grows with the classes of tables only."""


class Table:
    """Base of dataclasses with columns; gives length, blank rows, selection."""

    __slots__ = ()

    @classmethod
    def columns(cls) -> dict[str, Column]:
        """Name and `Column` of every column."""
        return columns_of(cls)

    @classmethod
    def blank_columns(cls, rows: int) -> dict[str, NDArray[Any]]:
        """*rows* missing values for every column, ready to be filled."""
        return {name: col.blank(rows) for name, col in columns_of(cls).items()}

    def take_columns(self, rows: NDArray[Any] | slice) -> dict[str, NDArray[Any]]:
        """Every column at *rows*."""
        return {name: getattr(self, name)[rows] for name in columns_of(type(self))}

    def __len__(self) -> int:
        return len(getattr(self, next(iter(columns_of(type(self))))))


class SparseTable(Table):
    """
    A side table: what only some rows of a block have.

    Its first column is ``row``: ascending numbers of rows in the block.
    """

    __slots__ = ()

    @classmethod
    def empty(cls) -> Self:
        """A table without rows."""
        return cls(**cls.blank_columns(0))

    def at(self, rows: NDArray[np.intp]) -> Self:
        """The part about *rows* of the block, renumbered to positions in *rows*."""
        mine: NDArray[np.int64] = self.row  # type: ignore[attr-defined]  # subclasses have it
        order = np.argsort(rows, kind="stable")
        place = np.searchsorted(rows, mine, sorter=order)
        found = place < len(rows)
        found[found] = rows[order[place[found]]] == mine[found]
        picked = self.take_columns(np.flatnonzero(found))
        picked["row"] = order[place[found]].astype(np.int64)
        again = np.argsort(picked["row"], kind="stable")
        return type(self)(**{name: values[again] for name, values in picked.items()})

    def shifted(self, rows: int) -> Self:
        """The same, *rows* rows further down in a larger block."""
        columns = self.take_columns(slice(None))
        columns["row"] = columns["row"] + rows
        return type(self)(**columns)

    @classmethod
    def concatenated(cls, tables: Sequence[Self]) -> Self:
        """The rows of *tables* one after the other."""
        return cls(
            **{
                name: np.concatenate([getattr(table, name) for table in tables])
                for name in cls.columns()
            }
        )
