"""The HTTP front ends of Lambda. Their differences are data, so all of them share one code.

``docs/emulator-fidelity.md`` says where each rule comes from, and how certain it is.
"""

import json
from collections.abc import Mapping

from ._aws_error import NO_TENANT
from ._config import HTTPFormat
from ._event import MAX_EVENT_SIZE
from ._front_end import Answer, FrontEnd

_KIB = 1024
_RESPONSE_FIELDS = frozenset({"statusCode", "headers", "body", "isBase64Encoded"})


def _message(status: int, message: str | None, error_type: str | None = None) -> Answer:
    return Answer(status, json.dumps({"message": message}), error_type=error_type)


def _refusal(status: int, message: str | None, error_type: str | None = None) -> Answer:
    """Return an answer in place of a response, which has no spaces on AWS."""
    body = json.dumps({"message": message}, separators=(",", ":"))
    return Answer(status, body, error_type=error_type)


def _denial(message: str) -> Answer:
    body = json.dumps({"Message": message}, separators=(",", ":"))
    return Answer(403, body, error_type="AccessDeniedException")


def _lambda_message(status: int, message: str, error_type: str) -> Answer:
    return Answer(status, json.dumps({"Message": message}), error_type=error_type)


def bad_parameters(names: str) -> Answer:
    """Return the answer of a REST API to a request that lacks parameters.

    Args:
        names: The names of the parameters.
    """
    message = f"Missing required request parameters: [{names}]"
    return _refusal(400, message, "BadRequestException")


def page(status: int, title: str) -> Answer:
    """Return an answer of a load balancer itself.

    Args:
        status: The status.
        title: The same, in words.
    """
    lines = (
        "<html>",
        f"<head><title>{status} {title}</title></head>",
        "<body>",
        f"<center><h1>{status} {title}</h1></center>",
        "</body>",
        "</html>",
        "",
    )
    return Answer(status, "\r\n".join(lines), "text/html")


_FUNCTION_URL = FrontEnd(
    title="the function URL",
    max_head=1024 * _KIB,
    max_header=64 * _KIB,
    fields=_RESPONSE_FIELDS | {"cookies"},
    infers=True,
    json_body=True,
    default_type="application/json",
    remapped=frozenset({"content-length", "date", "server"}),
    request_id_headers=("x-amzn-RequestId",),
    repeats_cors=True,
    streams=True,
    problems={
        "failed": Answer(502, "Internal Server Error"),
        "throttled": _lambda_message(429, "Rate Exceeded.", "TooManyRequestsException"),
        "stopped": _lambda_message(503, "The emulator was stopped.", "ServiceException"),
        "too_large": _lambda_message(
            413,
            f"Request must be smaller than {MAX_EVENT_SIZE} bytes for the InvokeFunction operation",
            "RequestEntityTooLargeException",
        ),
        "head_too_large": _lambda_message(
            431, "Request Header Fields Too Large", "RequestEntityTooLargeException"
        ),
        "no_tenant": _lambda_message(400, NO_TENANT, "InvalidParameterValueException"),
    },
)
# Events in the format 1.0 have these names as API Gateway writes them.
_PROXY_NAMES = {
    "host": "Host",
    "user-agent": "User-Agent",
    "x-amzn-trace-id": "X-Amzn-Trace-Id",
    "x-forwarded-for": "X-Forwarded-For",
    "x-forwarded-port": "X-Forwarded-Port",
    "x-forwarded-proto": "X-Forwarded-Proto",
}
_HTTP_API = FrontEnd(
    title="the HTTP API",
    max_head=10 * _KIB,
    max_header=10 * _KIB,
    timeout=30.0,
    fields=_RESPONSE_FIELDS | {"cookies"},
    infers=True,
    takes_raw_text=True,
    json_body=True,
    default_type="text/plain; charset=utf-8",
    request_id_headers=("Apigw-Requestid",),
    problems={
        "failed": _message(500, "Internal Server Error"),
        "throttled": _message(503, "Service Unavailable"),
        "timed_out": _message(503, "Service Unavailable"),
        "stopped": _message(503, "Service Unavailable"),
        "too_large": _message(413, "Request Entity Too Large"),
        "head_too_large": _message(431, "Request Header Fields Too Large"),
        "bad_request": _message(400, "Bad Request"),
        "no_stage": _refusal(404, "Not Found"),
        "no_route": _refusal(404, "Not Found"),
        "unauthorized": _refusal(401, "Unauthorized"),
        "denied": _refusal(403, "Forbidden"),
        "denied_explicitly": _refusal(403, "Forbidden"),
        "forbidden": _refusal(403, "Forbidden"),
        "authorizer_failed": _refusal(500, "Internal Server Error"),
        "bad_body": _refusal(400, "Invalid request body"),
        "too_many_requests": _refusal(429, "Too Many Requests"),
    },
)
HTTP_API_1 = _HTTP_API._replace(
    renamed=_PROXY_NAMES | {"content-length": "Content-Length"},
    fields=_RESPONSE_FIELDS | {"multiValueHeaders"},
    infers=False,
    takes_raw_text=False,
    json_body=False,
)
"""An HTTP API whose integration has the payload format 1.0."""
_DENIED = "User is not authorized to access this resource"
_REST_API = FrontEnd(
    title="the REST API",
    max_head=10 * _KIB,
    max_header=10 * _KIB,
    max_prelude=16 * _KIB,
    timeout=29.0,
    text_types=None,
    lower_names=False,
    renamed=_PROXY_NAMES | {"authorization": "Authorization"},
    dropped=frozenset({"content-length"}),
    fields=_RESPONSE_FIELDS | {"multiValueHeaders"},
    prelude_fields=frozenset({"cookies"}),
    refuses_other_fields=True,
    default_status=200,
    default_type="application/json",
    remapped=frozenset({"connection", "content-length", "date", "server", "www-authenticate"}),
    request_id_headers=("x-amzn-RequestId",),
    streams=True,
    requires_prelude=True,
    problems={
        "failed": _message(502, "Internal server error", "InternalServerErrorException"),
        "throttled": _message(500, "Internal server error", "InternalServerErrorException"),
        "timed_out": _message(504, "Endpoint request timed out", "InternalServerErrorException"),
        "stopped": _message(503, "Service Unavailable", "ServiceUnavailableException"),
        "too_large": _message(413, "Request Too Long", "RequestTooLargeException"),
        "head_too_large": _message(431, "Request Header Fields Too Large"),
        "no_stage": _refusal(403, "Forbidden", "ForbiddenException"),
        "no_route": _refusal(
            403, "Missing Authentication Token", "MissingAuthenticationTokenException"
        ),
        "unauthorized": _refusal(401, "Unauthorized", "UnauthorizedException"),
        "token_expired": _refusal(401, "The incoming token has expired", "UnauthorizedException"),
        "denied": _denial(_DENIED),
        "denied_explicitly": _denial(f"{_DENIED} with an explicit deny"),
        "forbidden": _refusal(403, "Forbidden", "ForbiddenException"),
        "authorizer_failed": _refusal(500, None, "AuthorizerConfigurationException"),
        "bad_body": _refusal(400, "Invalid request body", "BadRequestException"),
        "too_many_requests": _refusal(429, "Too Many Requests", "TooManyRequestsException"),
        "quota_exceeded": _refusal(429, "Limit Exceeded", "LimitExceededException"),
        "no_tenant": _message(400, NO_TENANT),
    },
)
_LOAD_BALANCER = FrontEnd(
    title="the load balancer",
    max_head=64 * _KIB,
    max_header=16 * _KIB,
    max_body=1024 * _KIB,
    max_response=1024 * _KIB,
    fields=_RESPONSE_FIELDS | {"statusDescription"},
    coerces=False,
    default_type="application/octet-stream",
    upgrades=False,
    refused_methods=frozenset({"TRACE"}),
    max_addresses=30,
    traces_itself=True,
    problems={
        "failed": page(502, "Bad Gateway"),
        "throttled": page(502, "Bad Gateway"),
        "stopped": page(503, "Service Temporarily Unavailable"),
        "too_large": page(413, "Request Entity Too Large"),
        "head_too_large": page(400, "Bad Request"),
        "bad_request": page(400, "Bad Request"),
        "bad_method": page(405, "Not Allowed"),
        "too_many_addresses": page(463, "Too Many Addresses"),
    },
)
_LOAD_BALANCER_MULTI_VALUE = _LOAD_BALANCER._replace(
    fields=_LOAD_BALANCER.fields - {"headers"} | {"multiValueHeaders"},
    refused_fields=frozenset({"headers"}),
)
FRONT_ENDS: Mapping[HTTPFormat, FrontEnd] = {
    "url": _FUNCTION_URL,
    "v2": _HTTP_API,
    "v1": _REST_API,
    "alb": _LOAD_BALANCER,
    "alb-multi-value": _LOAD_BALANCER_MULTI_VALUE,
}
"""The front ends, by the format of their events."""
