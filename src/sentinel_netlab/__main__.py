"""``python -m sentinel_netlab`` is the ``sentinel`` command."""

from __future__ import annotations

from sentinel_netlab.cli import main

if __name__ == "__main__":
    main()
