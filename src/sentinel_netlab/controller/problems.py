"""
Refusals and failures, in the one shape of RFC 9457 that every answer has.

    {"type": "about:blank", "title": …, "status": …, "code": …, "request_id": …}

Callers decide by `status` and `code`; `title` and `detail` are for people.  No host,
statement, version or stack ever stands in one: those go to the log, with the id.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from structlog.typing import FilteringBoundLogger

from sentinel_netlab.controller.asgi import Scope, Send, state_of
from sentinel_netlab.store.outages import Outage, error_text, outage_of

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 5
_MAX_DETAIL_CHARS = 500
_MAX_FIELDS = 5
_UNDEFINED = {"42P01", "42703"}  # table, column
_OUTAGES = {
    Outage.UNREACHABLE: "Database Unreachable",
    Outage.READ_ONLY: "Database Read Only",
    Outage.DISK_FULL: "Disk Full",
}
_CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    408: "request_timeout",
    409: "conflict",
    411: "length_required",
    413: "content_too_large",
    415: "unsupported_media_type",
    422: "unprocessable_content",
    429: "too_many_requests",
    431: "headers_too_large",
    500: "internal_error",
    503: "unavailable",
}


class Problem(Exception):  # noqa: N818  # the name of RFC 9457
    """
    An answer that is not the one asked for.

    Attributes:
        status: HTTP status.
        code: what clients decide by, `snake_case`.
        title: a few words, the same for every occurrence.
        detail: what is wrong with this request, or None.
        headers: more headers of the answer, as `Retry-After`.
    """

    def __init__(
        self,
        status: int,
        code: str,
        title: str | None = None,
        detail: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.title = title or HTTPStatus(status).phrase
        self.detail = detail
        self.headers = dict(headers or {})


class ProblemDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What the body of a problem holds."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    request_id: str
    detail: str | msgspec.UnsetType = msgspec.UNSET


def unavailable(code: str, title: str) -> Problem:
    """503, to be tried again."""
    return Problem(503, code, title, headers={"retry-after": str(RETRY_AFTER_S)})


def body_of(problem: Problem, request_id: str) -> bytes:
    """The document as JSON."""
    return msgspec.json.encode(
        ProblemDocument(
            title=problem.title,
            status=problem.status,
            code=problem.code,
            request_id=request_id,
            detail=problem.detail or msgspec.UNSET,
        )
    )


async def send_problem(problem: Problem, scope: Scope, send: Send) -> None:
    """Answer with a problem from a plain ASGI middleware."""
    body = body_of(problem, state_of(scope).get("request_id", ""))
    headers = {"content-type": MEDIA_TYPE, "content-length": str(len(body))}
    pairs = (headers | problem.headers).items()
    await send(
        {
            "type": "http.response.start",
            "status": problem.status,
            "headers": [(name.encode(), value.encode()) for name, value in pairs],
        }
    )
    sent = b"" if scope.get("method") == "HEAD" else body
    await send({"type": "http.response.body", "body": sent})


def from_framework(error: HTTPException) -> Problem:
    """What the framework refuses: no route, no method, a value that does not fit."""
    status = error.status_code
    code = _CODES.get(status, "refused" if status < 500 else "internal_error")
    if status >= 500:
        return Problem(status if status in _CODES else 500, code)
    if isinstance(error, ValidationException):
        return Problem(status, "invalid", "Invalid Request", _fields(error.extra))
    detail = error.detail if status == 400 else None
    phrase = HTTPStatus(status).phrase
    detail = None if detail == phrase else detail
    return Problem(status, code, phrase, _cut(detail), error.headers)


def from_database(error: BaseException) -> Problem | None:
    """What a database that is away or busy means; None: it is a fault of ours."""
    if isinstance(error, PoolTimeoutError):
        return unavailable("database_busy", "Database Busy")
    outage = outage_of(error)
    if outage is not None:
        return unavailable(outage.value, _OUTAGES[outage])
    if not isinstance(error, DBAPIError):
        return None
    if _says_undefined(error):
        return unavailable("schema_drift", "Schema Drift")
    if type(error).__name__ in {"OperationalError", "InterfaceError"}:
        return unavailable("database_busy", "Database Busy")
    return None


def _says_undefined(error: DBAPIError) -> bool:
    """Whether a table or column was taken away since readiness looked."""
    state = getattr(error.orig, "sqlstate", None)
    # SQLite has no code for it.
    return state in _UNDEFINED or "no such " in str(error.orig)


def on_problem(request: Request, error: Problem) -> Response[bytes]:  # type: ignore[type-arg]  # any user
    """Litestar's handler of our own refusals."""
    return _response(request, error)


def on_refusal(request: Request, error: HTTPException) -> Response[bytes]:  # type: ignore[type-arg]  # any user
    """Litestar's handler of its refusals."""
    if error.status_code >= 500:
        services = request.app.state.services
        tell_failure(services.log, "Request Failed", error, request_id=_id_of(request))
    return _response(request, from_framework(error))


def on_failure(request: Request, error: Exception) -> Response[bytes]:  # type: ignore[type-arg]  # any user
    """Litestar's handler of everything else: logged with the request id."""
    if isinstance(error, RecursionError):  # nothing nests here but JSON from outside
        detail = "nested too deeply"
        return _response(request, Problem(400, "invalid", "Invalid Request", detail))
    problem = from_database(error)
    services = request.app.state.services
    tell_failure(services.log, "Request Failed", error, request_id=_id_of(request))
    return _response(request, problem or Problem(500, "internal_error"))


def _response(request: Request, problem: Problem) -> Response[bytes]:  # type: ignore[type-arg]  # any user
    return Response(
        body_of(problem, _id_of(request)),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers=problem.headers,
    )


def tell_failure(
    log: FilteringBoundLogger, event: str, error: BaseException, **facts: str
) -> None:
    """One line of what the database will get over; of a fault of ours, where it was."""
    problem = from_database(error)
    if problem is None:
        log.error(event, **facts, exc_info=error)
    else:
        log.warning(event, **facts, code=problem.code, error=error_text(error))


def _id_of(request: Request) -> str:  # type: ignore[type-arg]  # any user
    return str(request.scope.get("state", {}).get("request_id", ""))


def _fields(extra: object) -> str | None:
    """The fields that do not fit and why; never what was sent."""
    if not isinstance(extra, list):
        return None
    found = [item for item in extra if isinstance(item, dict)][:_MAX_FIELDS]
    parts = [f"{item.get('key', 'body')}: {item.get('message', '')}" for item in found]
    return _cut("; ".join(parts)) if parts else None


def _cut(text: str | None) -> str | None:
    return text[:_MAX_DETAIL_CHARS] if text else None
