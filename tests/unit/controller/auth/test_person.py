"""Who asks."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from tests.support.batches import NOW, in_transaction

from sentinel_netlab.controller.auth.person import (
    Person,
    person_of,
    remember,
    still_may,
)
from sentinel_netlab.controller.problems import Problem
from sentinel_netlab.store.tokens import NewToken, create_token, revoke_token

ANN = Person("ann", "analyst", None, "ab" * 8, NOW)


def test_person_is_found_where_the_guard_put_them():
    """In the state of the request."""
    request = SimpleNamespace(scope={})
    remember(request, ANN)

    assert person_of(request) is ANN


def test_nobody_is_no_person():
    """A route of a sensor cannot ask for one by mistake."""
    with pytest.raises(Problem) as caught:
        person_of(SimpleNamespace(scope={"state": {"person": "ann"}}))

    assert caught.value.status == 401


@pytest.mark.parametrize(
    ("own", "other", "seen"),
    [(None, "hq", True), (None, None, True), ("hq", "hq", True), ("hq", "lab", False)],
)
def test_which_sites_a_person_sees(own, other, seen):
    """All, or their own; what has no site is nobody's who is bound to one."""
    person = Person("ann", "viewer", own, "ab" * 8, NOW)

    assert person.sees(other) is seen
    assert person.sees(None) is (own is None)


@pytest.mark.parametrize("end", ["nothing", "revoked", "expired", "lowered"])
def test_a_stream_ends_with_its_token(end, migrated_url):
    """Revoked, expired, or not enough any more."""

    async def run(c):
        new = NewToken("ann", "analyst", 1, "cli:x")
        _, token = await create_token(c, new, NOW)
        person = Person("ann", "analyst", None, token.token_id, token.expires_at)
        if end == "revoked":
            await revoke_token(c, token.token_id, NOW)
        now = token.expires_at if end == "expired" else NOW
        return await still_may(
            c, person, "admin" if end == "lowered" else "viewer", now
        )

    assert in_transaction(migrated_url, run) is (end == "nothing")
