"""
Make the generated pages: docs/detectors/, CHANGELOG.md, the README's picture, those of
the settings (tools/settings.py), the schema (tools/schema.py), the API (tools/api.py)
and the server's catalogue (tools/catalogue.py).

``--check`` says which committed page differs from what would be made, and changes
nothing.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from api import pages as api_pages
from catalogue import pages as catalogue_pages
from schema import pages as schema_pages
from sentinel_netlab import __version__
from sentinel_netlab.cli import output
from sentinel_netlab.cli.analysis import Analysis
from sentinel_netlab.detect import BUILTIN, Detector
from sentinel_netlab.detect.page import HEADINGS, sections_of
from sentinel_netlab.detect.params import specs_of
from settings import pages as settings_pages

ROOT = Path(__file__).resolve().parent.parent
PICTURED = ROOT / "tests/scenarios/evil_twin/open"
KINDS = ("detection", "added", "changed", "fixed", "removed", "security")


def detector_page(detector: type[Detector]) -> str:
    """The page of one detector in Markdown."""
    sections = sections_of(detector)
    lines = [
        f"# {detector.code} {detector.slug}",
        "",
        sections[""],
        "",
        (
            f"Severity: {detector.severity.word}. ATT&CK: {detector.attack}. "
            f"Status: {detector.status}. "
            f"Alerts are kept apart by {', '.join(detector.key_names)}; one closes "
            f"after {detector().quiet_s:g} s of quiet."
        ),
    ]
    for heading in HEADINGS:
        lines += ["", f"## {heading}", "", sections[heading]]
    specs = specs_of(detector.Params)
    if specs:
        lines += ["", "## Parameters", "", "| name | default | unit | meaning |"]
        lines += ["|---|---|---|---|"]
        lines += [
            f"| `{detector.slug}.{name}` | {default:g} | {spec.unit} | {spec.doc} |"
            for name, (default, spec) in specs.items()
        ]
    return "\n".join([*lines, ""])


def detector_index() -> str:
    """The list of all detectors in Markdown."""
    lines = [
        "# Detectors",
        "",
        "Made from the source by `make docs`, as `sentinel detectors CODE` shows it.",
        "",
        "| code | detector | severity | ATT&CK | what |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| [{d.code}]({d.code}.md) | `{d.slug}` | {d.severity.word} "
        f"| {d.attack} | {d.title} |"
        for d in BUILTIN
    ]
    return "\n".join([*lines, ""])


def changelog() -> str:
    """The change log from the fragments in ``changes/``."""
    lines = ["# Change log", "", f"## {__version__}", ""]
    for kind in KINDS:
        for path in sorted((ROOT / "changes").glob(f"*.{kind}.md")):
            text = " ".join(path.read_text().split())
            lines.append(f"- **{kind}** {text}")
    return "\n".join([*lines, ""])


def picture() -> str:
    """What `sentinel analyze` shows of a shipped capture, as SVG."""
    capture = next(PICTURED.glob("*.pcap*")).relative_to(ROOT)
    with contextlib.chdir(ROOT):
        run = Analysis(lambda: [detector() for detector in BUILTIN]).run(str(capture))
    with Path(os.devnull).open("w") as nowhere:
        console = Console(
            record=True,
            width=150,
            file=nowhere,
            force_terminal=True,
            color_system="truecolor",
            highlight=False,
            markup=False,
        )
        console.print(Text(f"$ sentinel analyze {capture}", style="bold"))
        output.print_alerts(console, run, title=False)
        output.print_summary(console, run)
    # The picture loads no font from elsewhere.
    plain = re.sub(
        r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL
    )
    picture = console.export_svg(
        title="sentinel analyze", unique_id="sentinel", code_format=plain
    )
    return "\n".join(line.rstrip() for line in picture.splitlines()) + "\n"


def pages() -> dict[Path, str]:
    """Every generated page and its text."""
    made = {
        ROOT / "docs/detectors/README.md": detector_index(),
        ROOT / "CHANGELOG.md": changelog(),
        ROOT / "docs/analyze.svg": picture(),
        **api_pages(),
        **catalogue_pages(),
        **schema_pages(),
        **settings_pages(),
    }
    for detector in BUILTIN:
        path = ROOT / f"docs/detectors/{detector.code}.md"
        made[path] = detector_page(detector)
    return made


def main() -> int:
    """Write the pages, or compare them; the exit status."""
    check = "--check" in sys.argv[1:]
    made = pages()
    stale = [p for p in (ROOT / "docs/detectors").glob("*.md") if p not in made]
    different = [
        path
        for path, text in made.items()
        if not path.exists() or path.read_text() != text
    ]
    if check:
        for path in (*different, *stale):
            print(f"{path.relative_to(ROOT)} is out of date; run `make docs`")
        return bool(different or stale)
    for path in stale:
        path.unlink()
    for path in different:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made[path])
    return 0


if __name__ == "__main__":
    sys.exit(main())
