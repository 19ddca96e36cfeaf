"""Amazon API Gateway: REST APIs (format 1.0).

HTTP APIs are in `lambda_events.apigateway_http`, WebSocket APIs in
`lambda_events.apigateway_websocket`, authorizers in `lambda_events.apigateway_authorizer`.

https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html
"""

from __future__ import annotations

from ._field import ABSENT, EMPTY, field
from ._http import HTTPBody
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any, Self

    from ._arn import ARN
    from ._detect import Signatures
    from ._headers import Headers


class CertificateValidity(Model):
    """The validity period of a client's certificate.

    Attributes:
        not_before: The start, such as ``May 28 12:30:02 2019 GMT``.
        not_after: The end.
    """

    not_before: str
    not_after: str

    @property
    def not_before_utc(self) -> datetime | None:
        """`not_before` as an aware datetime."""
        from ._time import from_text

        return from_text(self.not_before)

    @property
    def not_after_utc(self) -> datetime | None:
        """`not_after` as an aware datetime."""
        from ._time import from_text

        return from_text(self.not_after)


class ClientCertificate(Model):
    """The certificate of a client under mutual TLS.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mutual-tls.html

    Attributes:
        client_cert_pem: The certificate in PEM.
        subject_dn: The distinguished name of the certificate's subject, the client.
        issuer_dn: The distinguished name of the certificate's issuer.
        serial_number: The certificate's number.
        validity: The period of validity.
    """

    client_cert_pem: str
    subject_dn: str | None = field("subjectDN", default=None)
    issuer_dn: str | None = field("issuerDN", default=None)
    serial_number: str | None = None
    validity: CertificateValidity | None = None


class APIGatewayRequestIdentity(Model):
    """The caller of a request, as far as API Gateway knows.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html

    Attributes:
        source_ip: The client's address; ``test-invoke-source-ip`` in tests of the console.
        user_agent: The client's program.
        access_key: The access key of a signed request.
        account_id: The account of a signed request.
        api_key: The API key.
        api_key_id: The API key's id.
        caller: The caller of a signed request.
        client_cert: The client's certificate under mutual TLS.
        cognito_amr: The ways in which Cognito authenticated the identity.
        cognito_authentication_provider: The provider that authenticated the caller, of a request
            with Cognito credentials.
        cognito_authentication_type: ``authenticated`` or ``unauthenticated``.
        cognito_identity_id: The identity.
        cognito_identity_pool_id: The identity's pool.
        principal_org_id: The organization of a signed request.
        user: The user of a signed request.
        user_arn: The user's ARN.
        vpc_id: The VPC of a request to a private API.
        vpce_id: The VPC endpoint of a request to a private API.
    """

    source_ip: str
    user_agent: str | None = None
    access_key: str | None = field(default=None, secret=True)
    account_id: str | None = None
    api_key: str | None = field(default=None, secret=True)
    api_key_id: str | None = None
    caller: str | None = None
    client_cert: ClientCertificate | None = field(default=None, also="ClientCert")
    cognito_amr: list[str] | None = None
    cognito_authentication_provider: str | None = None
    cognito_authentication_type: str | None = None
    cognito_identity_id: str | None = None
    cognito_identity_pool_id: str | None = None
    principal_org_id: str | None = None
    user: str | None = None
    user_arn: ARN | None = None
    vpc_id: str | None = None
    vpce_id: str | None = None


class APIGatewayProxyRequestContext(Model):
    """The request context of a REST API.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html

    Attributes:
        account_id: The API's account.
        api_id: The API.
        authorizer: The result of the authorizer: its context, or ``claims`` and ``scopes``.
        deployment_id: The deployment.
        domain_name: The API's host.
        domain_prefix: The host's first part.
        extended_request_id: The request's other id.
        http_method: The method.
        identity: The caller: its IP address, user agent and credentials.
        operation_name: The operation's name in the API's definition.
        path: The path with the stage.
        protocol: ``HTTP/1.1``.
        request_id: The request's id.
        request_time: The time of the request, such as ``12/Mar/2020:19:03:58 +0000``.
        request_time_epoch: The same in milliseconds of Unix time.
        resource_id: The resource.
        resource_path: The resource's path, such as ``/orders/{id}``.
        stage: The stage.
    """

    account_id: str
    api_id: str
    authorizer: dict[str, Any] | None = None
    deployment_id: str | None = None
    domain_name: str | None = None
    domain_prefix: str | None = None
    extended_request_id: str | None = None
    http_method: str
    identity: APIGatewayRequestIdentity
    operation_name: str | None = None
    path: str | None = None
    protocol: str | None = None
    request_id: str
    request_time: str | None = None
    request_time_epoch: int | None = None
    resource_id: str | None = None
    resource_path: str
    stage: str

    @property
    def request_time_utc(self) -> datetime | None:
        """`request_time_epoch` or `request_time` as an aware datetime."""
        from ._time import from_epoch, from_text

        if self.request_time_epoch is not None:
            return from_epoch(self.request_time_epoch, 1000)
        return from_text(self.request_time)


class APIGatewayProxyEvent(HTTPBody, Model, expects={"version": ("1.0", "1")}):
    """A request to a REST API, or to an HTTP API under format 1.0.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html

    Attributes:
        version: ``1.0`` of an HTTP API; a REST API has none.
        resource: The resource's path, such as ``/orders/{id}``.
        path: The path without the stage.
        http_method: The method.
        headers: Headers in any case; of several of one name the last.
        multi_value_headers: All headers.
        query_string_parameters: Decoded values; of several of one name the last.
        multi_value_query_string_parameters: All decoded values.
        path_parameters: The values of the path's variables, by name.
        stage_variables: The stage's variables.
        request_context: API Gateway's data about the request.
        body: The body; None if there is none.
        is_base64_encoded: True if the body is in base64.
    """

    version: str | None = None
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
    body: str | None = None
    is_base64_encoded: bool = False

    @property
    def query(self) -> dict[str, list[str]]:
        """All values of the query by name, decoded."""
        from ._http import merge_query

        return merge_query(self.query_string_parameters, self.multi_value_query_string_parameters)

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies by name."""
        from ._http import parse_cookies

        several = self.multi_value_headers.get("cookie")
        return parse_cookies(several if several is not None else [self.headers.get("cookie", "")])

    @classmethod
    def build(
        cls,
        method: str = "GET",
        path: str = "/",
        *,
        resource: str | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str | Sequence[str]] | None = None,
        path_parameters: Mapping[str, str] | None = None,
        body: Any = None,
        authorizer: Mapping[str, Any] | None = None,
    ) -> Self:
        """Build a request to a REST API for a test.

        Args:
            method: The method.
            path: The path without the stage.
            resource: The resource's path; by default the path itself.
            headers: Headers besides ``Host``.
            query: One value or several by name.
            path_parameters: The values of the path's variables, by name.
            body: Text as it is, bytes as base64, all else as JSON.
            authorizer: The result of the authorizer.

        Returns:
            An event like those of API Gateway.
        """
        from . import _samples as samples

        host = f"abcdef1234.execute-api.{samples.REGION}.amazonaws.com"
        sent = {"Host": host, **(headers or {})}
        several = samples.lists(query)
        text, is_base64 = samples.body_of(body)
        context = {
            "accountId": samples.ACCOUNT,
            "apiId": "abcdef1234",
            **({} if authorizer is None else {"authorizer": dict(authorizer)}),
            "domainName": host,
            "domainPrefix": "abcdef1234",
            "extendedRequestId": "JJbxmHK8joEFlTQ=",
            "httpMethod": method,
            "identity": {"sourceIp": "203.0.113.7", "userAgent": "test", "userArn": None},
            "path": f"/prod{path}",
            "protocol": "HTTP/1.1",
            "requestId": samples.uuid(0, path),
            "requestTime": samples.CLF,
            "requestTimeEpoch": samples.MILLISECONDS,
            "resourceId": "a1b2c3",
            "resourcePath": resource or path,
            "stage": "prod",
        }
        value = {
            "resource": resource or path,
            "path": path,
            "httpMethod": method,
            "headers": sent,
            "multiValueHeaders": {name: [item] for name, item in sent.items()},
            "queryStringParameters": {name: items[-1] for name, items in several.items()} or None,
            "multiValueQueryStringParameters": several or None,
            "pathParameters": dict(path_parameters) if path_parameters else None,
            "stageVariables": None,
            "requestContext": context,
            "body": text,
            "isBase64Encoded": is_base64,
        }
        event: Self = samples.read(cls, value)
        return event


class APIGatewayProxyResponse(Model):
    """The response to a REST API.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html

    Attributes:
        status_code: The HTTP status.
        headers: Headers.
        multi_value_headers: Headers with several values; they win over `headers`.
        body: The body.
        is_base64_encoded: True if the body is in base64.
    """

    status_code: int = 200
    headers: dict[str, str] = EMPTY
    multi_value_headers: dict[str, list[str]] = EMPTY
    body: str | None = None
    is_base64_encoded: bool | None = None

    @classmethod
    def of(
        cls, body: Any = None, *, status_code: int = 200, headers: Mapping[str, str] | None = None
    ) -> Self:
        """Make a response of a body.

        Args:
            body: Text as it is, bytes as base64, all else as JSON with its content type.
            status_code: The HTTP status.
            headers: Headers; they win.

        Returns:
            The response.
        """
        from ._http import response_parts

        return cls(status_code=status_code, **response_parts(body, headers))


def _is_rest(context: Any) -> bool:
    return isinstance(context, dict) and not {"elb", "eventType", "http"} & context.keys()


DETECT: Signatures = {
    "APIGatewayProxyEvent": {"httpMethod": str, "path": str, "requestContext": _is_rest},
    # As people write it for tests.
    "APIGatewayProxyEvent#2": {
        "httpMethod": str,
        "path": str,
        "resource": str,
        "methodArn": ABSENT,
        "requestContext": ABSENT,
    },
}
