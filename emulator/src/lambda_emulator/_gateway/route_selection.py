"""The selection of a WebSocket API's route for a message.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-route-keys-about.html
"""

import json
import re
from collections.abc import Mapping
from typing import Any, cast

from lambda_emulator._project.description import Route

from .routes import DEFAULT

CONNECT, DISCONNECT = "$connect", "$disconnect"
_NAME = re.compile(r"\$\{([^}]*)\}|\$((?:request|context)[\w.-]*)")


def routes_by_key(routes: tuple[Route, ...]) -> Mapping[str, Route]:
    """Return the routes of a WebSocket API by their keys.

    Args:
        routes: The routes.
    """
    return {route.path: route for route in routes}


def select(routes: Mapping[str, Route], expression: str, message: str) -> Route | None:
    """Return the route that a message is for, or None if there is none.

    Args:
        routes: The routes by key.
        expression: The route selection expression of the API, such as ``$request.body.action``.
        message: The message.
    """
    key = evaluate(expression, message)
    route = None if key is None or key in (CONNECT, DISCONNECT) else routes.get(key)
    return route or routes.get(DEFAULT)


def evaluate(expression: str, message: str) -> str | None:
    """Return the key that an expression stands for, or None if the message does not have it.

    Args:
        expression: The expression: ``$request.body.action``, or several in braces with text
            between them, such as ``${request.body.service}/${request.body.action}``.
        message: The message.
    """
    try:
        body: object = json.loads(message)
    except (ValueError, RecursionError):
        return None
    missing = False

    def value(match: re.Match[str]) -> str:
        nonlocal missing
        found = _find(body, match[1] or match[2])
        missing = missing or found is None
        return found or ""

    key = _NAME.sub(value, expression)
    return None if missing else key


def _find(body: object, name: str) -> str | None:
    """Return a scalar of the body by its path."""
    if not name.startswith("request.body."):
        return None
    value: Any = body
    for part in name.removeprefix("request.body.").split("."):
        value = cast("dict[str, Any]", value).get(part) if isinstance(value, dict) else None
    if value is None or isinstance(value, (dict, list)):
        return None
    return value if isinstance(value, str) else json.dumps(value)
