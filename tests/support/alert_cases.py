"""
Series that an installation may show, with the alerts that fire then, and no others.

In promtool's notation a sample each 15 s: ``1x8`` eight more of 1, ``0+2x8`` rising.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

BATCHES = 'http_requests_total{job="controller",instance="c1",method="POST",'
BATCHES += 'route="/api/v1/telemetry",status="%s"}'
ASKED = 'http_requests_total{job="controller",instance="c1",method="GET",'
ASKED += 'route="/api/v1/alerts",status="%s"}'
TOOK = 'http_request_duration_seconds_bucket{job="controller",instance="c1",'
TOOK += 'method="%s",route="%s",le="%s"}'
JOBS = 'jobs_total{job="worker",instance="w1",result="%s"}'
CODE = 'not_ready_total{job="controller",instance="c1",code="%s"}'
LAG = 'ingest_lag_seconds_bucket{job="worker",instance="w1",le="%s"}'
NOTICES = 'notices_total{job="worker",instance="w1",channel="webhook",result="%s"}'
UP = {
    job: f'up{{job="{job}",instance="{job[0]}1"}}' for job in ("controller", "worker")
}
READY = {job: name.replace("up", "ready", 1) for job, name in UP.items()}
FIRING = 'count by (alertname) (ALERTS{alertstate="firing"}) > bool 0'
CONTROLLER = '{job="controller",instance="c1"}'
WORKER = '{job="worker",instance="w1"}'
WELL = {
    **dict.fromkeys([*UP.values(), *READY.values()], "1x400"),
    BATCHES % 202: "0+15x400",
    ASKED % 200: "0+15x400",
    JOBS % "done": "0+15x400",
    f"process_start_time_seconds{CONTROLLER}": "1000x400",
    f"process_open_fds{CONTROLLER}": "50x400",
    f"process_max_fds{CONTROLLER}": "1024x400",
    f"schema_foreign_objects{CONTROLLER}": "0x400",
    f"queue_depth{WORKER}": "3x400",
    f"queue_dead{WORKER}": "0x400",
    f"queue_oldest_age_seconds{WORKER}": "1x400",
    f"proxy_malformed_total{CONTROLLER}": "0x400",
    CODE % "starting": "1x400",
    NOTICES % "sent": "0+1x400",
    TOOK % ("POST", "/api/v1/telemetry", "0.05"): "0+15x400",
    TOOK % ("POST", "/api/v1/telemetry", "+Inf"): "0+15x400",
    TOOK % ("GET", "/api/v1/alerts", "0.05"): "0+15x400",
    TOOK % ("GET", "/api/v1/alerts", "+Inf"): "0+15x400",
    LAG % "0.5": "0+15x400",
    LAG % "+Inf": "0+15x400",
}


@dataclass(frozen=True)
class Case:
    """
    What an installation shows.

    Attributes:
        what: happened.
        fires: all alerts that fire an hour after the beginning.
        series: other than those of `WELL`.
    """

    what: str
    fires: frozenset[str]
    series: dict[str, str] = field(default_factory=dict)

    def as_promtool(self) -> dict[str, Any]:
        """The case as promtool reads it."""
        shown = {**WELL, **self.series}
        return {
            "name": self.what,
            "interval": "15s",
            "input_series": [
                {"series": name, "values": values} for name, values in shown.items()
            ],
            "promql_expr_test": [
                {
                    "expr": FIRING,
                    "eval_time": "60m",
                    "exp_samples": [
                        {"labels": f'{{alertname="{one}"}}', "value": 1}
                        for one in sorted(self.fires)
                    ],
                }
            ],
        }


def case(what: str, *fires: str, **series: str) -> Case:
    """A case; *series* by the name of what they change."""
    changed = {CHANGED[name]: values for name, values in series.items()}
    return Case(what, frozenset(fires), changed)


CHANGED = {
    "controller": UP["controller"],
    "worker": UP["worker"],
    "controller_ready": READY["controller"],
    "worker_ready": READY["worker"],
    "second": 'up{job="controller",instance="c2"}',
    "second_ready": 'ready{job="controller",instance="c2"}',
    "started": f"process_start_time_seconds{CONTROLLER}",
    "fds": f"process_open_fds{CONTROLLER}",
    "drift": CODE % "schema_drift",
    "unreachable": CODE % "db_unreachable",
    "full": CODE % "disk_full",
    "foreign": f"schema_foreign_objects{CONTROLLER}",
    "taken": BATCHES % 202,
    "refused": BATCHES % 401,
    "turned_away": BATCHES % 429,
    "broken": BATCHES % 500,
    "answered": ASKED % 200,
    "unavailable": ASKED % 503,
    "probes": (ASKED % 503).replace("/api/v1/alerts", "/readyz"),
    "fast_batches": TOOK % ("POST", "/api/v1/telemetry", "0.05"),
    "slow_batches": TOOK % ("POST", "/api/v1/telemetry", "5.0"),
    "fast_answers": TOOK % ("GET", "/api/v1/alerts", "0.05"),
    "slow_answers": TOOK % ("GET", "/api/v1/alerts", "5.0"),
    "long_streams": TOOK % ("GET", "/api/v1/events", "+Inf"),
    "age": f"queue_oldest_age_seconds{WORKER}",
    "depth": f"queue_depth{WORKER}",
    "dead": f"queue_dead{WORKER}",
    "done": JOBS % "done",
    "retried": JOBS % "retry",
    "lost": JOBS % "lost",
    "early": LAG % "0.5",
    "late": LAG % "300.0",
    "told": NOTICES % "sent",
    "untold": NOTICES % "failed",
    "let_in": f'authentications_total{CONTROLLER[:-1]},result="success"}}',
    "kept_out": f'authentications_total{CONTROLLER[:-1]},result="token_invalid"}}',
    "malformed": f"proxy_malformed_total{CONTROLLER}",
}  # fmt: skip

CASES = [
    case("All is well"),
    case("The controller is gone from the network", "NoController",
         controller="1x20 _x300"),
    case("The controller does not answer", "NoController", "InstanceDown",
         controller="1x20 0x300"),
    case("One of two controllers does not answer", "InstanceDown", second="0x400"),
    case("The worker is gone", "NoWorker", worker="1x20 _x300"),
    case("The controller begins again and again", "InstanceRestarts",
         started="1000x200 1001 1002 1003 1004x300"),
    case("Files are left open", "FileDescriptorsRunOut", fds="900x400"),
    case("No worker is ready", "NobodyReady", "InstanceNotReady", worker_ready="0x400"),
    case("One of two controllers is not ready", "InstanceNotReady", second="1x400",
         second_ready="0x400"),
    case("Somebody changed the schema", "SchemaNotAsExpected", "NobodyReady",
         controller_ready="1x230 0x100", drift="_x230 1x100"),
    case("The database was away and is back", unreachable="2x400"),
    case("The database is away", "DatabaseUnreachable", "NobodyReady",
         controller_ready="1x230 0x100", unreachable="_x230 1x100"),
    case("The disk is full", "DiskFull", "NobodyReady",
         controller_ready="1x230 0x100", full="_x230 1x100"),
    case("Ready and not, in turn", "ReadinessFlaps",
         controller_ready="1x200 0 1 0 1 0 1 0 1x200"),
    case("A stranger's table", "ForeignObjects", foreign="1x400"),
    case("The sensors fell silent", "NoBatches", taken="0+15x140 2100x260"),
    case("There never was a sensor", taken="0x400"),
    case("A wrong key", "BatchesRefused", refused="0+3x400"),
    case("No room for batches", "BatchesTurnedAway", turned_away="0+3x400"),
    case("Batches are slowly taken", "IntakeSlow",
         fast_batches="0x400", slow_batches="0+15x400"),
    case("A first mistake of the program", "ErrorsInside", broken="_x220 1x180"),
    case("A mistake of long ago", broken="_x20 1x380"),
    case("Requests fail", "RequestsFail", unavailable="0+5x400"),
    case("Only the probe is told so", probes="0+50x400"),
    case("Questions take long", "PeopleWait",
         fast_answers="0x400", slow_answers="0+15x400"),
    case("Streams stay open", long_streams="0+15x400"),
    case("The queue is behind", "QueueOld", age="300x400"),
    case("The queue is far behind", "QueueOld", "QueueVeryOld", age="1000x400"),
    case("The queue is long", "QueueLong", depth="20000x400"),
    case("No job is finished", "NothingStored", done="15x400"),
    case("Batches are stored late", "StoredLate", early="0x400", late="0+15x400"),
    case("A batch is buried", "JobsBuried", dead="1x400"),
    case("Jobs fail", "JobsFail", retried="0+3x400"),
    case("Jobs outlive their leases", "LeasesLost", lost="0+0.1x400"),
    case("A webhook is away", "NoticesFail", told="0x400", untold="0+1x400"),
    case("Somebody tries tokens", "ManyRefusedTokens", kept_out="0+60x400"),
    case("People come with tokens", let_in="0+60x400"),
    case("The proxy passes on nonsense", "ForwardingHeadersMalformed",
         malformed="0+1x400"),
]  # fmt: skip
