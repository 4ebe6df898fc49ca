"""Names that are ours, and names that were meant to be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_netlab.controller.settings import ControllerSettings
from sentinel_netlab.controller.stack import StackSettings
from sentinel_netlab.settings import is_secret, name_of
from sentinel_netlab.settings.names import (
    KNOWN,
    UNRELATED,
    debug_names,
    edit_distance,
    unknown_names,
)
from sentinel_netlab.worker.settings import WorkerSettings

# What shells, containers, CI, libpq, OpenSSL and Python put into environments.
USUAL = """
    PATH HOME USER SHELL PWD LANG LC_ALL TERM TZ HOSTNAME LOGNAME SHLVL _ TMPDIR CI
    PORT HOST LOG_LEVEL SECRET_KEY DATABASE_NAME DB_URL REDIS_URL TEST_DATABASE_URL
    PGHOST PGPORT PGUSER PGPASSWORD PGDATABASE PGSSLCERT PGSSLKEY PGSSLROOTCERT PGDATA
    POSTGRES_USER POSTGRES_PASSWORD POSTGRES_PASSWORD_FILE POSTGRES_DB
    SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE NO_COLOR COLUMNS
    HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy VIRTUAL_ENV
    PYTHONPATH PYTHONUNBUFFERED PYTEST_CURRENT_TEST KUBERNETES_SERVICE_HOST
    XDG_DATA_HOME XDG_RUNTIME_DIR DEBIAN_FRONTEND GITHUB_ACTIONS SENTINEL_CI
""".split()  # noqa: SIM905  # a list to be read


def test_known_are_the_names_of_all_classes():
    """With the file of each secret."""
    names = set()
    for cls in (ControllerSettings, WorkerSettings, StackSettings):
        for field in cls.model_fields.values():
            name = name_of(field)
            if name:
                names |= {name, f"{name}_FILE"} if is_secret(field) else {name}

    assert names == KNOWN


@pytest.mark.parametrize("name", [*USUAL, *sorted(KNOWN)])
def test_usual_names_are_left_alone(name):
    """No false hit on what is in most environments."""
    assert unknown_names([name], KNOWN) == []


@pytest.mark.parametrize("known", sorted(KNOWN))
def test_slips_are_seen_with_the_suggestion(known):
    """A letter left out, doubled, replaced, two exchanged, or in lower case."""
    middle = len(known) // 2
    slips = {
        known[:middle] + known[middle + 1 :],
        known[:middle] + "_" + known[middle:],
        known[:middle] + "9" + known[middle + 1 :],
        known[:1] + known[2] + known[1] + known[3:],
        known[:-2],
        known.lower(),
    } - KNOWN
    for slip in slips:
        [problem] = unknown_names([slip], KNOWN)
        assert problem.startswith(f"{slip}: is no setting; did you mean ")


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("DATABASE_URI", "DATABASE_URL"),
        ("DATABSE_URL", "DATABASE_URL"),
        ("TRUSTED_PROXY_CIDR", "TRUSTED_PROXY_CIDRS"),
        ("TRUSTED_PROXIES_CIDRS", None),
        ("REQUIRE_SSL", None),
        ("REQIURE_TLS", "REQUIRE_TLS"),
        ("CONTROLLER_HMAC_SECRETS", "CONTROLLER_HMAC_SECRET"),
        ("CONTROLLER_SECRET_KEY_FILES", "CONTROLLER_SECRET_KEY_FILE"),
        ("RETENTION_ALERT_DAYS", "RETENTION_ALERTS_DAYS"),
    ],
)
def test_suggestions(slip, meant):
    """The nearest known name; nothing beyond two edits."""
    told = unknown_names([slip], KNOWN)

    assert told == ([f"{slip}: is no setting; did you mean {meant}?"] if meant else [])


@pytest.mark.parametrize("name", ["SENTINEL_FOO", "SENTINEL_", "sentinel_foo"])
def test_our_prefix_is_ours(name):
    """What begins with SENTINEL_ is a setting or an error."""
    assert unknown_names([name], KNOWN) == [f"{name}: is no setting"]


def test_a_name_stays_on_its_line():
    """Control characters of a name are escaped."""
    [problem] = unknown_names(["SENTINEL_\n\x1b[2J\udc80"], KNOWN)

    assert problem == "SENTINEL_\\n\\x1b[2J\\udc80: is no setting"


@given(st.text("ABC_", max_size=8), st.text("ABC_", max_size=8))
def test_distance_is_a_distance(left, right):
    """Symmetric, zero for equals only, at most the longer length."""
    distance = edit_distance(left, right)

    assert distance == edit_distance(right, left)
    assert (distance == 0) is (left == right)
    assert abs(len(left) - len(right)) <= distance <= max(len(left), len(right))


@given(st.text("ABC", max_size=8), st.integers(0, 8), st.sampled_from("ABCX"))
def test_one_edit_is_one(text, place, letter):
    """A letter put in."""
    assert edit_distance(text, text[:place] + letter + text[place:]) == 1


@pytest.mark.parametrize("name", ["DEBUG", "LITESTAR_DEBUG"])
def test_debug_switches(name):
    """On is on in any spelling; names of parts to debug are not ours."""
    for on in ("1", "true", "True", "YES", " on "):
        [problem] = debug_names({name: on})
        assert problem.startswith(f"{name}: ")
    for off in ("", "0", "false", "express:*", "release"):
        assert debug_names({name: off}) == []


def test_unrelated_names_are_not_ours():
    """A name is in one of the lists."""
    assert not UNRELATED & KNOWN
