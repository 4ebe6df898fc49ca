"""A detector's page."""

from __future__ import annotations

from sentinel_netlab.detect.page import HEADINGS, page_of, sections_of
from sentinel_netlab.detect.rules.deauth_flood import DeauthFlood


def test_page_is_the_module_docstring():
    """What `sentinel detectors WD101` prints is what stands in the source."""
    assert page_of(DeauthFlood).startswith(
        "Deauthentication flood against one receiver."
    )


def test_sections_are_split_at_headings():
    """Each heading has its text, and the first line stands before them."""
    sections = sections_of(DeauthFlood)

    assert list(sections) == ["", *HEADINGS]
    assert sections["Trigger"].startswith("More than")
