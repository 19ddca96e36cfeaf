"""The route of a request, where the application's framework says which one it has found."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def route_of(scope: Mapping[str, Any], root_path: str) -> str | None:
    """Return the route of a request, such as ``/pets/{id}``, or None if it is not known.

    Starlette, FastAPI and Litestar leave it in the scope.

    Args:
        scope: The scope, after the application has begun its response.
        root_path: The path that the application is published at: the scope's own may have mounts in
            it.
    """
    template = scope.get("path_template")
    if isinstance(template, str) and template:
        return template
    route = scope.get("route")
    template = getattr(route, "path_format", None) or getattr(route, "path", None)
    if not isinstance(template, str):
        return None
    values = scope.get("path_params") or {}
    try:
        own_path = template.format_map(values)
    except (AttributeError, LookupError, TypeError, ValueError):  # a mount, or no template
        return template
    path = scope["path"].removeprefix(root_path)
    if not path.endswith(own_path):
        return template
    # The route of a router is without the prefix that the router is included or mounted with.
    names = {f"/{value}": f"/{{{name}}}" for name, value in values.items()}
    prefix = path.removesuffix(own_path).split("/")[1:]
    return "".join([names.get(f"/{part}", f"/{part}") for part in prefix]) + template
