"""
Draft: where the parsers of single elements put what they find.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sentinel_netlab.core.elements import Fault


class Draft:
    """
    Fields of `Elements` in the making.

    Attributes:
        fields: by name; the first element of a kind wins, as in receivers.
        lists: fields that collect, by name.
        faults: in order.
    """

    __slots__ = ("faults", "fields", "lists")

    def __init__(self) -> None:
        self.fields: dict[str, Any] = {}
        self.lists: dict[str, list[Any]] = {}
        self.faults: list[Fault] = []

    def put(self, name: str, value: object) -> None:
        """Set a field that no earlier element has set."""
        self.fields.setdefault(name, value)

    def extend(self, name: str, values: Iterable[object]) -> None:
        """Add to a field that collects."""
        self.lists.setdefault(name, []).extend(values)

    def fault(self, kind: str, element_id: int, length: int) -> None:
        """Note what is wrong (`Fault`)."""
        self.faults.append(Fault(kind, element_id, length))

    def finished(self) -> dict[str, Any]:
        """All fields, ready for `Elements`."""
        lists = {name: tuple(values) for name, values in self.lists.items()}
        return {**self.fields, **lists, "faults": tuple(self.faults)}


Parser = Callable[[bytes, Draft], None]
"""Reads the body of one element (without id and length) into a draft."""
