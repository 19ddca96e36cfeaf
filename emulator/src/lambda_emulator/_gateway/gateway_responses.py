"""The answers of a REST API itself, where the API customizes them.

https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from lambda_emulator._front_end import Answer, Problem
from lambda_emulator._http_request import HTTPRequest
from lambda_emulator._http_response import answer_response
from lambda_emulator._project.description import Api, GatewayResponse

_SERVER_ERROR = 500
_TYPES: Mapping[Problem, str] = {
    "authorizer_failed": "AUTHORIZER_CONFIGURATION_ERROR",
    "bad_body": "BAD_REQUEST_BODY",
    "bad_parameters": "BAD_REQUEST_PARAMETERS",
    "denied": "ACCESS_DENIED",
    "denied_explicitly": "ACCESS_DENIED",
    "forbidden": "INVALID_API_KEY",
    "quota_exceeded": "QUOTA_EXCEEDED",
    "no_route": "MISSING_AUTHENTICATION_TOKEN",
    "timed_out": "INTEGRATION_TIMEOUT",
    "token_expired": "EXPIRED_TOKEN",
    "too_large": "REQUEST_TOO_LARGE",
    "too_many_requests": "THROTTLED",
    "unauthorized": "UNAUTHORIZED",
}
_VARIABLE = re.compile(r"\$(\{)?((?:context|stageVariables)\.[A-Za-z0-9_.-]+[A-Za-z0-9_])(?(1)\})")


class GatewayResponses:
    """Makes the answers of an API itself."""

    def __init__(self, api: Api) -> None:
        """Prepare to answer.

        Args:
            api: The API.
        """
        self._api = api
        self._described = api.gateway_responses

    def respond(self, problem: Problem, answer: Answer, request: HTTPRequest) -> web.Response:
        """Return the answer to a request that no function answers.

        Args:
            problem: The reason.
            answer: The usual answer.
            request: The request.
        """
        kind = _TYPES.get(problem, "")
        default = "DEFAULT_5XX" if answer.status >= _SERVER_ERROR else "DEFAULT_4XX"
        described = self._described.get(kind) or self._described.get(default)
        response = answer_response(answer)
        if described is None:
            return response
        value = self._values(kind or default, answer, request)
        if described.status is not None:
            response.set_status(described.status)
        for name, expression in described.headers.items():
            if (text := _header(expression, value)) is not None:
                response.headers[name] = text
        if described.templates:
            media_type, template = _template(described)
            response.body = _VARIABLE.sub(lambda match: value(match[2]) or "", template).encode()
            response.headers["Content-Type"] = media_type
        return response

    def _values(
        self, kind: str, answer: Answer, request: HTTPRequest
    ) -> Callable[[str], str | None]:
        """Return a function from the name of a variable to its value, or None."""
        message = _message(answer)
        known = {
            "context.apiId": self._api.name,
            "context.error.message": message,
            "context.error.messageString": json.dumps(message),
            "context.error.responseType": kind,
            "context.error.validationErrorString": message,
            "context.httpMethod": request.method,
            "context.identity.sourceIp": request.source_ip,
            "context.identity.userAgent": request.user_agent,
            "context.path": request.raw_path,
            "context.protocol": request.protocol,
            "context.requestId": request.request_id,
            "context.stage": self._api.stage,
        }

        def value(name: str) -> str | None:
            place, _, key = name.removeprefix("method.request.").partition(".")
            if place == "header":
                return request.headers.get(key)
            if place == "querystring":
                return next(iter(request.query().get(key, [])), None)
            if place == "stageVariables":
                return self._api.stage_variables.get(key)
            return known.get(name)

        return value


def _header(expression: str, value: Callable[[str], str | None]) -> str | None:
    if len(expression) > 1 and expression[0] == expression[-1] == "'":
        return expression[1:-1]
    return value(expression)


def _template(described: GatewayResponse) -> tuple[str, str]:
    templates = described.templates
    media_type = "application/json" if "application/json" in templates else next(iter(templates))
    return media_type, templates[media_type]


def _message(answer: Answer) -> str:
    body: Any = json.loads(answer.body)
    return str(body.get("message") or body.get("Message") or "")
