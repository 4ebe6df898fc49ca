"""
Make the page and the example file of the settings, from the classes that read them.

`tools/docs.py` writes and checks them with the other generated pages; so does this,
for them alone: ``python tools/settings.py [--check]``.
"""

from __future__ import annotations

import sys
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from sentinel_netlab.cli.init.example import (
    SECTIONS,
    default_of,
    example_file,
    meaning_of,
    own_fields,
)
from sentinel_netlab.settings import is_secret, name_of

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/reference/settings.md"
EXAMPLE = ROOT / "ops/.env.prod.example"
INTRO = """\
# Settings

Made from the source by `make docs`, as is
[`ops/.env.prod.example`](../../ops/.env.prod.example).

- Settings come from the environment and from nowhere else.
  An empty value is no value.
- A secret may come from a file instead, which `NAME_FILE` names.
  Newlines at its end do not count; a mode wider than 0440 is warned of.
  `NAME` and `NAME_FILE` together are an error.
- `sentinel config check` tells every problem, one per line, and exits with 78.
  So does each process at its start. Values are never printed.
- `sentinel config show` tells what each setting is and where it came from; of secrets
  it tells the length.
- A secret has at least 32 characters, 10 of them different, and is no placeholder.
  The password of a database has at least 16.
- An unknown `SENTINEL_…` is an error.
  So is a name that is at most two typing errors from a known one.
- The section Stack is for the Compose file; `sentinel config check` judges it, and the
  processes do not read it.
- `DEBUG` and `LITESTAR_DEBUG` must not be on.
- `--lab` leaves out the secrets and databases of the environment.
  It listens on loopback, and keeps SQLite and secrets of its own in a folder.
"""


class Kind(StrEnum):
    """What a value is, as the page says it."""

    SECRET = "secret"  # noqa: S105  # a word
    NUMBER = "number"
    INTEGER = "integer"
    SWITCH = "true or false"
    TEXT = "text"
    PATH = "path"
    WORD = "word"
    ADDRESS = "IPv4 address"
    CIDR = "CIDR (IPv4)"
    PROXIES = "list of CIDRs"


_KINDS = {
    bool: Kind.SWITCH,
    int: Kind.INTEGER,
    float: Kind.NUMBER,
    Path: Kind.PATH,
    IPv4Address: Kind.ADDRESS,
    IPv4Network: Kind.CIDR,
}


def settings_page() -> str:
    """The reference of all settings in Markdown."""
    lines = [INTRO]
    for title, cls in SECTIONS.items():
        lines += [f"## {title}", "", "| name | value | default | meaning |"]
        lines += ["|---|---|---|---|"]
        lines += [_row(name, field) for name, field in own_fields(cls)]
        lines += [""]
    return "\n".join(lines)


def pages() -> dict[Path, str]:
    """Both files and their texts."""
    return {PAGE: settings_page(), EXAMPLE: example_file()}


def _row(name: str, field: FieldInfo) -> str:
    shown = "**required**" if field.is_required() else default_of(field)
    if shown and not field.is_required():
        shown = f"`{shown}`"
    return f"| `{name}` | {_kind(field)} | {shown} | {meaning_of(field)} |"


def _kind(field: FieldInfo) -> str:
    if is_secret(field):
        return Kind.SECRET
    types = [part for part in _parts(field.annotation) if part is not type(None)]
    if types and get_origin(types[0]) is Literal:
        return Kind.WORD
    kind = next((_KINDS[part] for part in types if part in _KINDS), Kind.TEXT)
    if name_of(field) == "TRUSTED_PROXY_CIDRS":
        kind = Kind.PROXIES
    return f"{kind}{_bounds(field)}"


def _parts(annotation: Any) -> list[Any]:
    """The types that a union or an Annotated is made of."""
    if get_origin(annotation) is Literal or not get_args(annotation):
        return [annotation]
    return [part for inner in get_args(annotation) for part in _parts(inner)]


def _bounds(field: FieldInfo) -> str:
    found = {
        key: getattr(item, key)
        for item in field.metadata
        for key in ("ge", "gt", "le")
        if hasattr(item, key)
    }
    words = {"ge": "from", "gt": "above", "le": "to"}
    return "".join(f" {words[key]} {value}" for key, value in sorted(found.items()))


def main() -> int:
    """Write the files, or compare them; the exit status."""
    made = pages()
    stale = [p for p, text in made.items() if not p.exists() or p.read_text() != text]
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is out of date; run `make docs`")
        return bool(stale)
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made[path])
    return 0


if __name__ == "__main__":
    sys.exit(main())
