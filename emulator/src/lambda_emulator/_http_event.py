"""HTTP requests as events, in the shapes of the front ends that call functions over HTTP.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
"""

import base64
import os
import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import unquote

from lambda_testing import Function

from ._config import HTTPFormat, URLConfig
from ._front_end import FrontEnd
from ._front_ends import FRONT_ENDS, HTTP_API_1
from ._http_request import HTTPRequest, decode_path, last_values

_STAGE = "local"
# The caller, as an API without authorisation knows it.
_IDENTITY = dict.fromkeys(
    (
        "accessKey",
        "accountId",
        "caller",
        "cognitoAuthenticationProvider",
        "cognitoAuthenticationType",
        "cognitoIdentityId",
        "cognitoIdentityPoolId",
        "principalOrgId",
        "user",
        "userArn",
    )
)


class Endpoint(NamedTuple):
    """The address of a request, as in an event.

    Attributes:
        account: The id of the account.
        api_id: The id of the API.
        domain: The name of the API's host.
        stage: The stage.
        route: The key of the route, of an HTTP API.
        resource: The path of the resource, or of the route.
        path_parameters: The variable parts of the path.
        stage_variables: The variables of the stage.
        authorizer: The authorizer's answer, or None if there is no authorizer.
    """

    account: str
    api_id: str
    domain: str
    stage: str = "$default"
    route: str = "$default"
    resource: str = "$default"
    path_parameters: Mapping[str, str] = MappingProxyType({})
    stage_variables: Mapping[str, str] = MappingProxyType({})
    authorizer: Mapping[str, Any] | None = None

    @property
    def domain_prefix(self) -> str:
        """The first label of the host's name."""
        return self.domain.partition(".")[0]


def to_event(request: HTTPRequest, function: Function, config: URLConfig) -> dict[str, Any]:
    """Return the event for a request.

    Args:
        request: The request.
        function: The function that gets it.
        config: The front end.

    Raises:
        BadPathError: The front end refuses the request's path.
    """
    return _FORMATS[config.format](request, function, config)


def http_api_event(
    request: HTTPRequest, endpoint: Endpoint, path: str | None = None
) -> dict[str, Any]:
    """Return the event of an HTTP API, in the payload format 2.0.

    Args:
        request: The request.
        endpoint: The address of the request.
        path: The path of the request, decoded; None to decode it as HTTP APIs do.

    Raises:
        BadPathError: The path cannot be decoded.
    """
    path = decode_path(request.raw_path) if path is None else path
    front_end = FRONT_ENDS["v2"]
    values = request.header_values(front_end)
    values.pop("cookie", None)
    cookies = request.cookies()
    text, is_base64 = request.text(front_end, ())
    query = {name: ",".join(several) for name, several in request.query().items()}
    parameters, variables = endpoint.path_parameters, endpoint.stage_variables
    return {
        "version": "2.0",
        "routeKey": endpoint.route,
        "rawPath": path,
        "rawQueryString": request.raw_query,
        **({"cookies": cookies} if cookies else {}),
        "headers": {name: ",".join(several) for name, several in values.items()},
        **({"queryStringParameters": query} if query else {}),
        "requestContext": {
            "accountId": endpoint.account,
            "apiId": endpoint.api_id,
            **({} if endpoint.authorizer is None else {"authorizer": endpoint.authorizer}),
            "domainName": endpoint.domain,
            "domainPrefix": endpoint.domain_prefix,
            "http": {
                "method": request.method,
                "path": path,
                "protocol": request.protocol,
                "sourceIp": request.source_ip,
                "userAgent": request.user_agent,
            },
            "requestId": gateway_id(),
            "routeKey": endpoint.route,
            "stage": endpoint.stage,
            "time": request.common_log_time,
            "timeEpoch": request.moment_ms,
        },
        **({"pathParameters": dict(parameters)} if parameters else {}),
        **({"stageVariables": dict(variables)} if variables else {}),
        **({} if text is None else {"body": text}),
        "isBase64Encoded": is_base64,
    }


def http_api_1_event(request: HTTPRequest, endpoint: Endpoint) -> dict[str, Any]:
    """Return the event of an HTTP API, in the payload format 1.0.

    Args:
        request: The request.
        endpoint: The address of the request.

    Raises:
        BadPathError: The path cannot be decoded.
    """
    path = decode_path(request.raw_path)
    event = _proxy_event(request, endpoint, HTTP_API_1, path, ())
    request_id = gateway_id()
    event["requestContext"] |= {
        "extendedRequestId": request_id,
        "path": path,
        "requestId": request_id,
        "resourceId": endpoint.route,
    }
    return {"version": "1.0", **event}


def rest_api_event(
    request: HTTPRequest, endpoint: Endpoint, path: str, binary_types: Iterable[str]
) -> dict[str, Any]:
    """Return the event of a REST API.

    Args:
        request: The request.
        endpoint: The address of the request.
        path: The path below the stage, as it was sent.
        binary_types: Media types that the API treats as binary.
    """
    event = _proxy_event(request, endpoint, FRONT_ENDS["v1"], path, binary_types)
    event["requestContext"]["deploymentId"] = _STAGE
    return event


def load_balancer_event(
    request: HTTPRequest, front_end: FrontEnd, target_group: str, binary_types: Iterable[str] = ()
) -> dict[str, Any]:
    """Return the event of a load balancer.

    Args:
        request: The request.
        front_end: The load balancer, with multi-value headers or without them.
        target_group: The ARN of the target group.
        binary_types: Media types whose bodies are not text.
    """
    headers = request.header_values(front_end)
    query = request.query(decoded=False)  # the percent-encoding is left to the function
    text, is_base64 = request.text(front_end, binary_types)
    return {
        "requestContext": {"elb": {"targetGroupArn": target_group}},
        "httpMethod": request.method,
        "path": request.raw_path,
        **(
            {"multiValueQueryStringParameters": query, "multiValueHeaders": headers}
            if "multiValueHeaders" in front_end.fields
            else {"queryStringParameters": last_values(query), "headers": last_values(headers)}
        ),
        "body": text or "",
        "isBase64Encoded": is_base64,
    }


def _proxy_event(
    request: HTTPRequest,
    endpoint: Endpoint,
    front_end: FrontEnd,
    path: str,
    binary_types: Iterable[str],
) -> dict[str, Any]:
    headers = request.header_values(front_end)
    query = request.query()
    text, is_base64 = request.text(front_end, binary_types)
    return {
        "resource": endpoint.resource,
        "path": path,
        "httpMethod": request.method,
        "headers": last_values(headers),
        "multiValueHeaders": headers,
        "queryStringParameters": last_values(query) or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": dict(endpoint.path_parameters) or None,
        "stageVariables": dict(endpoint.stage_variables) or None,
        "requestContext": {
            "accountId": endpoint.account,
            "apiId": endpoint.api_id,
            **({} if endpoint.authorizer is None else {"authorizer": endpoint.authorizer}),
            "domainName": endpoint.domain,
            "domainPrefix": endpoint.domain_prefix,
            "extendedRequestId": gateway_id(),
            "httpMethod": request.method,
            "identity": {
                **_IDENTITY,
                "sourceIp": request.source_ip,
                "userAgent": request.user_agent,
            },
            "path": request.raw_path,
            "protocol": request.protocol,
            "requestId": request.request_id,
            "requestTime": request.common_log_time,
            "requestTimeEpoch": request.moment_ms,
            "resourceId": _STAGE,
            "resourcePath": endpoint.resource,
            "stage": endpoint.stage,
        },
        "body": text,
        "isBase64Encoded": is_base64,
    }


def _function_url(request: HTTPRequest, function: Function, _config: URLConfig) -> dict[str, Any]:
    host = f"{function.name}.lambda-url.{function.region}.on.aws"
    path = unquote(request.raw_path, errors="replace")
    event = http_api_event(request, _alone(function)._replace(domain=host), path)
    if "cookies" in event:
        event["headers"]["cookie"] = "; ".join(event["cookies"])
    event["rawPath"] = request.raw_path
    event["requestContext"] |= {"accountId": "anonymous", "requestId": request.request_id}
    return event


def _http_api(request: HTTPRequest, function: Function, _config: URLConfig) -> dict[str, Any]:
    return http_api_event(request, _alone(function))


def _rest_api(request: HTTPRequest, function: Function, config: URLConfig) -> dict[str, Any]:
    path = re.sub("^//+", "/", request.raw_path)
    # AWS leaves the percent-encoding of path parameters to the function.
    proxy = path.strip("/")
    endpoint = _alone(function)._replace(
        stage=_STAGE,
        resource="/{proxy+}" if proxy else "/",
        path_parameters={"proxy": proxy} if proxy else {},
    )
    event = rest_api_event(request, endpoint, path, config.binary_media_types)
    event["requestContext"]["path"] = f"/{_STAGE}{request.raw_path}"
    return event


def _alone(function: Function) -> Endpoint:
    """Return the endpoint of a function that has an API of its own."""
    return Endpoint(
        account=function.account,
        api_id=function.name,
        domain=f"{function.name}.execute-api.{function.region}.amazonaws.com",
    )


def _load_balancer(request: HTTPRequest, function: Function, config: URLConfig) -> dict[str, Any]:
    group = f"targetgroup/{function.name}/0123456789abcdef"
    arn = f"arn:aws:elasticloadbalancing:{function.region}:{function.account}:{group}"
    return load_balancer_event(request, FRONT_ENDS[config.format], arn, config.binary_media_types)


def gateway_id() -> str:
    """Return a new id, as API Gateway makes them: 15 characters of base64, and an equals sign."""
    return base64.b64encode(os.urandom(11)).decode()


_FORMATS: Mapping[HTTPFormat, Callable[[HTTPRequest, Function, URLConfig], dict[str, Any]]] = {
    "url": _function_url,
    "v2": _http_api,
    "v1": _rest_api,
    "alb": _load_balancer,
    "alb-multi-value": _load_balancer,
}
