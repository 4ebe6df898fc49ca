"""
Decoded fields equal those of an independent decoder, tshark.

Every difference that there is on the shipped and the shared captures is in
`DIFFERENCES`, with its reason and what tells it; any other fails.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.support.run import frames_of
from tests.support.shared import ROOT, SHARED_MARKS, shared_files
from tests.support.tshark import FIELDS, TSHARK, our_columns, tshark_columns

from sentinel_netlab.core.frames import (
    BAD_ELEMENT,
    BAD_LINK,
    BAD_VERSION,
    MORE_FRAGMENTS,
    PROTECTED,
    RADIO_FCS_AT_END,
    SHORT_HEADER,
    Frames,
)
from sentinel_netlab.core.kinds import (
    ACTION,
    ACTION_NO_ACK,
    CF_END,
    CF_END_ACK,
    DATA,
    DEAUTH,
    DISASSOC,
    DMG_BEACON,
    QOS_DATA,
)
from sentinel_netlab.sensor.capture.reader import CaptureError

pytestmark = [
    pytest.mark.tshark,
    pytest.mark.skipif(TSHARK is None, reason="needs tshark"),
]

SHIPPED = sorted((ROOT / "tests").glob("*/**/*.pcap.gz"))
NOT_CAPTURES = {".md", ".json", ".tsv"}
SHARED_CAPTURES = [p for p in shared_files() if p.suffix not in NOT_CAPTURES]
RSN = 48
A_MSDU = 0x80  # QoS Control, IEEE Std 802.11-2020, 9.2.4.5.9
ADDRESSES = frozenset({"receiver", "transmitter", "destination", "source", "bssid"})
ELEMENTS = frozenset({"ssid", "pairwise", "akms"})
ALL = frozenset(FIELDS)


class Case(NamedTuple):
    """One field of one frame on which the two do not agree."""

    field: str
    ours: str
    theirs: str
    frames: Frames
    row: int
    protocols: str

    @property
    def kind(self) -> int:
        return int(self.frames.kind[self.row])

    def malformed(self, bits: int) -> bool:
        return bool(int(self.frames.malformed[self.row]) & bits)

    def elements_of(self, number: int) -> int:
        """How many elements the frame has with that id."""
        index = int(self.frames.elements[self.row])
        return self.frames.element_sets[index].ids.count(number) if index >= 0 else 0

    @property
    def aggregated(self) -> bool:
        """Whether the frame is an A-MSDU; QoS Control ends the header."""
        at = int(self.frames.start[self.row]) + 24
        both = int(self.frames.flags[self.row]) & 3 == 3
        control = int(self.frames.raw[at + (6 if both else 0)])
        return self.kind & 0xF8 == QOS_DATA and bool(control & A_MSDU)


@dataclass(frozen=True)
class Difference:
    """A class of differences: in which fields, why, and how it is told."""

    fields: frozenset[str]
    why: str
    applies: Callable[[Case], bool]


DIFFERENCES = (
    Difference(
        ALL,
        "protocol version is not 0: the layout is not defined, so we decode the type "
        "alone; tshark goes on as for version 0",
        lambda case: case.malformed(BAD_VERSION),
    ),
    Difference(
        ALL,
        "the radiotap header is damaged, so where the frame begins is not known; "
        "tshark takes the header's word for it",
        lambda case: case.malformed(BAD_LINK) and not case.ours,
    ),
    Difference(
        ALL,
        "radiotap says that an FCS ends the frame and the frame is too short for one; "
        "we believe it, tshark does not",
        lambda case: (
            case.malformed(SHORT_HEADER)
            and bool(int(case.frames.radio_flags[case.row]) & RADIO_FCS_AT_END)
        ),
    ),
    Difference(
        ADDRESSES | {"retry"},
        "extension frames have other headers; we decode none, tshark reads them as "
        "DMG or S1G",
        lambda case: case.kind >= DMG_BEACON,
    ),
    Difference(
        frozenset({"transmitter"}),
        "address 2 of a CF-End is BSSID and transmitter (9.3.1.6); tshark gives it "
        "the first name only",
        lambda case: case.kind in {CF_END, CF_END_ACK} and not case.theirs,
    ),
    Difference(
        ADDRESSES,
        "the subframes of an A-MSDU have addresses of their own; the header's, which "
        "we give, tshark shows in part",
        lambda case: case.aggregated,
    ),
    Difference(
        ELEMENTS,
        "a management frame with the Protected or More Fragments bit whose body is "
        "plain and whole all the same; tshark shows it as data",
        lambda case: (
            case.kind < DATA
            and bool(int(case.frames.flags[case.row]) & (PROTECTED | MORE_FRAGMENTS))
            and case.protocols.endswith(("wlan", "data"))
            and not case.theirs
        ),
    ),
    Difference(
        frozenset({"pairwise", "akms"}),
        "several RSN elements in one frame: the first counts, tshark adds them up",
        lambda case: case.elements_of(RSN) > 1 and case.theirs.startswith(case.ours),
    ),
    Difference(
        frozenset({"signal"}),
        "0 dBm is what drivers report for unknown, so we give none",
        lambda case: case.theirs == "0" and not case.ours,
    ),
    Difference(
        frozenset({"reason", "status", "ssid"}),
        "action frames have such fields too; they are columns of ActionRows or "
        "nested, our columns are about the frame's own",
        lambda case: case.kind in {ACTION, ACTION_NO_ACK} and not case.ours,
    ),
    Difference(
        frozenset({"reason"}),
        "fuzzed elements (path error, mesh peering) hold a reason code; our column is "
        "that of deauthentication and disassociation",
        lambda case: case.kind not in {DEAUTH, DISASSOC} and not case.ours,
    ),
    Difference(
        frozenset({"pairwise", "akms"}),
        "an RSN element in the key data of EAPOL; our columns are about management "
        "frames",
        lambda case: case.kind >= DATA and "eapol" in case.protocols and not case.ours,
    ),
    Difference(
        frozenset({"pairwise", "akms"}),
        "an RSN element whose counts run beyond its end: how much of it counts is not "
        "defined",
        lambda case: case.malformed(BAD_ELEMENT),
    ),
    Difference(
        frozenset({"channel"}),
        "the radio named no channel; we take the one that the beacon announces",
        lambda case: not case.theirs and not int(case.frames.frequency_mhz[case.row]),
    ),
    Difference(
        frozenset({"frequency"}),
        "a Prism header has a channel and no frequency; we add it for 2.4 and 5 GHz",
        lambda case: "prism" in case.protocols and not case.theirs,
    ),
)


def unexplained(path: Path) -> list[str]:
    """Differences on the capture at *path* that are in no class."""
    blocks = frames_of(path)
    theirs = tshark_columns(path)
    found, at = [], 0
    for frames in blocks:
        ours = our_columns(frames)
        for field in FIELDS:
            part = theirs[field][at : at + len(frames)]
            if ours[field] == part:
                continue
            for row, pair in enumerate(zip(ours[field], part, strict=True)):
                if pair[0] == pair[1]:
                    continue
                case = Case(field, *pair, frames, row, theirs["protocols"][at + row])
                if not explained(case):
                    found.append(f"frame {at + row + 1}: {field} {pair}")
        at += len(frames)
    assert at == len(theirs["kind"])
    return found


def explained(case: Case) -> bool:
    return any(case.field in one.fields and one.applies(case) for one in DIFFERENCES)


@pytest.mark.parametrize("path", SHIPPED, ids=[str(p.parent.name) for p in SHIPPED])
def test_shipped_capture_decodes_as_tshark_does(path: Path) -> None:
    """All fields of all frames agree, but for the differences that are listed."""
    assert unexplained(path)[:10] == []


class TestSharedCaptures:
    """The same over all shared captures."""

    pytestmark = SHARED_MARKS

    @pytest.mark.parametrize(
        "path", SHARED_CAPTURES, ids=[path.name for path in SHARED_CAPTURES]
    )
    def test_decodes_as_tshark_does(self, path: Path) -> None:
        """All fields of all frames agree, but for the differences that are listed."""
        try:
            found = unexplained(path)
        except CaptureError:
            found = []

        assert found[:10] == []
