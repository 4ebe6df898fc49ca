"""What the controller wants, taken or refused."""

from __future__ import annotations

import pytest

from sentinel_netlab.core.configuration import Configuration, Desired, DesiredPolicy
from sentinel_netlab.core.policy import Policy
from sentinel_netlab.detect import BUILTIN
from sentinel_netlab.sensor.wishes import State, Wishes

ONE = Configuration(detectors=["WD101"], thresholds={"deauth_flood.window_s": 2.0})


class Radio:
    """Remembers how it was told to work."""

    def __init__(self) -> None:
        self.applied = []

    def apply(self, configuration, policy, detectors) -> None:
        if 2484 in configuration.channels_mhz:
            raise ValueError("channel 14 is not allowed here")
        self.applied.append((configuration, policy, detectors))


@pytest.fixture
def radio():
    return Radio()


@pytest.fixture
def wishes(radio):
    """A sensor that works as it was installed."""
    return Wishes(State(Configuration(), Policy()), radio.apply)


def test_own_configuration_is_in_force_at_first(radio, wishes):
    """All detectors, and no version of the controller's."""
    [(_, _, detectors)] = radio.applied

    assert len(detectors) == len(BUILTIN)
    assert (wishes.state.config_version, wishes.state.problem) == (None, "")


def test_wish_is_taken_once(radio, wishes):
    """With its version; the same wish again changes nothing."""
    for _ in range(3):
        wishes.take(Desired(4, ONE), None)

    assert len(radio.applied) == 2
    [detector] = radio.applied[-1][2]
    assert (detector.code, detector.params.window_s) == ("WD101", 2.0)
    assert wishes.state.config_version == 4


@pytest.mark.parametrize(
    ("configuration", "told"),
    [
        (Configuration(detectors=["WD9"]), "no detector matches"),
        (Configuration(thresholds={"deauth_flood.x": 1}), "unknown parameter"),
        (Configuration(dwell_ms=1), "dwell_ms"),
        (Configuration(channels_mhz=[2484]), "channel 14"),
    ],
)
def test_impossible_wish_changes_nothing(radio, wishes, configuration, told):
    """It is refused with a reason, and the sensor goes on as before."""
    wishes.take(Desired(1, ONE), None)
    wishes.take(Desired(2, configuration), None)
    wishes.take(Desired(2, configuration), None)

    assert len(radio.applied) == 2
    assert wishes.state.config_version == 1
    assert told in wishes.state.problem


def test_good_wish_ends_the_problem(wishes):
    """A corrected configuration is taken."""
    wishes.take(Desired(2, Configuration(dwell_ms=1)), None)
    wishes.take(Desired(3, ONE), None)

    assert (wishes.state.config_version, wishes.state.problem) == (3, "")


def test_policy_of_the_site_is_taken(radio, wishes):
    """Its networks are the sensor's own from now on."""
    tables = {"network": [{"ssid": "corp", "security": ["WPA3-SAE"]}]}

    wishes.take(None, DesiredPolicy(7, "hq", tables))

    assert list(radio.applied[-1][1].networks) == [b"corp"]
    assert wishes.state.policy_version == 7


def test_wish_that_is_taken_back_leaves_the_sensor_as_it_was_installed(radio, wishes):
    """No configuration wanted: its own; no policy any more: none."""
    tables = {"network": [{"ssid": "corp"}]}
    wishes.take(Desired(1, ONE), DesiredPolicy(1, "hq", tables))

    wishes.take(None, None)

    configuration, policy, detectors = radio.applied[-1]
    assert (configuration, policy) == (Configuration(), Policy())
    assert len(detectors) == len(BUILTIN)
    assert (wishes.state.config_version, wishes.state.policy_version) == (None, None)


def test_policy_of_another_site_is_another_one(wishes):
    """Also of the same version: the sensor was carried elsewhere."""
    for site, ssid in (("hq", "corp"), ("branch", "shop")):
        policy = DesiredPolicy(1, site, {"network": [{"ssid": ssid}]})
        wishes.take(None, policy)

    assert list(wishes.state.policy.networks) == [b"shop"]


def test_refused_wish_that_is_taken_back_ends_the_problem(radio, wishes):
    """What is in force is wanted again: there is nothing to do."""
    wishes.take(Desired(1, ONE), None)
    wishes.take(Desired(2, Configuration(dwell_ms=1)), None)

    wishes.take(Desired(1, ONE), None)

    assert (len(radio.applied), wishes.state.problem) == (2, "")


def test_wrong_policy_is_refused(wishes):
    """With what is wrong with it."""
    wishes.take(None, DesiredPolicy(7, "hq", {"network": [{"name": "x"}]}))

    assert wishes.state.policy_version is None
    assert "unknown key" in wishes.state.problem


def test_impossible_installation_is_an_error(radio):
    """The sensor does not start with a configuration of its own that cannot work."""
    with pytest.raises(ValueError, match="no detector"):
        Wishes(State(Configuration(detectors=["x"]), Policy()), radio.apply)
