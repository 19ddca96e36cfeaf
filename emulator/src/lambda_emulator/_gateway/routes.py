"""The selection of an API's route for a request.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html
"""

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote

from lambda_emulator._http_request import decode_path
from lambda_emulator._project.description import Api, Route

DEFAULT = "$default"
"""The key of the route that is for all that no other is for; and the stage without a name."""
_STATIC, _VARIABLE, _GREEDY = range(3)


class Match(NamedTuple):
    """A route that is for a request.

    Attributes:
        route: The route.
        parameters: The variable parts of the path.
    """

    route: Route
    parameters: Mapping[str, str]


class _Pattern(NamedTuple):
    """The path of a route, in segments.

    Attributes:
        path: The path.
        kinds: Of each segment, the kind.
        texts: Of each segment, the text, or the name of the variable.
    """

    path: str
    kinds: tuple[int, ...]
    texts: tuple[str, ...]

    @property
    def is_greedy(self) -> bool:
        return _GREEDY in self.kinds

    def parameters(self, segments: list[str]) -> dict[str, str] | None:
        """Return the variable parts of a path, as they were sent; None for another path."""
        count = len(self.kinds)
        if len(segments) < count or (len(segments) > count and not self.is_greedy):
            return None
        found: dict[str, str] = {}
        for index, (kind, text) in enumerate(zip(self.kinds, self.texts, strict=True)):
            segment = "/".join(segments[index:]) if kind == _GREEDY else segments[index]
            if kind != _STATIC:
                if not segment:
                    return None
                found[text] = segment
            elif text not in (segment, unquote(segment)):
                return None
        return found


class RouteTable:
    """The routes of an HTTP or a REST API."""

    def __init__(self, api: Api) -> None:
        """Prepare to match requests.

        Args:
            api: The API.
        """
        self._is_rest = api.kind == "rest"
        self._default = next((route for route in api.routes if route.path == DEFAULT), None)
        self._routes = [
            (_pattern(route.path), route) for route in api.routes if route.path != DEFAULT
        ]

    def match(self, method: str, path: str) -> Match | None:
        """Return the route that is for a request, or None if there is none.

        Args:
            method: The request's method.
            path: The path below the stage, as it was sent.

        Raises:
            BadPathError: The API refuses to decode the path.
        """
        return self._match_resource(method, path) if self._is_rest else self._match(method, path)

    def _match(self, method: str, path: str) -> Match | None:
        """Match as HTTP APIs do: a full match is before a greedy one, whatever the method is."""
        candidates = self._candidates(path)
        fitting = [
            (pattern.is_greedy, pattern.kinds, route.method == "ANY", index)
            for index, (pattern, route, _) in enumerate(candidates)
            if route.method in (method, "ANY")
        ]
        if not fitting:
            return None if self._default is None else Match(self._default, {})
        _, route, parameters = candidates[min(fitting)[-1]]
        return Match(route, {name: decode_path(value) for name, value in parameters.items()})

    def _match_resource(self, method: str, path: str) -> Match | None:
        """Match as REST APIs do: first the resource, then one of its methods."""
        candidates = self._candidates(path)
        if not candidates:
            return None
        resource = min(candidates, key=lambda each: each[0].kinds)[0].path
        methods = {
            route.method: Match(route, parameters)
            for pattern, route, parameters in candidates
            if pattern.path == resource
        }
        return methods.get(method) or methods.get("ANY")

    def _candidates(self, path: str) -> list[tuple[_Pattern, Route, dict[str, str]]]:
        segments = path.removeprefix("/").split("/")
        if self._is_rest:
            segments = path.strip("/").split("/")
        found: list[tuple[_Pattern, Route, dict[str, str]]] = []
        for pattern, route in self._routes:
            parameters = pattern.parameters(segments)
            if parameters is not None:
                found.append((pattern, route, parameters))
        return found


def below_stage(api: Api, path: str) -> str | None:
    """Return the path below the stage, or below the base path of a custom domain.

    Args:
        api: The API.
        path: The path of a request.

    Returns:
        The path, which begins with a slash; None for another stage.
    """
    prefixes = [*api.base_paths, *([] if api.stage == DEFAULT else [api.stage])]
    # A base path may have several segments, and one may begin as another does.
    for prefix in sorted(map(_prefix, prefixes), key=len, reverse=True):
        if path == prefix or path.startswith(f"{prefix}/"):
            return path.removeprefix(prefix) or "/"
    return path if api.stage == DEFAULT else None


def stage_url(api: Api, address: str) -> str:
    """Return the URL below which an API's paths are.

    Args:
        api: The API.
        address: The address of its server, without a slash at the end.
    """
    return address if api.stage == DEFAULT else f"{address}/{api.stage}"


def _prefix(base_path: str) -> str:
    """Return a base path with a slash before it; nothing for the root of a domain."""
    stripped = base_path.strip("/")
    return "" if stripped in ("", "(none)") else f"/{stripped}"


def _pattern(path: str) -> _Pattern:
    parts = [_segment(text) for text in path.strip("/").split("/")]
    if path != "/" and path.endswith("/"):  # which is another path of an HTTP API
        parts.append((_STATIC, ""))
    return _Pattern(path, tuple(kind for kind, _ in parts), tuple(text for _, text in parts))


def _segment(text: str) -> tuple[int, str]:
    if text.startswith("{") and text.endswith("+}"):
        return _GREEDY, text[1:-2]
    if text.startswith("{") and text.endswith("}"):
        return _VARIABLE, text[1:-1]
    return _STATIC, text


def route_key(route: Route) -> str:
    """Return the key of a route, such as ``GET /orders/{id}``.

    Args:
        route: The route.
    """
    return f"{route.method} {route.path}" if route.method and route.path != DEFAULT else route.path
