"""Amazon API Gateway: Lambda authorizers.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
"""

from __future__ import annotations

from ._field import EMPTY, field
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, Self

    from ._arn import ARN
    from ._detect import Signatures
    from ._headers import Headers
    from .apigateway import APIGatewayProxyRequestContext
    from .apigateway_http import APIGatewayV2RequestContext
    from .apigateway_websocket import APIGatewayWebSocketRequestContext
    from .iam import IAMPolicyDocument


class APIGatewayAuthorizerTokenEvent(Model, expects={"type": "TOKEN"}):
    """A token to check, for a REST API.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html

    Attributes:
        type: ``TOKEN``.
        authorization_token: The token.
        method_arn: The ARN of the method that the client calls; see `route_arn`.
    """

    type: str = "TOKEN"
    authorization_token: str = field(secret=True)
    method_arn: ARN

    @classmethod
    def build(cls, token: str = "Bearer token", method: str = "GET", path: str = "/") -> Self:  # noqa: S107
        """Build an event for a test.

        Args:
            token: The token.
            method: The method that the client wants to call.
            path: The path, without the stage.

        Returns:
            An event like those of API Gateway.
        """
        from . import _samples as samples

        arn = samples.arn("execute-api", f"abcdef1234/prod/{method}/{path.lstrip('/')}")
        value = {"type": "TOKEN", "authorizationToken": token, "methodArn": arn}
        event: Self = samples.read(cls, value)
        return event


class APIGatewayAuthorizerRequestEvent(Model, expects={"type": "REQUEST"}):
    """A request to check, for a REST API or under format 1.0.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html

    Attributes:
        version: ``1.0`` of an HTTP API; a REST API has none.
        type: ``REQUEST``.
        method_arn: The ARN of the method that the client calls; see `route_arn`.
        identity_source: The values that the answer may be cached by, joined with commas.
        authorization_token: The same, under another name.
        resource: The resource's path, such as ``/orders/{id}``.
        path: The path.
        http_method: The method.
        headers: Headers in any case; of several of one name the last.
        multi_value_headers: All headers.
        query_string_parameters: Decoded values; of several of one name the last.
        multi_value_query_string_parameters: All decoded values.
        path_parameters: The values of the path's variables, by name.
        stage_variables: The stage's variables.
        request_context: API Gateway's data about the request.
    """

    version: str | None = None
    type: str = "REQUEST"
    method_arn: ARN
    identity_source: str | None = field(default=None, secret=True)
    authorization_token: str | None = field(default=None, secret=True)
    resource: str
    path: str
    http_method: str
    headers: Headers = EMPTY
    multi_value_headers: Headers[list[str]] = EMPTY
    query_string_parameters: dict[str, str] = EMPTY
    multi_value_query_string_parameters: dict[str, list[str]] = EMPTY
    path_parameters: dict[str, str] = EMPTY
    stage_variables: dict[str, str] = EMPTY
    request_context: APIGatewayProxyRequestContext


class APIGatewayWebSocketAuthorizerEvent(Model, expects={"type": "REQUEST"}):
    """A client to check that wants to connect to a WebSocket API.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html

    Attributes:
        type: ``REQUEST``.
        method_arn: The route ``$connect``; see `route_arn`.
        headers: Headers in any case; of several of one name the last.
        multi_value_headers: All headers.
        query_string_parameters: Decoded values; of several of one name the last.
        multi_value_query_string_parameters: All decoded values.
        stage_variables: The stage's variables.
        request_context: The connection.
    """

    type: str = "REQUEST"
    method_arn: ARN
    headers: Headers = EMPTY
    multi_value_headers: Headers[list[str]] = EMPTY
    query_string_parameters: dict[str, str] = EMPTY
    multi_value_query_string_parameters: dict[str, list[str]] = EMPTY
    stage_variables: dict[str, str] = EMPTY
    request_context: APIGatewayWebSocketRequestContext


class APIGatewayV2AuthorizerEvent(Model, expects={"type": "REQUEST", "version": ("2.0", "2")}):
    """A request to check, for an HTTP API under format 2.0.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html

    Attributes:
        version: ``2.0``.
        type: ``REQUEST``.
        route_arn: The ARN of the route that the client calls; see `route_arn`.
        identity_source: The values that the answer may be cached by; empty if there are none.
        route_key: The route, such as ``GET /orders/{id}``.
        raw_path: The path.
        raw_query_string: The query as it came.
        cookies: Each cookie as ``name=value``.
        headers: Headers by name in lower case.
        query_string_parameters: Decoded values, several of one name joined with commas.
        request_context: API Gateway's data about the request.
        path_parameters: The values of the route's variables.
        stage_variables: The stage's variables.
    """

    version: str
    type: str = "REQUEST"
    route_arn: ARN
    identity_source: list[str] = field(default=EMPTY, secret=True)
    route_key: str
    raw_path: str
    raw_query_string: str
    cookies: list[str] = field(default=EMPTY, secret=True)
    headers: Headers = EMPTY
    query_string_parameters: dict[str, str] = EMPTY
    request_context: APIGatewayV2RequestContext
    path_parameters: dict[str, str] = EMPTY
    stage_variables: dict[str, str] = EMPTY


class APIGatewayAuthorizerResponse(Model):
    """The response of an authorizer of a REST or WebSocket API.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html

    Attributes:
        principal_id: The id of the client.
        policy_document: The IAM policy for the client's calls.
        context: Values for the integration, by name: strings, numbers and booleans.
        usage_identifier_key: The API key of the usage plan, if its source is the authorizer.
    """

    principal_id: str
    policy_document: IAMPolicyDocument
    context: dict[str, Any] | None = None
    usage_identifier_key: str | None = field(default=None, secret=True)

    @classmethod
    def of(
        cls,
        principal_id: str,
        *,
        allow: str | Iterable[str] = (),
        deny: str | Iterable[str] = (),
        context: Mapping[str, str | float | bool] | None = None,
    ) -> Self:
        """Make a response of an ARN or several.

        Args:
            principal_id: The id of the client.
            allow: The ARNs that the client may call; see `route_arn`.
            deny: The ARNs that the client may not call. They take precedence over `allow`.
            context: Values for the integration, by name.

        Returns:
            The response.
        """
        from .iam import IAMPolicyDocument, listed

        policy = IAMPolicyDocument(statement=[])
        allowed, denied = listed(allow), listed(deny)
        if allowed:
            policy.allow(allowed)
        if denied:
            policy.deny(denied)
        known = None if context is None else dict(context)
        return cls(principal_id=principal_id, policy_document=policy, context=known)


class APIGatewayV2AuthorizerIAMResponse(APIGatewayAuthorizerResponse):
    """The response of an HTTP API authorizer whose responses are policies.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
    """


class APIGatewayV2AuthorizerSimpleResponse(Model):
    """The response of an HTTP API authorizer whose responses are simple.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html

    Attributes:
        is_authorized: True if the client may call the route.
        context: Values for the integration, by name; any JSON.
    """

    is_authorized: bool
    context: dict[str, Any] | None = None


def route_arn(arn: str, *, stage: str | None = None, method: str = "*", path: str = "*") -> str:
    """Return the ARN of another route of the API that a request is for.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html

    Args:
        arn: ``method_arn`` or ``route_arn`` of the request, in any partition.
        stage: The stage; by default the request's own.
        method: The method, ``*`` for all; of a WebSocket API, the route.
        path: The path; it may hold ``*``.

    Returns:
        The ARN, for `APIGatewayAuthorizerResponse.of` and policies.
    """
    api, own_stage = (*arn.split("/", 2), "*")[:2]
    return f"{api}/{stage or own_stage}/{method}/{path.lstrip('/')}"


DETECT: Signatures = {
    "APIGatewayAuthorizerTokenEvent": {"type": "TOKEN", "methodArn": str},
    "APIGatewayAuthorizerRequestEvent": {
        "type": "REQUEST",
        "methodArn": str,
        "httpMethod": str,
        "path": str,
        "requestContext": dict,
    },
    "APIGatewayWebSocketAuthorizerEvent": {
        "type": "REQUEST",
        "methodArn": str,
        "requestContext/connectionId": str,
        "requestContext/eventType": str,
        "requestContext/routeKey": str,
        "requestContext/apiId": str,
    },
    "APIGatewayV2AuthorizerEvent": {
        "type": "REQUEST",
        "routeArn": str,
        "version": str,
        "rawPath": str,
        "requestContext/http": dict,
    },
}
