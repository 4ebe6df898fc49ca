"""WD106: authentication flood."""

from __future__ import annotations

from tests.support.air import AP, STATION, Air, auth
from tests.support.rules import alerts_of

from sentinel_netlab.detect.rules.auth_flood import AuthFlood

OTHER_AP = 0x02_00_00_00_00_02


def requests(there: Air, count: int, *, senders: int = 1000, to: int = AP) -> Air:
    for number in range(count):
        sender = STATION + number % senders
        request = auth(to=to, bssid=to, transmitter=sender, sequence=number)
        there.send(request, after_us=50_000)
    return there


def test_twenty_senders_raise_nothing():
    """The threshold of senders is exclusive."""
    assert alerts_of(AuthFlood, requests(Air(), 20)) == []


def test_the_twenty_first_sender_raises_one_alert():
    """It is about the access point and counts frames and senders."""
    [alert] = alerts_of(AuthFlood, requests(Air(), 21))

    assert (alert.code, alert.count, alert.subject.bssid) == ("WD106", 21, AP)
    assert alert.key == "bssid=02:00:00:00:00:01"
    assert alert.evidence["peak_sources"] == 21
    assert alert.evidence["threshold_sources"] == 20


def test_one_sender_needs_forty_one_frames():
    """The threshold of frames is exclusive too."""
    assert alerts_of(AuthFlood, requests(Air(), 40, senders=1)) == []

    [alert] = alerts_of(AuthFlood, requests(Air(), 41, senders=1))

    assert alert.evidence["peak_sources"] == 1


def test_sae_is_left_to_another_detector():
    """WD113 counts commits."""
    there = Air()
    for number in range(60):
        commit = auth(algorithm=3, transmitter=STATION + number, sequence=number)
        there.send(commit, after_us=10_000)

    assert alerts_of(AuthFlood, there) == []


def test_answers_do_not_count():
    """What the access point sends is not a request."""
    there = Air()
    for number in range(60):
        answer = auth(2, to=STATION + number, transmitter=AP, sequence=number)
        there.send(answer, after_us=10_000)

    assert alerts_of(AuthFlood, there) == []


def test_requests_to_many_networks_do_not_add_up():
    """Each access point is counted apart."""
    there = Air()
    for number in range(60):
        to = AP + number % 6
        there.send(auth(to=to, bssid=to, transmitter=STATION + number), after_us=10_000)

    assert alerts_of(AuthFlood, there) == []


def test_two_victims_are_two_alerts():
    """Each has its own."""
    there = requests(requests(Air(), 30), 30, to=OTHER_AP)

    assert [a.subject.bssid for a in alerts_of(AuthFlood, there)] == [AP, OTHER_AP]


def test_an_alert_goes_on_and_another_follows_quiet():
    """One flood is one alert; after the quiet time it is another."""
    there = requests(Air(), 200)
    there.now_us += 40_000_000
    first, second = alerts_of(AuthFlood, requests(there, 30))

    assert (first.count, second.count) == (200, 30)
    assert first.id != second.id


def test_parameters_are_used():
    """A lower threshold fires earlier."""
    assert alerts_of(AuthFlood, requests(Air(), 3), threshold_sources=2)[0].count == 3


def test_blocks_do_not_matter():
    """One frame per block gives the same alerts."""
    there = requests(requests(Air(), 60), 60, to=OTHER_AP, senders=3)

    assert alerts_of(AuthFlood, there, 1) == alerts_of(AuthFlood, there)
    assert len(alerts_of(AuthFlood, there)) == 2
