"""Mesh ID."""

from __future__ import annotations

from sentinel_netlab.core.elements import Fault
from sentinel_netlab.decode.elements import mesh_id
from sentinel_netlab.decode.elements.draft import Draft


def test_the_bytes_are_kept():
    """A mesh identifier is bytes like an SSID."""
    draft = Draft()

    mesh_id.parse(b"mesh", draft)

    assert draft.fields == {"mesh_id": b"mesh"}


def test_more_than_32_bytes_are_a_fault():
    """They are kept all the same."""
    draft = Draft()

    mesh_id.parse(bytes(33), draft)

    assert draft.faults == [Fault("length", 114, 33)]
    assert draft.fields == {"mesh_id": bytes(33)}
