"""Blocks of frames."""

from __future__ import annotations

import numpy as np
from tests.support.air import AP, Air, beacon, data, eapol_key, probe_response

from sentinel_netlab.core.frames import BAD_VERSION, Frames, concatenated
from sentinel_netlab.core.kinds import BEACON, DATA, PROBE_RESP


def block() -> Frames:
    air = Air()
    air.send(beacon())
    air.send(probe_response())
    air.send(data(eapol_key(0x008A), from_ap=True))
    air.send(beacon(ssid=b"other"))
    air.send(b"\x81" + beacon()[1:])
    [frames] = air.frames()
    return frames


def test_every_column_says_what_it_holds():
    """dtype, unit and missing value; arrays have them."""
    frames = block()

    for name, column in Frames.columns().items():
        assert column.unit
        assert getattr(frames, name).dtype == column.dtype
        assert len(getattr(frames, name)) == len(frames)


def test_rows_by_kind_leave_unusable_headers_out():
    """The last beacon has another protocol version."""
    frames = block()

    assert frames.rows(BEACON).tolist() == [0, 3]
    assert frames.rows(BEACON, DATA).tolist() == [0, 2, 3]
    assert frames.malformed[4] & BAD_VERSION


def test_present_kinds_are_bits():
    """A detector looks there whether it is concerned."""
    assert block().present == 1 << BEACON | 1 << PROBE_RESP | 1 << DATA


def test_advertisements_are_grouped():
    """What says the same is one group; kinds and names are kept apart."""
    groups = block().advertisements

    assert [(g.kind, g.elements.ssid, g.rows.tolist()) for g in groups] == [
        (BEACON, b"net", [0]),
        (PROBE_RESP, b"net", [1]),
        (BEACON, b"other", [3]),
    ]


def test_take_keeps_tables():
    """Selected rows bring their EAPOL with them."""
    frames = block().take(np.array([3, 2]))

    assert frames.eapol.row.tolist() == [1]
    assert frames.number.tolist() == [4, 3]
    assert frames.element_sets[frames.elements[0]].ssid == b"other"


def test_concatenated_equals_its_parts():
    """Cut and joined again, the block is what it was."""
    whole = block()
    parts = [whole.take(np.arange(2)), whole.take(np.arange(2, 5))]
    again = concatenated(parts)

    for name in ("number", "kind", "bssid", "ts_us"):
        assert (getattr(again, name) == getattr(whole, name)).all()
    assert [again.body(row) for row in range(5)] == [
        whole.body(row) for row in range(5)
    ]
    assert again.eapol.row.tolist() == [2]


def test_good_fcs_can_be_assumed():
    """A block in which no frame is doubted."""
    frames = block()
    assert not frames.with_good_fcs().bad_fcs.any()
    assert frames.bssid[0] == AP
