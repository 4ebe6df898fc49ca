"""
Disassociation flood against one receiver.

Trigger:
    More than *threshold_frames* disassociations of one BSSID to one receiver address
    (or to broadcast) inside *window_s*, or more than *long_threshold_frames* inside
    *long_window_s*.  A retransmission counts once.

Source:
    IEEE Std 802.11-2020, 9.3.3.4 and 9.4.1.7; Kismet's ``DISASSOCFLOOD``.

Units:
    Frames on the air per second of capture time.

Threshold:
    10 frames in 1 s, 29 in 10 s.  No benign capture holds two to one
    receiver; the weakest attack reaches 133 in 1 s (a3_mdk4_deauth_disassoc).

False positives:
    An access point that steers or times out clients sends few frames to each; each
    receiver is counted apart.

Blind spots:
    As of WD101: slow disassociation stays below the rate; nothing is heard while the
    radio is on another channel.
"""

from __future__ import annotations

from sentinel_netlab.core.kinds import DISASSOC
from sentinel_netlab.detect.rules._disconnects import GoodbyeFlood


class DisassocFlood(GoodbyeFlood):
    """WD102."""

    code = "WD102"
    slug = "disassoc_flood"
    title = "Disassociation flood"
    kinds = (DISASSOC,)
    what = "disassociations"
