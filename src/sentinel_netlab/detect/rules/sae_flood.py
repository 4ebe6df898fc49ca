"""
SAE commit flood against one access point.

Trigger:
    More than *threshold_frames* SAE commits from more than *threshold_sources* senders
    to one BSSID inside *window_s*; or more than *threshold_tokens* answers "token
    required" (status 76) of one BSSID inside *window_s*.

Source:
    IEEE Std 802.11-2020, 12.4.6 (anti-clogging), 12.4.7.4, table 9-50 (status 76);
    Vanhoef and Ronen, "Dragonblood", IEEE S&P 2020, section 6 (CVE-2019-9494 ff.).

Units:
    Frames and distinct transmitter addresses per window of capture time.

Threshold:
    20 commits from 10 senders, or 5 token requests, in 5 s.  No benign
    capture holds commits of two senders within 5 s; the weakest attack reaches 181
    commits (a18_sae_flood).

False positives:
    Many clients right after an access point starts commit once each; the access point
    itself asks for tokens when it has more than a handful open.

Blind spots:
    A flood by one address (the access point answers it once); SAE over the wire of a
    distribution system.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sentinel_netlab.core.addresses import format_mac
from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.core.frames import Frames
from sentinel_netlab.core.kinds import AUTH
from sentinel_netlab.core.policy import Policy
from sentinel_netlab.detect.detector import Detector
from sentinel_netlab.detect.params import param
from sentinel_netlab.detect.sightings import Case, Sighting, Verdict
from sentinel_netlab.detect.sources import from_run
from sentinel_netlab.detect.windows import Limit, RateWindow

SAE, COMMIT = 3, 1  # IEEE Std 802.11-2020, 9.4.1.1, 12.4.7.3
TOKEN_REQUIRED = 76  # table 9-50


@dataclass(frozen=True, slots=True)
class SaeFloodParams:
    """Thresholds of WD113."""

    window_s: float = param(5.0, "s", "Length of the window.", least=0.1, most=600)
    threshold_frames: int = param(
        20, "frames", "More commits in the window are needed.", least=1
    )
    threshold_sources: int = param(10, "senders", "And more distinct senders.", least=1)
    threshold_tokens: int = param(
        5, "frames", "More token requests raise an alert by themselves.", least=1
    )


class SaeFlood(Detector):
    """WD113."""

    code = "WD113"
    slug = "sae_flood"
    title = "SAE commit flood"
    severity = Severity.MEDIUM
    attack = "T1499.002"
    kinds = (AUTH,)
    key_names = ("bssid", "told_by")
    Params = SaeFloodParams

    def __init__(
        self, params: SaeFloodParams | None = None, policy: Policy | None = None
    ) -> None:
        super().__init__(params, policy)
        asked = self.params
        self._commits = RateWindow(
            (
                Limit(asked.window_s, asked.threshold_frames),
                Limit(asked.window_s, asked.threshold_sources, distinct=True),
            ),
            quiet_s=self.quiet_s,
            every=True,
        )
        self._tokens = RateWindow(
            (Limit(asked.window_s, asked.threshold_tokens),), quiet_s=self.quiet_s
        )

    def inspect(self, frames: Frames) -> Iterator[Sighting]:
        """A sighting per access point that gets, or fends off, too many commits."""
        rows = frames.rows(AUTH)
        rows = rows[frames.auth_algorithm[rows] == SAE]
        to_ap = frames.receiver[rows] == frames.bssid[rows]
        commit = frames.auth_transaction[rows] == COMMIT
        asked = rows[to_ap & commit]
        yield from self._sightings(
            frames,
            self._commits,
            asked,
            "commits",
            ("peak_frames", "peak_sources"),
        )
        tokens = rows[~to_ap & (frames.status[rows] == TOKEN_REQUIRED)]
        yield from self._sightings(
            frames, self._tokens, tokens, "tokens", ("peak_tokens",)
        )

    def judge(self, case: Case) -> Verdict:
        """Medium: it costs the access point computing time and new clients entry."""
        bssid = format_mac(int(case.key[0]))
        if case.key[1] == "tokens":
            tokens = int(case.evidence["peak_tokens"])
            return Verdict(
                self.severity,
                min(0.9, 0.6 + tokens / 100),
                f"Access point {bssid} fends off a flood of SAE commits: up to "
                f"{tokens} token requests in {self.params.window_s:g} s.",
            )
        frames = int(case.evidence["peak_frames"])
        sources = int(case.evidence["peak_sources"])
        return Verdict(
            self.severity,
            min(0.97, 0.6 + frames / 300),
            f"Access point {bssid} is flooded with SAE commits: up to {frames} from "
            f"{sources} senders in {self.params.window_s:g} s.",
        )

    def _sightings(
        self,
        frames: Frames,
        window: RateWindow,
        rows: np.ndarray,
        told_by: str,
        names: tuple[str, ...],
    ) -> Iterator[Sighting]:
        facts = {
            "window_s": self.params.window_s,
            "threshold_frames": self.params.threshold_frames,
            "threshold_sources": self.params.threshold_sources,
            "threshold_tokens": self.params.threshold_tokens,
        }
        keys = (frames.bssid[rows],)
        for run in window.push(frames, rows, keys, frames.transmitter[rows]):
            yield from_run(
                frames,
                run,
                key=(*run.key, told_by),
                facts=facts,
                peaks=dict(zip(names, run.counts, strict=True)),
            )
