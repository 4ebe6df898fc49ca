"""
What a disk may hold after the power failed, from the recorded calls of a process.

The model: what was written before the last fsync of a file is there.  Of what was
written to it later any part may be there, in any order, the last write torn at a
sector.  Files in shared memory (``-shm``) are gone.  Source: SQLite, "Atomic Commit",
2; ALICE (Pillai et al., OSDI 2014).
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

STRACE = [
    "strace", "-f", "-y", "-xx", "-s", "10000000",
    "-e", "trace=openat,write,pwrite64,fsync,fdatasync,ftruncate,unlink,unlinkat",
    "-o",
]  # fmt: skip
SECTOR = 512
_CALL = re.compile(r"^\d+\s+(\w+)\((.*)\)\s+=\s+(-?\d+)")
_FD = re.compile(r"^(-?\w+)<((?:\\x[0-9a-f]{2})*)>")
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


@dataclass(frozen=True, slots=True)
class Call:
    """
    What the process did to a file.

    Attributes:
        kind: ``create``, ``write``, ``truncate``, ``sync``, ``unlink``, or ``say``: a
            line on standard output.
        at: offset of a write, new length of a truncation.
    """

    kind: str
    name: str
    at: int = 0
    data: bytes = b""


def calls_in(trace: Path, folder: Path) -> list[Call]:
    """The calls on files in *folder*, and what was said, in order."""
    found = []
    for line in trace.read_text().splitlines():
        match = _CALL.match(line)
        if match and int(match[3]) >= 0:
            found += list(_call(match[1], match[2], folder))
    return found


def _call(kind: str, arguments: str, folder: Path) -> Iterator[Call]:
    if kind in {"openat", "unlink", "unlinkat"}:
        name = Path(_bytes(_STRING.search(arguments)[1]).decode())
        if name.parent == folder:
            yield Call("create" if kind == "openat" else "unlink", name.name)
        return
    descriptor = _FD.match(arguments)
    if descriptor is None:
        return
    if kind == "write" and descriptor[1] == "1":
        yield Call("say", _bytes(_STRING.search(arguments)[1]).decode().strip())
        return
    path = Path(_bytes(descriptor[2]).decode())
    if path.parent != folder:
        return
    if kind in {"fsync", "fdatasync"}:
        yield Call("sync", path.name)
    elif kind == "ftruncate":
        yield Call("truncate", path.name, int(arguments.rpartition(",")[2]))
    else:
        data = _bytes(_STRING.search(arguments)[1])
        at = int(arguments.rpartition(",")[2]) if kind == "pwrite64" else 0
        yield Call("write", path.name, at, data)


@dataclass(slots=True)
class Disk:
    """Files as they are for sure, and what was done to them since."""

    sure: dict[str, bytearray] = field(default_factory=dict)
    since: dict[str, list[Call]] = field(default_factory=dict)

    def apply(self, call: Call) -> None:
        """Go on by one call."""
        if call.kind == "say" or call.name.endswith("-shm"):
            return
        if call.kind == "create":
            self.sure.setdefault(call.name, bytearray())
        elif call.kind == "unlink":
            self.sure.pop(call.name, None)
            self.since.pop(call.name, None)
        elif call.kind == "sync":
            for one in self.since.pop(call.name, []):
                _do(self.sure[call.name], one)
        else:
            self.since.setdefault(call.name, []).append(call)

    def after_power_cut(self, chance: random.Random, share: float) -> dict[str, bytes]:
        """
        Files as they may be found.

        Args:
            share: how likely each write is there that was not synced.
        """
        found = {}
        for name, content in self.sure.items():
            file = bytearray(content)
            for call in self.since.get(name, []):
                if chance.random() < share:
                    _do(file, _torn(call, chance) if chance.random() < 0.2 else call)
            found[name] = bytes(file)
        return found


def _torn(call: Call, chance: random.Random) -> Call:
    """A write of which only the first sectors came to the disk."""
    sectors = len(call.data) // SECTOR
    if call.kind != "write" or not sectors:
        return call
    kept = chance.randrange(sectors) * SECTOR
    return Call("write", call.name, call.at, call.data[:kept])


def _do(file: bytearray, call: Call) -> None:
    if call.kind == "truncate":
        del file[call.at :]
        file.extend(bytes(call.at - len(file)))
        return
    end = call.at + len(call.data)
    file.extend(bytes(max(0, end - len(file))))
    file[call.at : end] = call.data
