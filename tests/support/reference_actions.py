"""
An action frame's body, decoded slowly and obviously (IEEE Std 802.11-2020, 9.6).
"""

from __future__ import annotations

from sentinel_netlab.core.actions import NO_VALUE

NO_ADDRESS = 2**64 - 1
NO_OUI = 2**32 - 1


class _Body:
    """Takes little-endian fields off a body; EOFError if one is not there."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def number(self, count: int = 1) -> int:
        return int.from_bytes(self.take(count), "little")

    def take(self, count: int) -> bytes:
        if len(self.data) < count:
            raise EOFError
        taken, self.data = self.data[:count], self.data[count:]
        return taken


def action(body: bytes, *, protected: bool) -> tuple[dict[str, int], bool]:
    """The row of `ActionRows` but for ``row``, and whether its body ends too early."""
    row = {
        "protected": protected,
        "category": NO_VALUE,
        "error": False,
        "action": NO_VALUE,
        "dialog_token": NO_VALUE,
        "status": NO_VALUE,
        "new_channel": NO_VALUE,
        "switch_count": NO_VALUE,
        "transaction": NO_VALUE,
        "block_ack_tid": NO_VALUE,
        "block_ack_start": NO_VALUE,
        "btm_mode": NO_VALUE,
        "btm_timer": NO_VALUE,
        "ft_station": NO_ADDRESS,
        "ft_target": NO_ADDRESS,
        "oui": NO_OUI,
    }
    if protected:
        return row, False
    try:
        _fill(row, _Body(body))
    except EOFError:
        return row, True
    return row, False


def _fill(row: dict[str, int], body: _Body) -> None:
    first = body.number()
    row["category"], row["error"] = first & 0x7F, bool(first & 0x80)
    if row["category"] in (126, 127):
        row["oui"] = int.from_bytes(body.take(3), "big")
        return
    row["action"] = body.number()
    reader = {
        0: _spectrum,
        1: _qos,
        3: _block_ack,
        4: _public,
        5: _radio_measurement,
        6: _fast_transition,
        8: _sa_query,
        9: _protected_public,
        10: _wnm,
    }.get(row["category"])
    if reader:
        reader(row, row["action"], body)


def _spectrum(row: dict[str, int], number: int, body: _Body) -> None:
    if number < 4:
        row["dialog_token"] = body.number()
    if number == 4:
        for _ in range(16):
            element = body.number()
            value = body.take(body.number())
            if element == 37 and len(value) >= 3:
                row["new_channel"], row["switch_count"] = value[1], value[2]
                return
        raise EOFError


def _qos(row: dict[str, int], number: int, body: _Body) -> None:
    if number < 2:
        row["dialog_token"] = body.number()
    if number == 1:
        row["status"] = body.number(2)


def _block_ack(row: dict[str, int], number: int, body: _Body) -> None:
    if number == 2:
        row["block_ack_tid"] = body.number(2) >> 12
        row["status"] = body.number(2)
    if number > 1:
        return
    row["dialog_token"] = body.number()
    if number == 1:
        row["status"] = body.number(2)
    row["block_ack_tid"] = body.number(2) >> 2 & 15
    body.take(2)  # timeout
    if number == 0:
        row["block_ack_start"] = body.number(2) >> 4


def _public(row: dict[str, int], number: int, body: _Body) -> None:
    if number == 4:
        body.take(2)  # mode, operating class
        row["new_channel"] = body.number()
        row["switch_count"] = body.number()
    if number == 9:
        row["oui"] = int.from_bytes(body.take(3), "big")
    if number in (10, 11, 12, 13):
        row["dialog_token"] = body.number()
        if number == 11:
            row["status"] = body.number(2)
            body.take(2)  # comeback delay
        if number == 13:
            row["status"] = body.number(2)
            body.take(3)  # fragment, comeback delay


def _protected_public(row: dict[str, int], number: int, body: _Body) -> None:
    if number == 9:
        row["oui"] = int.from_bytes(body.take(3), "big")


def _radio_measurement(row: dict[str, int], number: int, body: _Body) -> None:
    if number <= 5:
        row["dialog_token"] = body.number()
        body.take({0: 2, 2: 2, 3: 8}.get(number, 0))


def _fast_transition(row: dict[str, int], number: int, body: _Body) -> None:
    if 1 <= number <= 4:
        row["ft_station"] = int.from_bytes(body.take(6), "big")
        row["ft_target"] = int.from_bytes(body.take(6), "big")
        if number in (2, 4):
            row["status"] = body.number(2)


def _sa_query(row: dict[str, int], number: int, body: _Body) -> None:
    if number < 2:
        row["transaction"] = body.number(2)


def _wnm(row: dict[str, int], number: int, body: _Body) -> None:
    if number not in (6, 7, 8):
        return
    row["dialog_token"] = body.number()
    if number == 7:
        row["btm_mode"] = body.number()
        row["btm_timer"] = body.number(2)
    if number == 8:
        row["status"] = body.number()
    body.take(1)  # reason, validity interval, termination delay
