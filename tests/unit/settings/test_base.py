"""What all classes of settings share."""

from __future__ import annotations

import pytest
from pydantic import Field, SecretStr, ValidationError

from sentinel_netlab.settings import Secret, Settings, is_secret, name_of


class Example(Settings):
    plain: int = Field(1, validation_alias="EXAMPLE_PLAIN")
    """A number."""
    token: SecretStr | None = Field(None, validation_alias="EXAMPLE_TOKEN")
    key: Secret | None = Field(None, validation_alias="EXAMPLE_KEY")


FIELDS = Example.model_fields


def test_secrets_are_known_by_their_type():
    """Optional and checked ones too."""
    secret = [name for name, field in FIELDS.items() if is_secret(field)]

    assert secret == ["token", "key"]


def test_profile_has_no_name_in_the_environment():
    """Only --lab chooses the lab."""
    assert name_of(FIELDS["profile"]) is None
    assert name_of(FIELDS["plain"]) == "EXAMPLE_PLAIN"


def test_construction_reads_no_environment(monkeypatch):
    """What is not given is the default."""
    monkeypatch.setenv("EXAMPLE_PLAIN", "7")

    assert Example().plain == 1
    assert Example(plain=2).plain == 2


def test_settings_do_not_change():
    """A process runs with what it was started with."""
    with pytest.raises(ValidationError):
        Example().plain = 3


def test_docstrings_of_fields_are_their_descriptions():
    """The generated page shows them."""
    assert FIELDS["plain"].description == "A number."


def test_repr_shows_no_secret():
    """Neither of the instance nor of an error."""
    example = Example(token=SecretStr("hunter2"))

    assert "hunter2" not in repr(example)
    with pytest.raises(ValidationError) as caught:
        Example(key=SecretStr("hunter2"))
    assert "hunter2" not in str(caught.value)
