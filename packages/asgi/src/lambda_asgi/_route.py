"""The route of a request, where the application's framework says which one it has found."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any


def route_finder(scope: Mapping[str, Any], path: str) -> Callable[[], str | None]:
    """Return what finds the route of a request: one such as ``/pets/{id}``, or None.

    Starlette, FastAPI and Litestar leave it in the scope. Few ask for it.

    Args:
        scope: The scope, after the application has begun its response.
        path: The path of the request, below the one that the application is published at.
    """
    get = scope.get
    # Without the scope: it holds the context, which is to hold the function.
    template, route, values = get("path_template"), get("route"), get("path_params")
    return lambda: _route(template, route, values or {}, path)


def _route(template: Any, route: Any, values: Any, path: str) -> str | None:
    if isinstance(template, str) and template:
        return template
    template = getattr(route, "path_format", None) or getattr(route, "path", None)
    if not isinstance(template, str):
        return None
    try:
        own_path = template.format_map(values)
    except (AttributeError, LookupError, TypeError, ValueError):  # a mount, or no template
        return template
    if not path.endswith(own_path):
        return template
    # The route of a router is without the prefix that the router is included or mounted with.
    names = {f"/{value}": f"/{{{name}}}" for name, value in values.items()}
    prefix = path.removesuffix(own_path).split("/")[1:]
    return "".join([names.get(f"/{part}", f"/{part}") for part in prefix]) + template
