"""
Write the frames behind alerts as pcapng files.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from sentinel_netlab.core.alerts import Alert
from sentinel_netlab.core.frames import Frames
from sentinel_netlab.decode.pcapng_writer import PcapngWriter


class EvidenceFiles:
    """
    One file per alert, ``<code>_<slug>_<id>.pcapng``, in a folder.

    Each frame's comment names the alert.  The frames are found by their numbers in a
    second pass over the capture.

    Raises:
        OSError: the folder or a file cannot be written.
    """

    def __init__(self, folder: str, alerts: Iterable[Alert]) -> None:
        self._folder = Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._wanted = {alert.id: set(alert.frames) for alert in alerts}
        self._alerts = {alert.id: alert for alert in alerts}
        self._writers = {alert.id: PcapngWriter() for alert in alerts}
        self._parts: dict[str, list[bytes]] = {alert.id: [] for alert in alerts}

    def add(self, frames: Frames) -> None:
        """Keep those of *frames* that some alert wants."""
        for name, wanted in self._wanted.items():
            if not wanted:
                continue
            alert = self._alerts[name]
            rows = np.flatnonzero(np.isin(frames.number, np.array([*wanted])))
            for row in rows.tolist():
                comment = f"{alert.code} {alert.slug} {alert.id}: {alert.summary}"
                block = self._writers[name].packet_block(frames, row, comment)
                self._parts[name].append(block)

    def write(self) -> list[Path]:
        """Write the files; give their paths."""
        paths = []
        for name, alert in self._alerts.items():
            path = self._folder / f"{alert.code}_{alert.slug}_{name}.pcapng"
            path.write_bytes(b"".join(self._parts[name]))
            paths.append(path)
        return paths
