"""WD113: SAE commit flood."""

from __future__ import annotations

from tests.support.air import AP, Air, auth, mac
from tests.support.run import run

from sentinel_netlab.core.alerts import Alert
from sentinel_netlab.detect.rules.sae_flood import SaeFlood, SaeFloodParams

SENDER = 0x02_00_00_00_20_00
OTHER_AP = 0x02_00_00_00_00_02
GROUP_19 = b"\x13\x00" + bytes(96)
RETRY = 0x08


def alerts(there: Air, block_frames: int = 4096, **params: float) -> list[Alert]:
    rule = SaeFlood(SaeFloodParams(**params))
    return run(there.frames(block_frames), [rule]).alerts


def commit(number: int, *, to: int = AP, senders: int = 1000) -> bytes:
    return auth(
        algorithm=3,
        to=to,
        bssid=to,
        transmitter=SENDER + number % senders,
        body=GROUP_19,
        sequence=number,
    )


def commits(there: Air, count: int, *, to: int = AP, senders: int = 1000) -> Air:
    for number in range(count):
        there.send(commit(number, to=to, senders=senders), after_us=100_000)
    return there


def tokens(there: Air, count: int) -> Air:
    for number in range(count):
        answer = auth(
            algorithm=3,
            status=76,
            to=SENDER + number,
            transmitter=AP,
            body=GROUP_19,
            sequence=number,
        )
        there.send(answer, after_us=100_000)
    return there


def test_twenty_commits_raise_nothing():
    """The threshold itself is still ordinary."""
    assert alerts(commits(Air(), 20)) == []


def test_the_twenty_first_commit_raises_one_alert():
    """The alert holds all commits of the window and what was measured."""
    [alert] = alerts(commits(Air(), 21))

    assert (alert.code, alert.count) == ("WD113", 21)
    assert alert.subject.bssid == AP
    assert alert.key == "bssid=02:00:00:00:00:01,told_by=commits"
    assert alert.evidence["peak_frames"] == 21
    assert alert.evidence["peak_sources"] == 21
    assert alert.evidence["threshold_frames"] == 20
    assert alert.frames == tuple(range(1, 22))


def test_commits_outside_the_window_do_not_add_up():
    """Forty commits over forty seconds are no flood."""
    there = Air()
    for number in range(40):
        there.send(commit(number), after_us=1_000_000)

    assert alerts(there) == []


def test_ten_senders_are_not_enough():
    """Both limits must be exceeded: many commits and many senders."""
    assert alerts(commits(Air(), 40, senders=10)) == []
    [alert] = alerts(commits(Air(), 40, senders=11))
    assert alert.evidence["peak_sources"] == 11


def test_retransmissions_count_once():
    """A Retry of the same sequence number is the same commit."""
    there = Air()
    for number in range(20):
        first = commit(number)
        again = bytes((first[0], first[1] | RETRY)) + first[2:]
        there.send(first, after_us=100_000)
        there.send(again, after_us=1_000)

    assert alerts(there) == []


def test_other_authentication_does_not_count():
    """Open system requests and SAE confirms are no commits."""
    there = Air()
    for number in range(40):
        sender = SENDER + number
        there.send(auth(transmitter=sender), after_us=1_000)
        there.send(auth(2, algorithm=3, transmitter=sender), after_us=1_000)

    assert alerts(there) == []


def test_five_token_requests_raise_nothing_six_do():
    """The access point's own defence is evidence enough."""
    assert alerts(tokens(Air(), 5)) == []

    [alert] = alerts(tokens(Air(), 6))

    assert alert.key == "bssid=02:00:00:00:00:01,told_by=tokens"
    assert (alert.count, alert.evidence["peak_tokens"]) == (6, 6)
    assert "6 token requests" in alert.summary


def test_an_alert_goes_on_while_the_flood_does():
    """Later commits belong to the open alert."""
    there = commits(Air(), 60)
    [alert] = alerts(there)

    assert alert.count == 60
    assert alert.last_seen_us == there.now_us
    assert alert.evidence["peak_frames"] == 50  # 5 s at ten a second


def test_after_quiet_a_second_alert_opens():
    """A flood later than the quiet time is another attack."""
    there = commits(Air(), 21)
    there.now_us += 31_000_000
    first, second = alerts(commits(there, 21))

    assert first.id != second.id
    assert (first.count, second.count) == (21, 21)


def test_two_access_points_are_two_alerts():
    """Each victim has an alert of its own."""
    there = Air()
    for number in range(21):
        there.send(commit(number), after_us=50_000)
        there.send(commit(number, to=OTHER_AP), after_us=50_000)

    assert {a.subject.bssid for a in alerts(there)} == {AP, OTHER_AP}
    assert [a.count for a in alerts(there)] == [21, 21]


def test_lower_thresholds_fire_earlier():
    """The parameters are used."""
    there = commits(Air(), 3)

    [alert] = alerts(there, threshold_frames=2, threshold_sources=2)

    assert alert.count == 3
    assert alerts(there, threshold_frames=2, threshold_sources=3) == []
    [alert] = alerts(tokens(Air(), 2), threshold_tokens=1)
    assert alert.count == 2


def test_blocks_do_not_matter():
    """One frame per block gives the same alerts."""
    there = tokens(commits(Air(), 30), 10)
    there.now_us += 31_000_000
    there = commits(there, 25)

    assert len(alerts(there)) == 3
    assert alerts(there, block_frames=1) == alerts(there)


def test_summary_names_the_access_point():
    """The sentence says who is flooded and how much."""
    [alert] = alerts(commits(Air(), 21))

    assert mac(AP).hex(":") in alert.summary
    assert "21 from 21 senders in 5 s" in alert.summary
