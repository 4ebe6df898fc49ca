"""
The OpenAPI document: what the framework knows of the routes, and what it does not: who
may, and the one shape of all refusals.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import msgspec
from litestar import Litestar, Request
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.routes import HTTPRoute

from sentinel_netlab.controller.asgi import HEALTH_PATHS
from sentinel_netlab.controller.auth.guard import needed_role
from sentinel_netlab.controller.problems import MEDIA_TYPE, ProblemDocument
from sentinel_netlab.core.roles import ROLES

ROLE = "x-role"
"""The field of an operation that says who may."""
BEARER, SIGNATURE = "token", "signature"
_SCHEMES = {
    BEARER: {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "snl_api_<id>_<secret>_<crc>",
    },
    SIGNATURE: {
        "type": "apiKey",
        "in": "header",
        "name": "Signature",
        "description": "RFC 9421, hmac-sha256, with the key of a sensor.",
    },
}
_REFUSALS = {
    "400": "The request does not fit.",
    "401": "Nobody we know.",
    "403": "Not theirs to do.",
    "404": "There is no such thing, or it is not theirs to see.",
    "429": "Too often, or too much waits: come again after Retry-After.",
    "503": "Not ready: come again after Retry-After.",
    "default": "Any other refusal, in the same shape.",
}
_COMPONENTS = "#/components/schemas/{name}"


class DocumentPlugin(JsonRenderPlugin):
    """Serves `describe` of its application."""

    _made: bytes | None = None

    def render(
        self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]
    ) -> bytes:
        """The document as JSON; made once."""
        if self._made is None:
            self._made = self.render_json(request, describe(request.app))
        return self._made


def describe(app: Litestar) -> dict[str, Any]:
    """The whole document of *app*."""
    document = deepcopy(app.openapi_schema.to_schema())
    for method, path, handler in operations(app):
        operation = document["paths"].get(path, {}).get(method.lower())
        if operation is not None:
            _complete(operation, path, needed_role(handler))
    components = document.setdefault("components", {})
    components["securitySchemes"] = _SCHEMES
    schemas = components.setdefault("schemas", {})
    # The framework takes constraints of fields and the items of pages for nothing.
    _, ours = msgspec.json.schema_components(_structs(app), ref_template=_COMPONENTS)
    return document | {"components": components | {"schemas": schemas | ours}}


def _structs(app: Litestar) -> list[type[msgspec.Struct]]:
    """What bodies of requests and answers hold."""
    found: dict[type[msgspec.Struct], None] = {ProblemDocument: None}
    for _, _, handler in operations(app):
        signature = handler.parsed_fn_signature
        fields = [signature.return_type, *signature.return_type.inner_types]
        if "data" in signature.parameters:
            fields.append(signature.parameters["data"])
        for field in fields:
            kind = field.annotation
            if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
                found[kind] = None
    return list(found)


def operations(app: Litestar) -> list[tuple[str, str, HTTPRouteHandler]]:
    """Method, path and handler of every route, but for the framework's OPTIONS."""
    return sorted(
        (
            (method, route.path_format, handler)
            for route in app.routes
            if isinstance(route, HTTPRoute)
            for method, (handler, _) in route.route_handler_map.items()
            if method != "OPTIONS"
        ),
        key=lambda found: (found[1], found[0]),
    )


def _complete(operation: dict[str, Any], path: str, role: str | None) -> None:
    operation[ROLE] = role
    operation["security"] = [{BEARER: []}] if role in ROLES else []
    if role == "sensor":
        operation["security"] = [{SIGNATURE: []}]
    answers = operation["responses"]
    for good in answers.values():
        for media_type, content in good.get("content", {}).items():
            if media_type not in {"application/json", MEDIA_TYPE}:
                content["schema"] = {"type": "string"}  # bytes as they are
    for status in _statuses(operation, path, role):
        answers[status] = {
            "description": _REFUSALS[status],
            "content": {
                MEDIA_TYPE: {"schema": {"$ref": _COMPONENTS.format(name=_PROBLEM)}}
            },
        }


_PROBLEM = ProblemDocument.__name__


def _statuses(operation: dict[str, Any], path: str, role: str | None) -> list[str]:
    """What may be answered besides success."""
    if path in HEALTH_PATHS:
        return ["503"] if path == "/readyz" else []
    takes = operation.get("parameters") or operation.get("requestBody")
    found = ["400"] if takes or role == "sensor" else []
    found += ["401"] if role in ROLES or role == "sensor" else []
    found += ["403"]
    found += ["404"] if "{" in path else []
    return [*found, "429", "503", "default"]
