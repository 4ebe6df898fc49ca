"""
Deauthentication flood against one receiver.

Trigger:
    More than *threshold_frames* deauthentications of one BSSID to one receiver address
    (or to broadcast) inside *window_s*, or more than *long_threshold_frames* inside
    *long_window_s*.  A retransmission counts once.

Source:
    IEEE Std 802.11-2020, 9.3.3.12 and 9.4.1.7; Kismet's ``DEAUTHFLOOD``.

Units:
    Frames on the air per second of capture time.

Threshold:
    10 frames in 1 s, 29 in 10 s.  The busiest benign captures peak at 2 in 1 s and 2 in
    10 s (hsngccu 5.SAE_AF_00043); the weakest attack reaches 21 in 1 s (hsngccu
    2.Deauth_00056).

False positives:
    An access point that shuts down or steers clients says goodbye to each of them:
    many receivers, few frames each.  It also answers invented stations so.  Both stay
    below the rate because each receiver is counted apart.

Blind spots:
    One frame every few seconds stays below the rate and still disconnects.  A frame
    repeated with the Retry bit and one sequence number counts once, but a receiver
    discards such repetitions too.  Nothing is heard while the radio is on another
    channel; with management frame protection the reason code is encrypted, the frame
    still counts.
"""

from __future__ import annotations

from sentinel_netlab.core.kinds import DEAUTH
from sentinel_netlab.detect.rules._disconnects import GoodbyeFlood


class DeauthFlood(GoodbyeFlood):
    """WD101."""

    code = "WD101"
    slug = "deauth_flood"
    title = "Deauthentication flood"
    kinds = (DEAUTH,)
    what = "deauthentications"
