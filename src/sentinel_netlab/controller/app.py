"""
The application: the routes, and around them what every request passes.

From the outside: access log, client, TLS gate, readiness gate, limits, routes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Controller, Litestar, Response, Router
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig

from sentinel_netlab import __version__
from sentinel_netlab.controller.access_log import AccessLog
from sentinel_netlab.controller.asgi import App
from sentinel_netlab.controller.auth import guard
from sentinel_netlab.controller.document import DocumentPlugin
from sentinel_netlab.controller.gate import (
    ClientResolver,
    HeadOfHealth,
    Limits,
    ReadinessGate,
    RequestLimits,
    TlsGate,
)
from sentinel_netlab.controller.problems import (
    Problem,
    on_failure,
    on_problem,
    on_refusal,
)
from sentinel_netlab.controller.services import Services

Routes = Sequence[type[Controller] | Router]


def make_app(services: Services, routes: Routes, limits: Limits | None = None) -> App:
    """
    The whole ASGI application.

    Args:
        services: what the routes work with.
        routes: controllers and routers of the framework; `controller.routes.ROUTES`.
        limits: of every request.
    """
    limits = limits or Limits()
    app: App = make_router(services, routes, limits)  # type: ignore[assignment]  # its scopes are TypedDicts
    app = HeadOfHealth(app)
    app = RequestLimits(app, limits)
    app = ReadinessGate(app, services.readiness)
    app = TlsGate(app, required=services.settings.require_tls)
    app = ClientResolver(app, services.settings.trusted_proxies, services.metrics)
    return AccessLog(app, services.log, services.metrics, services.life)


def make_router(
    services: Services, routes: Routes, limits: Limits | None = None
) -> Litestar:
    """The routes alone, as the framework's application: to walk, to document."""
    return Litestar(
        # one router: it lets two controllers share a path
        route_handlers=[Router("/", route_handlers=list(routes))],
        guards=[guard],
        state=State({"services": services}, deep_copy=False),
        openapi_config=_openapi(),
        exception_handlers={
            Problem: on_problem,
            HTTPException: on_refusal,
            Exception: on_failure,
        },
        request_max_body_size=(limits or Limits()).json_bytes,
        logging_config=None,
        debug=False,
    )


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Sentinel NetLab",
        version=__version__,
        openapi_router=Router(
            "/schema",
            route_handlers=[],
            opt={"role": "viewer", "sites": True},
            after_request=_no_page,
            include_in_schema=False,
        ),
        render_plugins=[DocumentPlugin(path=["/openapi.json", "/"])],
        use_handler_docstrings=True,
    )


def _no_page(response: Response[Any]) -> Response[Any]:
    """The framework answers unknown paths below /schema with a page of its own."""
    if response.status_code == 404:
        raise Problem(404, "not_found")
    return response
