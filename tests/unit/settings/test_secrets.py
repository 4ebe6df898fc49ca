"""Which secrets are too weak."""

from __future__ import annotations

import base64
import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.environments import HMAC_SECRET, SECRET_KEY

from sentinel_netlab.settings.secrets import is_placeholder, weakness


@pytest.mark.parametrize(
    "text",
    [
        *("change-me", "CHANGE_ME", "changeme", "change.me", "Change Me", "changethis"),
        *("replace-with-64-random-characters-0123456789", "REPLACE_ME"),
        *("example-secret-0123456789-abcdefghijkl", "placeholder", "insecure-key"),
        *("<your secret here>", "<32+ random characters 0123456789abcdefg>", "<>"),
        *("${CONTROLLER_SECRET_KEY}", "${SECRET:-}", "$CONTROLLER_SECRET_KEY"),
        *(
            "{{ lookup('env', 'SECRET') }}",
            "your-secret-key",
            "my_secret",
            "supersecret",
        ),
        *(
            "password1234567890password1234567890",
            "dummy-value",
            "fill-me-in",
            "default",
        ),
        *("xx-0123456789-CHANGE-ME-0123456789-abcdef", " <secret> "),
    ],
)
def test_placeholders_are_seen(text):
    """However long they are, and wherever the word stands."""
    assert is_placeholder(text)
    assert "placeholder" in (weakness(text) or "")


@pytest.mark.parametrize(
    "text",
    [SECRET_KEY, HMAC_SECRET, "0123456789" * 4, "correct-horse-battery-staple-42!"],
)
def test_good_secrets_pass(text):
    """Ten distinct characters in thirty-two are the least."""
    assert weakness(text) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (SECRET_KEY[:31], "31 characters"),
        ("", "0 characters"),
        ("abcdefghi" * 5, "9 different"),
        ("a" * 64, "1 different"),
    ],
)
def test_weak_secrets_are_told_apart(text, why):
    """What is missing is said in numbers."""
    assert why in (weakness(text) or "")


@given(st.text(max_size=60))
def test_no_weakness_shows_the_text(text):
    """Nor a part of it that is longer than a number."""
    told = weakness(text) or ""

    assert len(text) < 8 or text not in told


def test_random_secrets_are_no_placeholders():
    """Of the usual generators: base64, hex, letters and symbols."""
    rng = random.Random(3)
    symbols = string.ascii_letters + string.digits + string.punctuation
    for _ in range(2_000):
        data = rng.randbytes(32)
        for text in (
            data.hex(),
            base64.urlsafe_b64encode(data).decode(),
            "k" + "".join(rng.choice(symbols) for _ in range(40)),
        ):
            assert weakness(text) is None
