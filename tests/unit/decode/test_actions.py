"""Action frames: columns equal the reference; named actions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.support import reference_actions, reference_mac
from tests.support.bodies import ACTION_BODIES, data, frames
from tests.support.columns import header_columns, rows_of

from sentinel_netlab.core import actions as names
from sentinel_netlab.core import kinds
from sentinel_netlab.core.actions import NO_VALUE
from sentinel_netlab.core.frames import BAD_ACTION, SHORT_HEADER
from sentinel_netlab.decode import actions

KINDS = [kinds.ACTION, kinds.ACTION, kinds.ACTION_NO_ACK, kinds.BEACON, kinds.DATA]
BLOCKS = st.lists(
    st.tuples(frames(ACTION_BODIES, KINDS), st.booleans()), min_size=1, max_size=8
)


@given(BLOCKS)
@example([(data(b"\x04\x04\x01\x51\x0b", kind=kinds.ACTION), True)])
def test_columns_equal_the_reference(block: list[tuple[bytes, bool]]) -> None:
    """Every column of every action row is what the slow decoder says."""
    gather, columns = header_columns(
        [frame for frame, _ in block], snapped=[cut for _, cut in block]
    )

    got = rows_of(actions.rows(gather, columns))

    wanted = []
    for row, (frame, cut) in enumerate(block):
        header = reference_mac.decode(frame)
        if header.malformed or header.kind not in (kinds.ACTION, kinds.ACTION_NO_ACK):
            continue
        body, protected = frame[header.header_bytes :], bool(header.flags & 0x40)
        expected, early = reference_actions.action(body, protected=protected)
        wanted.append({"row": row} | expected)
        assert bool(columns["malformed"][row] & BAD_ACTION) == (early and not cut)
    assert got == wanted


def decoded(
    body: str, *, flags: int = 0, snapped: bool = False, kind: int = kinds.ACTION
) -> dict[str, Any]:
    """The row of one action frame, and its ``malformed``."""
    frame = data(bytes.fromhex(body), kind=kind, flags=flags)
    gather, columns = header_columns([frame], snapped=snapped)
    [row] = rows_of(actions.rows(gather, columns))
    return row | {"malformed": int(columns["malformed"][0])}


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ("0001 05", {"dialog_token": 5}),
        ("0004 250301240a", {"new_channel": 0x24, "switch_count": 10}),
        ("0004 3e0101 250301240a", {"new_channel": 0x24, "switch_count": 10}),
        ("0101 07 2500", {"dialog_token": 7, "status": 0x25}),
        ("0300 01 1810 0000 4012", {"block_ack_tid": 6, "block_ack_start": 0x124}),
        ("0301 01 2500 1810 0000", {"status": 0x25, "block_ack_tid": 6}),
        ("0302 0068 2700", {"status": 0x27, "block_ack_tid": 6}),
        ("0404 01510b05", {"new_channel": 11, "switch_count": 5}),
        ("0409 506f9a 13", {"action": 9, "oui": 0x506F9A}),
        ("040b 03 3b00 0000", {"dialog_token": 3, "status": 0x3B}),
        ("0504 02", {"dialog_token": 2}),
        ("0601 02000000000a 020000000002", {"ft_station": 0x02000000000A}),
        ("0602 02000000000a 020000000002 3500", {"ft_target": 2 << 40 | 2}),
        ("0602 02000000000a 020000000002 3500", {"status": 0x35}),
        ("0800 3412", {"transaction": 0x1234}),
        ("0801 3412", {"transaction": 0x1234}),
        ("0a07 01 05 6400 ff", {"btm_mode": 5, "btm_timer": 100}),
        ("0a08 01 07 00", {"status": 7}),
        ("7f 00904c 04", {"oui": 0x00904C, "action": NO_VALUE}),
        ("7e 00904c 04", {"oui": 0x00904C, "action": NO_VALUE}),
    ],
)
def test_fields(body: str, fields: dict[str, int]) -> None:
    """The fields of each action stand where its clause of 9.6 says."""
    got = decoded(body)

    assert {name: got[name] for name in fields} == fields
    assert got["malformed"] == 0


def test_fields_that_an_action_does_not_have_are_missing() -> None:
    """An SA Query has neither a channel nor a token."""
    got = decoded("0800 3412")

    assert (got["new_channel"], got["dialog_token"], got["oui"]) == (
        NO_VALUE,
        NO_VALUE,
        2**32 - 1,
    )


def test_error_is_the_high_bit_of_the_category() -> None:
    """A receiver sends back with that bit what it does not know (9.4.1.11)."""
    got = decoded("8a07 01 05 6400 ff")

    assert (got["category"], got["error"], got["btm_mode"]) == (names.WNM, True, 5)


def test_protected_body_is_not_read() -> None:
    """Cipher text has no category."""
    got = decoded("0800 3412 0000", flags=0x40)

    assert (got["protected"], got["category"], got["malformed"]) == (True, NO_VALUE, 0)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "08",
        "0800 34",
        "7f 0090",
        "0004",
        "0004 2503",
        "0004 3e0101",
        "0a07 01 05 64",
    ],
)
def test_body_that_ends_inside_its_fields_is_bad(body: str) -> None:
    """What an action must have and has not is marked."""
    assert decoded(body)["malformed"] == BAD_ACTION


def test_fields_before_the_end_are_kept() -> None:
    """Of a body that ends too early the fields that are there are read."""
    assert decoded("0a07 01 05 64")["btm_mode"] == 5


def test_body_that_the_capture_cut_is_not_bad() -> None:
    """A short snapshot length is no fault of the frame."""
    assert decoded("0800 34", snapped=True)["malformed"] == 0


def test_unknown_action_is_named() -> None:
    """Category and action are kept whatever they are."""
    got = decoded("1500")

    assert (got["category"], got["action"], got["malformed"]) == (names.VHT, 0, 0)


def test_action_no_ack_is_an_action() -> None:
    """Both kinds have the same body (9.3.3.14)."""
    assert decoded("0801 3412", kind=kinds.ACTION_NO_ACK)["transaction"] == 0x1234


def test_unusable_header_has_no_row() -> None:
    """An action frame cut inside its MAC header has no body to read."""
    gather, columns = header_columns([data(b"", kind=kinds.ACTION)[:20]])

    assert columns["malformed"][0] == SHORT_HEADER
    assert len(actions.rows(gather, columns)) == 0


def test_block_without_actions_is_empty() -> None:
    """Other kinds have no rows."""
    assert len(actions.rows(*header_columns([data(b"\x08\x00\x34\x12")]))) == 0
