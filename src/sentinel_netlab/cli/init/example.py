"""
The env file of a production deployment, from the classes that read it.

`ops/.env.prod.example` and what `sentinel init prod` writes are both made here.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from pydantic.fields import FieldInfo

from sentinel_netlab.controller.settings import ControllerSettings
from sentinel_netlab.controller.stack import StackSettings
from sentinel_netlab.settings import Settings, name_of
from sentinel_netlab.store.settings import DatabaseSettings
from sentinel_netlab.worker.settings import WorkerSettings

SECTIONS: dict[str, type[Settings]] = {
    "Database, for every process": DatabaseSettings,
    "Controller": ControllerSettings,
    "Worker": WorkerSettings,
    "Stack": StackSettings,
}
INTRO = """\
Settings of a production deployment. Copy this file to ops/.env, let nobody else read
it, and replace each change-me-… by a random value of its own: they name the commands
that make one. A process that reads a placeholder does not start.
Lines that begin with #NAME= show defaults. docs/reference/settings.md has them all.
Made from the source by `make docs`.
"""


def example_file(intro: str = INTRO) -> str:
    """The env file that works as soon as its placeholders are replaced."""
    lines = [f"# {line}" for line in intro.splitlines()]
    for title, cls in SECTIONS.items():
        lines += ["", f"# --- {title} ---"]
        for name, field in own_fields(cls):
            meaning = meaning_of(field).replace("`", "")
            lines += ["", *(f"# {line}" for line in textwrap.wrap(meaning, 86))]
            lines += [_assignment(name, field)]
    return "\n".join([*lines, ""])


def own_fields(cls: type[Settings]) -> Iterator[tuple[str, FieldInfo]]:
    """The names that *cls* adds to the sections before."""
    sections = list(SECTIONS.values())
    earlier = sections[: sections.index(cls)]
    shown = {name_of(info) for one in earlier for info in one.model_fields.values()}
    for info in cls.model_fields.values():
        name = name_of(info)
        if name and name not in shown:
            yield name, info


def meaning_of(field: FieldInfo) -> str:
    """The docstring of *field* in one line."""
    return " ".join((field.description or "").split())


def default_of(field: FieldInfo) -> str:
    """The default of *field* as the environment would say it; "" for none."""
    value = field.get_default(call_default_factory=True)
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _assignment(name: str, field: FieldInfo) -> str:
    if field.examples:
        return f"{name}={field.examples[0]}"
    return f"#{name}={default_of(field)}"
