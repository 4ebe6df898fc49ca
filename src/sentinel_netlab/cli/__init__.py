"""
The command line: ``sentinel …``.  The only place where things are wired together.
"""

from __future__ import annotations

import os
import sys

EXIT_INTERNAL = 70
"""Exit status of an error of ours (sysexits.h: EX_SOFTWARE)."""
EXIT_USAGE = 2
_SENSOR_PACKAGES = frozenset({"httpx", "psutil", "pyroute2", "stamina"})
"""Top-level modules that the extra ``sensor`` brings, and the plain install lacks."""


def main() -> None:
    """Run the command line; the exit status is the process's."""
    # NumPy's linear algebra, which we do not use, would start a thread per core.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from sentinel_netlab.cli.app import app  # noqa: PLC0415  # only when run

    try:
        app(prog_name="sentinel")
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if not package or package == "sentinel_netlab":
            _fail(error)
        extra = "sensor" if package in _SENSOR_PACKAGES else "controller"
        print(
            f"sentinel: {package} is not installed: "
            f"this command needs sentinel-netlab[{extra}]",
            file=sys.stderr,
        )
        sys.exit(EXIT_USAGE)
    except Exception as error:  # noqa: BLE001  # the last line of defence
        _fail(error)


def _fail(error: Exception) -> None:
    name = type(error).__name__
    print(f"sentinel: internal error: {name}: {error}", file=sys.stderr)
    sys.exit(EXIT_INTERNAL)


__all__ = ("EXIT_INTERNAL", "EXIT_USAGE", "main")
