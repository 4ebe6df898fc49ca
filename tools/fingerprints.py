"""
Make the golden fingerprints from empty databases, one for each revision and dialect.

``--check`` says which committed file differs from what would be made, and changes
nothing.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from alembic.script import ScriptDirectory

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.databases import (  # noqa: E402  # as the tests do
    empty_database,
    migrate,
    sync_engine,
)

from sentinel_netlab.store.fingerprint import golden, read_fingerprint  # noqa: E402
from sentinel_netlab.store.upgrade.shapes import SHAPE_G  # noqa: E402

PACKAGE = ROOT / "src/sentinel_netlab/store"
FOLDER = PACKAGE / "fingerprint/golden"
SCRIPT_G = ROOT / "tests/support/older_g.sql"
KINDS = {"sqlite": "sqlite", "postgresql": "postgresql16"}


def revisions() -> list[str]:
    """All of them, the first first."""
    scripts = ScriptDirectory(str(PACKAGE / "migrations"))
    return [one.revision for one in scripts.walk_revisions()][::-1]


def texts() -> Iterator[tuple[Path, str]]:
    """Each file and its text; a revision may need the file of the one before."""
    with tempfile.TemporaryDirectory() as folder:
        for dialect, kind in KINDS.items():
            with empty_database(kind, Path(folder)) as url:
                if dialect == "postgresql":
                    yield _file(SHAPE_G, dialect), _shape_g()
                for revision in revisions():
                    migrate(url, revision)
                    yield _file(revision, dialect), _read(url, revision, dialect)


def _file(name: str, dialect: str) -> Path:
    return FOLDER / golden.file_name(name, dialect)


def _shape_g() -> str:
    with (
        tempfile.TemporaryDirectory() as folder,
        empty_database(KINDS["postgresql"], Path(folder)) as url,
    ):
        engine = sync_engine(url)
        with engine.begin() as connection:
            connection.exec_driver_sql(SCRIPT_G.read_text())
        return _read(url, SHAPE_G, "postgresql")


def _read(url: str, name: str, dialect: str) -> str:
    engine = sync_engine(url)
    with engine.connect() as connection:
        return golden.to_json(name, dialect, read_fingerprint(connection))


def main() -> int:
    """Write the files, or compare them; the exit status."""
    check = "--check" in sys.argv[1:]
    stale: list[Path] = []
    made: set[Path] = set()
    FOLDER.mkdir(exist_ok=True)
    for path, text in texts():
        made.add(path)
        if not path.exists() or path.read_text("utf-8") != text:
            stale.append(path)
            if not check:
                path.write_text(text, "utf-8")
                golden.golden_of.cache_clear()
    stale += sorted(set(FOLDER.iterdir()) - made)
    for path in stale:
        if check:
            print(f"{path.relative_to(ROOT)} is out of date; run `make docs`")
        elif path not in made:
            path.unlink()
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
