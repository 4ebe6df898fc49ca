"""
Parameters of detectors: frozen dataclasses whose fields carry unit, range and meaning.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Spec:
    """
    What a parameter means.

    Attributes:
        unit: unit of the value, in words.
        doc: one sentence.
        least, most: bounds of the value, both allowed.
    """

    unit: str
    doc: str
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class NoParams:
    """Parameters of a detector that has none."""


def param(
    default: float, unit: str, doc: str, *, least: float = 0, most: float = 1e9
) -> Any:
    """A field of a parameter class; an int default makes an integer parameter."""
    return field(default=default, metadata={"spec": Spec(unit, doc, least, most)})


def specs_of(params: type[Any]) -> dict[str, tuple[float, Spec]]:
    """Default and `Spec` of every parameter by name."""
    found: dict[str, tuple[float, Spec]] = {}
    for one in fields(params):
        default: Any = one.default
        found[one.name] = (default, one.metadata["spec"])
    return found


def with_values(params: Any, values: dict[str, str | float]) -> Any:
    """
    *params* with *values* instead; texts are converted.

    Raises:
        ValueError: unknown name, no number, or outside the parameter's range; the
            message says which and what is allowed.
    """
    known = specs_of(type(params))
    return replace(
        params, **{name: _checked(known, name, value) for name, value in values.items()}
    )


def _checked(
    known: dict[str, tuple[float, Spec]], name: str, value: str | float
) -> float:
    if name not in known:
        names = ", ".join(known) or "none"
        msg = f"unknown parameter {name!r}; it has {names}"
        raise ValueError(msg)
    default, spec = known[name]
    wanted = "an integer" if isinstance(default, int) else "a number"
    try:
        number = int(value) if isinstance(default, int) else float(value)
    except (ValueError, OverflowError):
        number = None
    if number is None or isinstance(value, bool) or number != float(value):
        msg = f"{name}: expected {wanted} of {spec.unit}, got {value!r}"
        raise ValueError(msg)
    if not spec.least <= number <= spec.most:
        msg = f"{name}: {value} is outside {spec.least:g} to {spec.most:g} {spec.unit}"
        raise ValueError(msg)
    return number
