"""Mounts: where in the path of a request the application begins.

A stage of API Gateway and the mapping of a custom domain are in the URL that the client has, but
not the application's. ASGI calls them ``root_path``: links are made with them, and the ``path`` of
a scope has them too.
"""

from __future__ import annotations

from ._percent import decoded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Mount:
    """A path in two parts.

    Attributes:
        root: The path that the application is published at, such as ``/prod``; empty, or without a
            slash at its end.
        path: The application's own part; it begins with a slash.
    """

    __slots__ = ("path", "root")

    def __init__(self, root: str, path: str) -> None:
        """Hold the parts, percent-encoded or not, as the event has them."""
        self.root = root
        self.path = path if path.startswith("/") else f"/{path}"

    def below(self, base_path: str) -> Mount:
        """Return the mount of an application that is published at a base path.

        Args:
            base_path: Such as ``/shop``. Where requests do not have it, something in front of the
                function has taken it off.
        """
        if not base_path:
            return self
        path = after(self.path, base_path)
        if path is not None:
            return Mount(self.root + base_path, path)
        if self.root.endswith(base_path):
            return self
        return Mount(base_path, self.path)

    @property
    def root_path(self) -> str:
        """The root, decoded."""
        return decoded(self.root)


def normalized(base_path: Any) -> str:
    """Return a base path with a slash at its beginning and none at its end; empty for the root.

    Raises:
        TypeError: It is not a string.
    """
    if not isinstance(base_path, str):
        raise TypeError(f"base_path={base_path!r} is not a string")
    stripped = base_path.strip("/")
    return f"/{stripped}" if stripped else ""


def after(path: str, root: str) -> str | None:
    """Return the part of a path below a root, or None if it is elsewhere.

    Either may be percent-encoded.
    """
    segments, count = path.split("/"), root.count("/") + 1
    if len(segments) < count or decoded("/".join(segments[:count])) != decoded(root):
        return None
    return "/" + "/".join(segments[count:])


def _before(whole: str, path: str) -> str:
    """Return what precedes a path in the whole one; a slash at the end does not count."""
    whole, path = whole.rstrip("/"), path.rstrip("/")
    if not decoded(whole).endswith(decoded(path)):
        return ""
    count = whole.count("/") - path.count("/")
    return "/".join(whole.split("/")[: count + 1])


def mount_of_rest_api(event: dict[str, Any]) -> Mount:
    """Return the mount of a request to a REST API, or to an HTTP API with format 1.0.

    ``requestContext.path`` is what the client has sent, and ``path`` is that without the stage. The
    mapping of a custom domain is in both.
    """
    context = event.get("requestContext") or {}
    path = event.get("path") or "/"
    full, domain, stage = context.get("path"), context.get("domainName"), context.get("stage")
    if isinstance(full, str) and full != path:
        return Mount(_before(full, path), path)
    if _is_api_gateway(domain):
        root = f"/{stage}"
        if event.get("version") == "1.0" and stage != "$default":
            rest = after(path, root)
            return Mount("", path) if rest is None else Mount(root, rest)
        return Mount("" if full == path or not stage else root, path)
    return _mapped(path, event) if domain else Mount("", path)


def mount_of_v2(event: dict[str, Any]) -> Mount:
    """Return the mount of a request to a function URL, or to an HTTP API with format 2.0.

    ``rawPath`` has the stage. The URL has it too, unless there is a custom domain: its mapping is
    nowhere in the event.
    """
    context = event["requestContext"]
    path = event.get("rawPath") or context["http"].get("path") or "/"
    stage, domain = context.get("stage"), context.get("domainName")
    if stage and stage != "$default":
        rest = after(path, f"/{stage}")
        if rest is not None:
            is_custom = isinstance(domain, str) and not _is_api_gateway(domain)
            return Mount("" if is_custom else f"/{stage}", rest)
    return Mount("", path)


def _is_api_gateway(domain: Any) -> bool:
    return isinstance(domain, str) and ".execute-api." in domain


def _mapped(path: str, event: dict[str, Any]) -> Mount:
    """Return the mount behind a custom domain: what precedes the route is its mapping."""
    segments = path.strip("/").split("/")
    route = _segments_of_route(event.get("resource"), event.get("pathParameters") or {})
    count = len(segments) - len(route) if route is not None else 0
    if not route or count <= 0 or [*map(decoded, segments[count:])] != [*map(decoded, route)]:
        return Mount("", path)
    root = "/" + "/".join(segments[:count])
    return Mount(root, path[len(root) :])


def _segments_of_route(resource: Any, parameters: dict[str, Any]) -> list[str] | None:
    """Return the path that a route stands for, or None if it does not say so."""
    if not isinstance(resource, str) or not resource.startswith("/"):
        return None
    segments: list[str] = []
    for segment in resource.strip("/").split("/"):
        if segment.startswith("{") and segment.endswith("}"):
            value = parameters.get(segment[1:-1].removesuffix("+"))
            if not isinstance(value, str):
                return None
            segments += value.strip("/").split("/")
        else:
            segments.append(segment)
    return segments
