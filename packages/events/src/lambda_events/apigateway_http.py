"""Amazon API Gateway: HTTP APIs (format 2.0).

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

from ._field import EMPTY, field
from ._http import HTTPBody
from ._http_response import HTTPResponseV2
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any, Self

    from ._arn import ARN
    from ._detect import Signatures
    from ._headers import Headers
    from .apigateway import ClientCertificate


class CognitoIdentity(Model):
    """An identity of Cognito behind a signed request.

    Attributes:
        amr: The ways in which Cognito authenticated the identity.
        identity_id: The identity.
        identity_pool_id: The pool.
    """

    amr: list[str] = EMPTY
    identity_id: str
    identity_pool_id: str


class IAMAuthorizer(Model):
    """The IAM identity that signed a request.

    Attributes:
        access_key: The access key.
        account_id: The account.
        caller_id: The caller.
        cognito_identity: The identity of Cognito, if it is one.
        principal_org_id: The organization.
        user_arn: The user's ARN.
        user_id: The user.
    """

    access_key: str = field(secret=True)
    account_id: str
    caller_id: str
    cognito_identity: CognitoIdentity | None = None
    principal_org_id: str | None = None
    user_arn: ARN
    user_id: str


class JWTAuthorizer(Model):
    """The claims of a JSON Web Token.

    Attributes:
        claims: The claims, all as text.
        scopes: The scopes that the route asks for; empty if it asks for none.
    """

    claims: dict[str, str] = EMPTY
    scopes: list[str] = EMPTY


class APIGatewayV2Authorizer(Model):
    """The result of an HTTP API's authorizer; one of three.

    Attributes:
        iam: The identity that signed the request.
        jwt: The claims of the token.
        lambda_: The context of a Lambda authorizer.
    """

    iam: IAMAuthorizer | None = None
    jwt: JWTAuthorizer | None = None
    lambda_: dict[str, Any] | None = field("lambda", default=None)


class APIGatewayV2HTTPDescription(Model):
    """The request line and the client.

    Attributes:
        method: The method.
        path: The path with the stage, unless that is ``$default``.
        protocol: ``HTTP/1.1``.
        source_ip: The client's address.
        user_agent: The client's program.
    """

    method: str
    path: str
    protocol: str
    source_ip: str
    user_agent: str


class APIGatewayV2Authentication(Model):
    """The client's authentication under mutual TLS.

    Attributes:
        client_cert: The client's certificate.
    """

    client_cert: ClientCertificate | None = None


class APIGatewayV2RequestContext(Model):
    """The request context of an HTTP API.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html

    Attributes:
        account_id: The API's account; ``anonymous`` of a function URL without authorization.
        api_id: The API.
        authentication: The client's certificate, under mutual TLS.
        authorizer: The result of the authorizer.
        domain_name: The API's host.
        domain_prefix: The host's first part.
        http: The request line and the client.
        request_id: The request's id.
        route_id: The route's id.
        route_key: The route, such as ``GET /orders/{id}``, or ``$default``.
        stage: The stage, or ``$default``.
        time: The time of the request, such as ``12/Mar/2020:19:03:58 +0000``.
        time_epoch: The same in milliseconds of Unix time.
    """

    account_id: str
    api_id: str
    authentication: APIGatewayV2Authentication | None = None
    authorizer: APIGatewayV2Authorizer | None = None
    domain_name: str
    domain_prefix: str
    http: APIGatewayV2HTTPDescription
    request_id: str
    route_id: str | None = None
    route_key: str
    stage: str
    time: str
    time_epoch: int

    @property
    def time_utc(self) -> datetime | None:
        """`time_epoch` as an aware datetime."""
        from ._time import from_epoch

        return from_epoch(self.time_epoch, 1000)


class APIGatewayV2HTTPEvent(HTTPBody, Model, expects={"version": ("2.0", "2")}):
    """A request to an HTTP API under format 2.0.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html

    Attributes:
        version: ``2.0``.
        route_key: The route, such as ``GET /orders/{id}``, or ``$default``.
        raw_path: The path with the stage, unless that is ``$default``.
        raw_query_string: The query as it came.
        cookies: Each cookie as ``name=value``; they are not among the headers.
        headers: Headers by name in lower case, several of one name joined with commas.
        query_string_parameters: Decoded values, several of one name joined with commas; `query`
            has them apart.
        path_parameters: The values of the route's variables.
        stage_variables: The stage's variables.
        request_context: API Gateway's data about the request.
        body: The body; None if there is none.
        is_base64_encoded: True if the body is in base64.
    """

    version: str
    route_key: str
    raw_path: str
    raw_query_string: str
    cookies: list[str] = field(default=EMPTY, secret=True)
    headers: Headers
    query_string_parameters: dict[str, str] = EMPTY
    path_parameters: dict[str, str] = EMPTY
    stage_variables: dict[str, str] = EMPTY
    request_context: APIGatewayV2RequestContext
    body: str | None = None
    is_base64_encoded: bool

    @property
    def query(self) -> dict[str, list[str]]:
        """All values of the query by name, decoded."""
        from ._http import parse_query

        return parse_query(self.raw_query_string)

    @property
    def cookie_values(self) -> dict[str, str]:
        """The cookies by name; of the header, if an emulator left them there."""
        from ._http import parse_cookies

        return parse_cookies(self.cookies or [self.headers.get("cookie", "")])

    @classmethod
    def build(
        cls,
        method: str = "GET",
        path: str = "/",
        *,
        route_key: str = "$default",
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str | Sequence[str]] | None = None,
        cookies: Mapping[str, str] | None = None,
        path_parameters: Mapping[str, str] | None = None,
        body: Any = None,
        authorizer: Mapping[str, Any] | None = None,
    ) -> Self:
        """Build a request to an HTTP API for a test.

        Args:
            method: The method.
            path: The path.
            route_key: The route, such as ``GET /orders/{id}``.
            headers: Headers besides ``host``.
            query: One value or several by name.
            cookies: Values by name.
            path_parameters: The values of the route's variables.
            body: Text as it is, bytes as base64, all else as JSON.
            authorizer: The result of the authorizer, under ``jwt``, ``iam`` or ``lambda``.

        Returns:
            An event like those of API Gateway.
        """
        from . import _samples as samples

        host = f"abcdef1234.execute-api.{samples.REGION}.amazonaws.com"
        value = samples.http_v2(method, path, route_key, host, headers, query, cookies, body)
        if path_parameters:
            value["pathParameters"] = dict(path_parameters)
        if authorizer is not None:
            value["requestContext"]["authorizer"] = dict(authorizer)
        event: Self = samples.read(cls, value)
        return event


class APIGatewayV2HTTPResponse(HTTPResponseV2):
    """The response to an HTTP API.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """


def _is_gateway(context: Any) -> bool:
    host = context.get("domainName") if isinstance(context, dict) else None
    return not (isinstance(host, str) and ".lambda-url." in host)


DETECT: Signatures = {
    "APIGatewayV2HTTPEvent": {
        "version": str,
        "rawPath": str,
        "requestContext/http": dict,
        "requestContext": _is_gateway,
    },
}
