"""Answers to what browsers ask a REST API before they send, where its CORS rules are all it has."""

from dataclasses import replace

from lambda_emulator._config import Cors
from lambda_emulator._project.description import Api, Mock, Route


def with_preflights(api: Api) -> Api:
    """Return an API with a method ``OPTIONS`` of each path, as templates have it with CORS.

    Args:
        api: The API; one that is not a REST API, or has such methods, stays as it is.
    """
    if api.kind != "rest" or api.cors is None or any(each.mock for each in api.routes):
        return api
    own = {each.path for each in api.routes if each.method == "OPTIONS"}
    places = {each.path: each.place for each in api.routes if each.path not in own}
    mock = _preflight(api.cors)
    preflights = (
        Route(method="OPTIONS", path=path, function="", place=place, mock=mock)
        for path, place in places.items()
    )
    return replace(api, routes=(*api.routes, *preflights))


def _preflight(cors: Cors) -> Mock:
    first, *others = cors.allow_origins or ("",)
    values = {
        "Origin": first,
        "Methods": ", ".join(cors.allow_methods),
        "Headers": ", ".join(cors.allow_headers),
        "Credentials": "true" if cors.allow_credentials else "",
    }
    headers = {f"Access-Control-Allow-{name}": value for name, value in values.items() if value}
    if cors.max_age:
        headers["Access-Control-Max-Age"] = str(cors.max_age)
    if others:
        headers["Vary"] = "Origin"
    return Mock(status=200, headers=headers, other_origins=tuple(others))
