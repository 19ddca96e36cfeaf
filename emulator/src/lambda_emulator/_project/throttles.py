"""The limits of routes and methods, as the stages of APIs have them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from lambda_emulator._project.description import Route, Throttle
from lambda_emulator._project.stack import Resource
from lambda_emulator._project.template_file import number_of, text_of

_DEFAULT = "*"  # the key of the limits of all other routes


def read_throttle(table: Any) -> Throttle | None:
    """Return a limit; None if there is none.

    Args:
        table: As a usage plan or the settings of a stage have it.
    """
    if not isinstance(table, Mapping):
        return None
    names = {key.removeprefix("Throttling"): number_of(value) for key, value in table.items()}
    rate, burst = names.get("RateLimit"), names.get("BurstLimit")
    if (rate is None and burst is None) or (rate or 0) < 0 or (burst or 0) < 0:
        return None  # a negative limit turns it off
    default = Throttle()
    return Throttle(
        rate=default.rate if rate is None else rate,
        burst=default.burst if burst is None else int(burst),
    )


def with_throttles(stage: Resource | None, routes: Iterable[Route]) -> list[Route]:
    """Return routes with the limits that a stage gives them.

    Args:
        stage: The stage of an API of any kind, or None.
        routes: The routes of the API.
    """
    limits = {} if stage is None else {**_of_methods(stage), **_of_routes(stage)}
    return [replace(route, throttle=_limit(limits, route)) for route in routes]


def _limit(limits: Mapping[str, Throttle | None], route: Route) -> Throttle | None:
    own = f"{route.method} {route.path}".strip()
    keys = (own, f"* {route.path}", _DEFAULT)
    return next((limits[key] for key in keys if key in limits), None)


def _of_methods(stage: Resource) -> dict[str, Throttle | None]:
    """Return the limits of a stage of a REST API, by keys such as ``GET /orders`` or ``*``."""
    limits: dict[str, Throttle | None] = {}
    for each in stage.tables("MethodSettings"):
        if not _has_limit(each):
            continue
        path = text_of(each.get("ResourcePath", "")).removeprefix("/").replace("~1", "/")
        method = text_of(each.get("HttpMethod", "*")).upper()
        key = _DEFAULT if path == "*" else f"{method} /{path.removeprefix('/')}"
        limits[key] = read_throttle(each)
    return limits


def _of_routes(stage: Resource) -> dict[str, Throttle | None]:
    """Return the limits of a stage of an HTTP or a WebSocket API, by the keys of its routes."""
    default = stage.table("DefaultRouteSettings")
    limits = {_DEFAULT: read_throttle(default)} if _has_limit(default) else {}
    for key, table in stage.table("RouteSettings").items():
        if isinstance(table, Mapping) and _has_limit(table):
            limits[key] = read_throttle(table)
    return limits


def _has_limit(table: Mapping[str, Any]) -> bool:
    return "ThrottlingRateLimit" in table or "ThrottlingBurstLimit" in table
