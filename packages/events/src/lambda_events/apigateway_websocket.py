"""Amazon API Gateway: WebSocket APIs.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api.html
"""

from __future__ import annotations

from ._field import EMPTY
from ._http import HTTPBody
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any, Self

    from ._detect import Signatures
    from ._headers import Headers
    from .apigateway import APIGatewayRequestIdentity


class APIGatewayWebSocketRequestContext(Model):
    """The request context of a WebSocket API: connection and message.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html

    Attributes:
        api_id: The API.
        account_id: The API's account.
        authorizer: The context that the authorizer returned at the connection, or text.
        connected_at: The time of the connection, in milliseconds of Unix time.
        connection_id: The connection, which messages to the client name.
        disconnect_reason: The reason for the end of the connection.
        disconnect_status_code: The status code that it ended with.
        domain_name: The API's host.
        domain_prefix: The host's first part.
        error: The error of the connection or the integration.
        event_type: ``CONNECT``, ``MESSAGE`` or ``DISCONNECT``.
        extended_request_id: The request's other id.
        identity: The client: its IP address, user agent and credentials.
        integration_latency: The duration of the integration, in milliseconds.
        message_direction: ``IN``.
        message_id: The message's id.
        request_id: The request's id.
        request_time: The time of the request, such as ``12/Mar/2020:19:03:58 +0000``.
        request_time_epoch: The same in milliseconds of Unix time.
        route_key: The route: ``$connect``, ``$disconnect``, ``$default`` or one's own.
        stage: The stage.
        status: The integration's status.
    """

    api_id: str
    account_id: str | None = None
    authorizer: Any = None
    connected_at: int | None = None
    connection_id: str
    disconnect_reason: str | None = None
    disconnect_status_code: int | None = None
    domain_name: str
    domain_prefix: str | None = None
    error: str | None = None
    event_type: str
    extended_request_id: str
    identity: APIGatewayRequestIdentity
    integration_latency: str | None = None
    message_direction: str | None = None
    message_id: str | None = None
    request_id: str
    request_time: str
    request_time_epoch: int
    route_key: str
    stage: str
    status: str | None = None

    @property
    def connected_at_utc(self) -> datetime | None:
        """`connected_at` as an aware datetime."""
        from ._time import from_epoch

        return from_epoch(self.connected_at, 1000)

    @property
    def request_time_utc(self) -> datetime | None:
        """`request_time_epoch` as an aware datetime."""
        from ._time import from_epoch

        return from_epoch(self.request_time_epoch, 1000)

    @property
    def management_url(self) -> str:
        """The URL to send messages to connected clients with."""
        return f"https://{self.domain_name}/{self.stage}"


class APIGatewayWebSocketEvent(HTTPBody, Model, expects={"requestContext": dict}):
    """A client connected, sent a message, or left.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api.html

    Attributes:
        headers: Headers in any case, when the client connects.
        multi_value_headers: All headers, when the client connects.
        query_string_parameters: Decoded values, when the client connects.
        multi_value_query_string_parameters: All decoded values, when the client connects.
        path_parameters: Not used by WebSocket APIs.
        stage_variables: The stage's variables.
        request_context: The connection and the message.
        body: The message.
        is_base64_encoded: True if the message is in base64.
    """

    headers: Headers = EMPTY
    multi_value_headers: Headers[list[str]] = EMPTY
    query_string_parameters: dict[str, str] = EMPTY
    multi_value_query_string_parameters: dict[str, list[str]] = EMPTY
    path_parameters: dict[str, str] = EMPTY
    stage_variables: dict[str, str] = EMPTY
    request_context: APIGatewayWebSocketRequestContext
    body: str | None = None
    is_base64_encoded: bool = False

    @property
    def query(self) -> dict[str, list[str]]:
        """All values of the query by name, decoded."""
        from ._http import merge_query

        return merge_query(self.query_string_parameters, self.multi_value_query_string_parameters)

    @classmethod
    def build(
        cls,
        route_key: str = "$default",
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        connection_id: str = "L0SM9cOFvHcCIhw=",
    ) -> Self:
        """Build an event for a test.

        Args:
            route_key: The route; ``$connect`` and ``$disconnect`` make those events.
            body: The message: text as it is, bytes as base64, all else as JSON.
            headers: Headers besides ``Host``, of a connecting client.
            connection_id: The connection.

        Returns:
            An event like those of API Gateway.
        """
        from . import _samples as samples

        kind = {"$connect": "CONNECT", "$disconnect": "DISCONNECT"}.get(route_key, "MESSAGE")
        host = f"abcdef1234.execute-api.{samples.REGION}.amazonaws.com"
        text, is_base64 = samples.body_of(body)
        context: dict[str, Any] = {
            "routeKey": route_key,
            "eventType": kind,
            "extendedRequestId": "JJbxmHK8joEFlTQ=",
            "requestTime": samples.CLF,
            "messageDirection": "IN",
            "stage": "prod",
            "connectedAt": samples.MILLISECONDS - 1000,
            "requestTimeEpoch": samples.MILLISECONDS,
            "identity": {"sourceIp": "203.0.113.7"},
            "requestId": "JJbxmHK8joEFlTQ=",
            "domainName": host,
            "connectionId": connection_id,
            "apiId": "abcdef1234",
        }
        value: dict[str, Any] = {"requestContext": context, "isBase64Encoded": is_base64}
        if kind == "MESSAGE":
            context["messageId"] = "JJbxmfX8joECG9Q="
            value["body"] = text
        if kind == "DISCONNECT":
            context["disconnectStatusCode"] = 1000
            context["disconnectReason"] = ""
        if kind == "CONNECT":
            sent = {"Host": host, **(headers or {})}
            value["headers"] = sent
            value["multiValueHeaders"] = {name: [item] for name, item in sent.items()}
        event: Self = samples.read(cls, value)
        return event


class APIGatewayWebSocketResponse(Model):
    """The response to a WebSocket API.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-route-response.html

    Attributes:
        status_code: The HTTP status; of ``$connect``, any but 2xx refuses the client.
        headers: Headers, for ``$connect``.
        multi_value_headers: Headers with several values.
        body: The message for the client, if the route has a response.
        is_base64_encoded: True if the body is in base64.
    """

    status_code: int = 200
    headers: dict[str, str] = EMPTY
    multi_value_headers: dict[str, list[str]] = EMPTY
    body: str | None = None
    is_base64_encoded: bool | None = None


DETECT: Signatures = {
    "APIGatewayWebSocketEvent": {
        "requestContext/connectionId": str,
        "requestContext/eventType": str,
        "requestContext/routeKey": str,
        "requestContext/apiId": str,
    },
}
