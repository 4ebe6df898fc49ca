"""
Make docs/reference/api.md from the OpenAPI document and the codes in the source.

`tools/docs.py` writes and checks it with the other generated pages; so does this, for
it alone: ``python tools/api.py [--check]``.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sentinel_netlab.controller.app import make_router
from sentinel_netlab.controller.auth.guard import knows_sites
from sentinel_netlab.controller.document import ROLE, describe, operations
from sentinel_netlab.controller.ingest.refusals import REFUSALS
from sentinel_netlab.controller.problems import _CODES
from sentinel_netlab.controller.routes import ROUTES

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src/sentinel_netlab"
PAGE = ROOT / "docs/reference/api.md"
INTRO = """\
# The API

Made from the source by `make docs`.
A running controller serves the OpenAPI 3.1 document of it at `/schema`, to viewers.

- `Authorization: Bearer snl_…` shows who asks. `sentinel token create` makes tokens.
  Sensors sign instead.
- Each role may what the one before may: viewer, analyst, admin.
  A token may be bound to one site. It then sees what belongs to that site, in routes
  marked *one site*; the others answer 403 `site_scoped`.
- Times are RFC 3339 in UTC, addresses `02:00:00:00:00:0a`.
  An SSID is hexadecimal, and a text beside it for people.
- Lists answer `{"items": […], "next": cursor}`: `?cursor=` gives the next page, until
  `next` is null. `limit` is 1 to 500, by default 100. A cursor fits only the path and
  the filters that it came with.
- An unknown parameter or field is refused, and so is a parameter that is given twice.
- Every refusal is a problem document (RFC 9457), `application/problem+json`, of one
  shape: `type`, `title`, `status`, `code`, `request_id`, and at times `detail`.
  Decide by `status` and `code`; the rest is for people.
- 429 and 503 say in `Retry-After` how many seconds to wait. Requests are limited by
  client address (IPv6: by /64) and by token. After twenty refused tokens of one
  address, one more is looked at every ten seconds, a good one too.
"""
CODES_INTRO = """\
## Codes of refusals

For routes of people, 401 means that nobody was recognised, and 403 that somebody was.
"""
_NONE = "-"


def pages() -> dict[Path, str]:
    """The page and its text."""
    app = make_router(None, ROUTES)  # type: ignore[arg-type]  # nothing is asked
    paths = describe(app)["paths"]
    found: dict[str, list[str]] = {}
    for method, path, handler in operations(app):
        operation = paths.get(path, {}).get(method.lower())
        if operation is not None:
            sites = knows_sites(handler)
            part = "\n".join(_route(method, path, operation, one_site=sites))
            found.setdefault(operation["tags"][0], []).append(part)
    lines = [INTRO]
    for tag in sorted(found):
        lines += [f"## {tag.capitalize()}\n", *found[tag]]
    return {PAGE: "\n".join([*lines, CODES_INTRO, *_codes(), ""])}


def _route(
    method: str, path: str, operation: dict[str, Any], *, one_site: bool
) -> Iterator[str]:
    role = operation[ROLE]
    who = f"{role}, one site" if one_site and role not in ("public", "sensor") else role
    answers = [status for status in operation["responses"] if status.isdecimal()]
    yield f"### {method} {path}\n"
    yield f"{operation['summary']}. Who may: **{who}**. Answers {', '.join(answers)}.\n"
    text = " ".join(operation["description"].split())
    if text:
        yield f"{text}\n"
    rows = [_parameter(one) for one in operation.get("parameters", ())]
    if rows:
        yield "| parameter | in | type | meaning |\n|---|---|---|---|"
        yield from rows
        yield ""


def _parameter(parameter: dict[str, Any]) -> str:
    schema = parameter["schema"]
    inner = [one for one in schema.get("oneOf", [schema]) if one.get("type") != "null"]
    kind = inner[0].get("type") or inner[0].get("$ref", "").rpartition("/")[2] or _NONE
    if kind == "array":
        kind = "several"
    meaning = parameter.get("description") or _NONE
    default = schema.get("default")
    if default is not None:
        meaning += f" Default: {default}."
    meaning = " ".join(meaning.replace("|", "\\|").split())
    return f"| `{parameter['name']}` | {parameter['in']} | {kind} | {meaning} |"


def _codes() -> Iterator[str]:
    yield "| status | codes |\n|---|---|"
    found = _all_codes()
    for status in sorted({status for status, _ in found}):
        codes = sorted(code for other, code in found if other == status)
        yield f"| {status} | {', '.join(f'`{code}`' for code in codes)} |"


def _all_codes() -> set[tuple[int, str]]:
    """Every code that some route or gate gives, with its status."""
    found = set(_CODES.items())
    found |= {(status, code) for code, (status, _) in REFUSALS.items()}
    found |= {(503, code) for code in _schema_codes()}
    for file in sorted((SOURCE / "controller").rglob("*.py")):
        found |= set(_in_source(ast.parse(file.read_text())))
    return found


def _in_source(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Of calls of ``Problem``, ``unavailable``, ``Verdict`` with plain words."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        values = [a.value if isinstance(a, ast.Constant) else None for a in node.args]
        match node.func.id, values:
            case "Problem", [int(status), str(code), *_]:
                yield status, code
            case "unavailable" | "Verdict", [str(code), str(_), *_] if code != "ready":
                yield 503, code


def _schema_codes() -> Iterator[str]:
    tree = ast.parse((SOURCE / "store/schema_state.py").read_text())
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            value = node.value.value
            if isinstance(value, str) and value.startswith("schema_"):
                yield value


def main() -> int:
    """Write the page, or compare it; the exit status."""
    [(path, text)] = pages().items()
    if "--check" not in sys.argv[1:]:
        path.write_text(text)
        return 0
    if path.exists() and path.read_text() == text:
        return 0
    print(f"{path.relative_to(ROOT)} is out of date; run `make docs`")
    return 1


if __name__ == "__main__":
    sys.exit(main())
