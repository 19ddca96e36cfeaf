"""The events of WebSocket APIs.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html
"""

from collections.abc import Mapping
from typing import Any

from lambda_emulator._http_event import rest_api_event

from .connection import Connection
from .route_selection import DISCONNECT

REASONS = {
    1000: "Connection Closed Normally",
    1001: "Going away",
    1003: "Binary frames are not supported",
    1005: "Client-side close frame status not set",
    1006: "Connection closed abnormally",
    1009: "Message too big",
}
"""The reason for the end of a connection, by its code."""


def connect_event(connection: Connection, context: Mapping[str, Any]) -> dict[str, Any]:
    """Return the event of a request for a connection.

    Args:
        connection: The connection.
        context: The context of the request.
    """
    event = rest_api_event(connection.request, connection.endpoint, "/", ())
    queries = ("queryStringParameters", "multiValueQueryStringParameters")
    return {
        **{name: event[name] for name in ("headers", "multiValueHeaders")},
        **{name: event[name] for name in queries if event[name]},
        **_common(connection, context),
    }


def message_event(
    connection: Connection, context: Mapping[str, Any], message: str
) -> dict[str, Any]:
    """Return the event of a message.

    Args:
        connection: The connection.
        context: The context of the request.
        message: The message.
    """
    return {**_common(connection, context), "body": message}


def disconnect_event(connection: Connection, code: int, reason: str) -> dict[str, Any]:
    """Return the event of the end of a connection.

    Args:
        connection: The connection.
        code: The code with which it has ended.
        reason: The same, in the words of the side that has ended it; may be empty.
    """
    host = connection.request.headers.get("Host", "")
    headers = {"Host": host, "x-api-key": "", "X-Forwarded-For": "", "x-restapi": ""}
    context = connection.context(
        DISCONNECT,
        "DISCONNECT",
        disconnectStatusCode=code,
        disconnectReason=reason or REASONS.get(code, ""),
    )
    return {
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        **_common(connection, context),
    }


def _common(connection: Connection, context: Mapping[str, Any]) -> dict[str, Any]:
    variables = dict(connection.endpoint.stage_variables)
    return {
        **({"stageVariables": variables} if variables else {}),
        "requestContext": context,
        "isBase64Encoded": False,
    }
