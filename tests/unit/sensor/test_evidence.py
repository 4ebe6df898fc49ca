"""The frames behind an alert, while they are in memory."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.support.air import STATION, Air, data, deauth, eapol_key, frame
from tests.support.run import packets_in
from tests.unit.sensor.test_outgoing import ALERT

from sentinel_netlab.core.kinds import DATA, QOS_DATA
from sentinel_netlab.sensor.evidence import MOST_BYTES, FrameRing

SECRET = b"what stations say to each other" * 3
LLC = b"\xaa\xaa\x03\x00\x00\x00\x08\x00"


def ring(air: Air, **options) -> FrameRing:
    """A ring that heard *air* block by block."""
    kept = FrameRing(**options)
    for frames in air.frames(block_frames=2):
        kept.add(frames)
    return kept


def given(kept: FrameRing, *numbers: int) -> list[bytes]:
    """Packets of the evidence of an alert about frames *numbers*."""
    content = kept.evidence(replace(ALERT, frames=numbers))
    if content is None:
        return []
    return [
        one.raw[start : start + length].tobytes()
        for one in packets_in(content)
        for start, length in zip(one.start.tolist(), one.length.tolist(), strict=True)
    ]


def test_named_frames_come_back():
    """Those that the alert names, in order, whole; the others not."""
    air = Air()
    for number in range(7):
        air.send(deauth(sequence=number))

    found = given(ring(air), 2, 5, 99)

    assert found == [air.packets[1][1], air.packets[4][1]]


@pytest.mark.parametrize("kind", [DATA, QOS_DATA])
def test_payload_is_cut(kind):
    """Of a data frame the header is given, and 8 bytes behind it."""
    air = Air()
    air.send(frame(kind, LLC + SECRET, receiver=STATION))

    [found] = given(ring(air), 1)

    assert found == air.packets[0][1][: len(found)]
    assert found.endswith(LLC) or LLC[:6] in found
    assert SECRET[:4] not in found


def test_payload_is_kept_on_demand():
    """Where the owner of the air wants it."""
    air = Air()
    air.send(frame(DATA, LLC + SECRET, receiver=STATION))

    [found] = given(ring(air, payloads=True), 1)

    assert SECRET in found


def test_key_exchange_is_whole():
    """EAPOL is what a stolen handshake consists of."""
    air = Air()
    air.send(data(body=eapol_key(1)))

    assert given(ring(air), 1) == [air.packets[0][1]]


def test_frame_without_header_gives_its_link_header():
    """Nobody knows whether the rest is a payload."""
    air = Air()
    air.send(b"\x08")

    [found] = given(ring(air), 1)

    assert len(found) < len(air.packets[0][1])


def test_oldest_frames_are_forgotten():
    """Memory is bounded; an alert about forgotten frames has no evidence."""
    air = Air()
    for number in range(20):
        air.send(deauth(sequence=number))
    kept = ring(air, most_bytes=2000)

    assert given(kept, 1) == []
    assert given(kept, 20) == [air.packets[-1][1]]


def test_evidence_is_bounded():
    """As much as the controller takes, and whole packets."""
    air = Air()
    for number in range(300):
        air.send(deauth(sequence=number) + bytes(2000))
    kept = FrameRing()
    for frames in air.frames():
        kept.add(frames)

    content = kept.evidence(replace(ALERT, frames=tuple(range(1, 301))))

    assert content is not None
    assert MOST_BYTES - 3000 < len(content) <= MOST_BYTES
