"""HTTP requests as events, in the shapes of the front ends that call functions over HTTP.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
"""

import base64
import os
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from lambda_testing import Function

from ._config import HTTPFormat, URLConfig
from ._front_end import FRONT_ENDS
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


def _function_url(request: HTTPRequest, function: Function, config: URLConfig) -> dict[str, Any]:
    host = f"{function.name}.lambda-url.{function.region}.on.aws"
    path = unquote(request.raw_path, errors="replace")
    event = _format_2(request, function, config, host, path)
    if "cookies" in event:
        event["headers"]["cookie"] = "; ".join(event["cookies"])
    event["rawPath"] = request.raw_path
    event["requestContext"] |= {"accountId": "anonymous", "requestId": request.request_id}
    return event


def _http_api(request: HTTPRequest, function: Function, config: URLConfig) -> dict[str, Any]:
    host = f"{function.name}.execute-api.{function.region}.amazonaws.com"
    return _format_2(request, function, config, host, decode_path(request.raw_path))


def _format_2(
    request: HTTPRequest, function: Function, config: URLConfig, host: str, path: str
) -> dict[str, Any]:
    values = request.header_values(FRONT_ENDS[config.format])
    values.pop("cookie", None)
    cookies = request.cookies()
    text, is_base64 = request.text(FRONT_ENDS[config.format], config.binary_media_types)
    query = {name: ",".join(several) for name, several in request.query().items()}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": request.raw_query,
        **({"cookies": cookies} if cookies else {}),
        "headers": {name: ",".join(several) for name, several in values.items()},
        **({"queryStringParameters": query} if query else {}),
        "requestContext": {
            "accountId": function.account,
            "apiId": function.name,
            "domainName": host,
            "domainPrefix": function.name,
            "http": {
                "method": request.method,
                "path": path,
                "protocol": request.protocol,
                "sourceIp": request.source_ip,
                "userAgent": request.user_agent,
            },
            "requestId": _gateway_id(),
            "routeKey": "$default",
            "stage": "$default",
            "time": request.common_log_time,
            "timeEpoch": request.moment_ms,
        },
        **({} if text is None else {"body": text}),
        "isBase64Encoded": is_base64,
    }


def _rest_api(request: HTTPRequest, function: Function, config: URLConfig) -> dict[str, Any]:
    headers = request.header_values(FRONT_ENDS[config.format])
    query = request.query()
    text, is_base64 = request.text(FRONT_ENDS[config.format], config.binary_media_types)
    path = re.sub("^//+", "/", request.raw_path)
    # AWS leaves the percent-encoding of path parameters to the function.
    proxy = path.strip("/")
    resource = "/{proxy+}" if proxy else "/"
    return {
        "resource": resource,
        "path": path,
        "httpMethod": request.method,
        "headers": last_values(headers),
        "multiValueHeaders": headers,
        "queryStringParameters": last_values(query) or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": {"proxy": proxy} if proxy else None,
        "stageVariables": None,
        "requestContext": {
            "accountId": function.account,
            "apiId": function.name,
            "deploymentId": _STAGE,
            "domainName": f"{function.name}.execute-api.{function.region}.amazonaws.com",
            "domainPrefix": function.name,
            "extendedRequestId": _gateway_id(),
            "httpMethod": request.method,
            "identity": {
                **_IDENTITY,
                "sourceIp": request.source_ip,
                "userAgent": request.user_agent,
            },
            "path": f"/{_STAGE}{request.raw_path}",
            "protocol": request.protocol,
            "requestId": request.request_id,
            "requestTime": request.common_log_time,
            "requestTimeEpoch": request.moment_ms,
            "resourceId": _STAGE,
            "resourcePath": resource,
            "stage": _STAGE,
        },
        "body": text,
        "isBase64Encoded": is_base64,
    }


def _load_balancer(request: HTTPRequest, function: Function, config: URLConfig) -> dict[str, Any]:
    front_end = FRONT_ENDS[config.format]
    headers = request.header_values(front_end)
    query = request.query(decoded=False)  # the percent-encoding is left to the function
    text, is_base64 = request.text(front_end, config.binary_media_types)
    group = f"targetgroup/{function.name}/0123456789abcdef"
    arn = f"arn:aws:elasticloadbalancing:{function.region}:{function.account}:{group}"
    return {
        "requestContext": {"elb": {"targetGroupArn": arn}},
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


def _gateway_id() -> str:
    """Return an id as API Gateway makes them: 15 characters of base64, and an equals sign."""
    return base64.b64encode(os.urandom(11)).decode()


_FORMATS: Mapping[HTTPFormat, Callable[[HTTPRequest, Function, URLConfig], dict[str, Any]]] = {
    "url": _function_url,
    "v2": _http_api,
    "v1": _rest_api,
    "alb": _load_balancer,
    "alb-multi-value": _load_balancer,
}
