"""Refusals of one shape, that say nothing of inside."""

from __future__ import annotations

import asyncio
import json

import psycopg
import pytest
import sqlalchemy as sa
from litestar.exceptions import HTTPException, ValidationException
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from tests.support.asgi import Exchange, http_scope

from sentinel_netlab.controller.problems import (
    Problem,
    body_of,
    from_database,
    from_framework,
    send_problem,
    unavailable,
)


def test_the_document():
    """The members of RFC 9457, a code to decide by, an id to ask with."""
    body = body_of(Problem(422, "a_code", "A Title", "this field"), "0a")

    assert json.loads(body) == {
        "type": "about:blank",
        "title": "A Title",
        "status": 422,
        "code": "a_code",
        "detail": "this field",
        "request_id": "0a",
    }


def test_without_title_and_detail():
    """The title is that of the status; a detail is not made up."""
    document = json.loads(body_of(Problem(404, "not_found"), ""))

    assert document["title"] == "Not Found"
    assert "detail" not in document


def test_from_a_middleware():
    """Headers of the problem are those of the answer."""
    done = Exchange()
    asyncio.run(send_problem(unavailable("x", "X"), http_scope(), done.send))

    assert done.status == 503
    assert done.headers["retry-after"] == "5"
    assert int(done.headers["content-length"]) == len(done.body)


class TestFramework:
    @pytest.mark.parametrize(
        ("status", "code"),
        [
            *((400, "bad_request"), (401, "unauthorized"), (404, "not_found")),
            *((405, "method_not_allowed"), (413, "content_too_large")),
            *((418, "refused"), (500, "internal_error"), (502, "internal_error")),
        ],
    )
    def test_codes(self, status, code):
        """Known ones by name, the others by who is at fault."""
        assert from_framework(HTTPException(status_code=status)).code == code

    def test_a_fault_has_no_detail(self):
        """It may hold anything."""
        error = HTTPException("postgresql://u:p@db/x", status_code=500)

        assert from_framework(error).detail is None

    def test_fields_are_named_and_values_are_not(self):
        """Where it does not fit and why."""
        extra = [{"key": "limit", "message": "Expected int <= 500", "source": "query"}]
        problem = from_framework(ValidationException("query=SECRET", extra=extra))

        assert (problem.status, problem.code) == (400, "invalid")
        assert problem.detail == "limit: Expected int <= 500"

    @pytest.mark.parametrize("extra", [None, {}, [], ["x"], [1]])
    def test_odd_extras_are_no_fault(self, extra):
        """There is no detail then."""
        problem = from_framework(ValidationException("x", extra=extra))

        assert problem.detail is None

    def test_details_are_short(self):
        """A hundred wrong fields are not all told."""
        extra = [{"key": "k" * 200, "message": "m"}] * 100
        problem = from_framework(ValidationException("x", extra=extra))

        assert len(problem.detail) == 500


def of_postgresql(error: psycopg.Error, **options) -> DBAPIError:
    """What SQLAlchemy makes of the driver's error."""
    return DBAPIError.instance(
        "SELECT 1",
        {},
        error,
        psycopg.Error,
        dialect=sa.make_url("sqlite://").get_dialect()(),
        **options,
    )


class TestDatabase:
    @pytest.mark.parametrize(
        ("error", "code"),
        [
            (PoolTimeoutError(), "database_busy"),
            (of_postgresql(psycopg.errors.QueryCanceled("x")), "database_busy"),
            (of_postgresql(psycopg.errors.DeadlockDetected("x")), "database_busy"),
            (of_postgresql(psycopg.errors.DiskFull("x")), "disk_full"),
            (of_postgresql(psycopg.errors.ReadOnlySqlTransaction("x")), "db_read_only"),
            (of_postgresql(psycopg.errors.AdminShutdown("x")), "db_unreachable"),
            (psycopg.OperationalError("the connection is closed"), "db_unreachable"),
            (of_postgresql(psycopg.InterfaceError("x")), "database_busy"),
            (
                of_postgresql(
                    psycopg.OperationalError("x"), connection_invalidated=True
                ),
                "db_unreachable",
            ),
            (of_postgresql(psycopg.errors.UndefinedTable("x")), "schema_drift"),
            (of_postgresql(psycopg.errors.UndefinedColumn("x")), "schema_drift"),
            (
                OperationalError("x", {}, Exception("no such table: telemetry")),
                "schema_drift",
            ),
            (
                OperationalError("x", {}, Exception("database is locked")),
                "database_busy",
            ),
        ],
        ids=repr,
    )
    def test_what_passes_is_tried_again(self, error, code):
        """503 with Retry-After."""
        problem = from_database(error)

        assert (problem.status, problem.code) == (503, code)
        assert "retry-after" in problem.headers

    @pytest.mark.parametrize(
        "error",
        [
            ValueError("x"),
            of_postgresql(psycopg.errors.NotNullViolation("x")),
            ProgrammingError("x", {}, Exception("syntax")),
        ],
        ids=repr,
    )
    def test_what_does_not_pass_is_our_fault(self, error):
        """It is a 500, and somebody looks."""
        assert from_database(error) is None
