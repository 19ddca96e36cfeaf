"""Integrations that are not proxies: mapping templates make requests and responses.

https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings.html
"""

import asyncio
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from aiohttp import web
from multidict import CIMultiDict

from lambda_emulator._front_end import Answer
from lambda_emulator._http_exchange import Exchange
from lambda_emulator._http_request import media_type_of
from lambda_emulator._http_response import set_headers
from lambda_emulator._messages import say
from lambda_emulator._project.description import Custom
from lambda_emulator._project.integration_responses import fits
from lambda_emulator._project.mocks import mock_status
from lambda_emulator._service import FunctionService
from lambda_emulator._velocity.template import Template
from lambda_emulator._velocity.values import TemplateError

from .call import Call, Grant
from .parameter_mapping import Answered, Expressions, change_header
from .template_variables import template_variables

_JSON = "application/json"
_FAILED = Answer(
    500, '{"message": "Internal server error"}', error_type="InternalServerErrorException"
)
UNSUPPORTED = Answer(415, '{"message": "Unsupported Media Type"}', error_type="BadRequestException")
"""The answer to a request whose media type no template is for."""


class Made(NamedTuple):
    """A request as an integration makes it.

    Attributes:
        body: The body; None if the media type of the request is not supported.
        media_type: The type of the body.
    """

    body: bytes | None
    media_type: str


class CustomIntegration:
    """An integration that is not a proxy."""

    def __init__(self, custom: Custom) -> None:
        """Prepare to map requests and responses.

        Args:
            custom: The integration.
        """
        self._custom = custom
        self._requests = {name: Template(text) for name, text in custom.requests.items()}
        self._responses = [
            (each, {name: Template(text) for name, text in each.templates.items()})
            for each in custom.responses
        ]

    def request(self, call: Call, grant: Grant | None) -> Made:
        """Return the body of a request for the integration.

        Args:
            call: The request of the client.
            grant: The grant of the authorizer, or None.

        Raises:
            TemplateError: A template cannot be evaluated.
        """
        sent = media_type_of(call.request.headers.get("Content-Type")) or _JSON
        template = self._requests.get(sent)
        if template is not None:
            text = template.render(template_variables(call, grant, call.request.body))
            return Made(text.encode(), sent)
        passes = self._custom.passthrough
        if passes == "NEVER" or (passes == "WHEN_NO_TEMPLATES" and self._requests):
            return Made(None, sent)
        return Made(call.request.body, sent)

    def response(
        self,
        exchange: Exchange,
        call: Call,
        grant: Grant | None,
        answered: Answered,
        reason: str | None,
    ) -> web.Response:
        """Return the response to the client.

        Args:
            exchange: The request, to answer.
            call: The same, for its route.
            grant: The grant of the authorizer, or None.
            answered: The response of the integration.
            reason: The text that chooses the response: a status, or the message of an error; None
                for the default response.

        Raises:
            TemplateError: A template cannot be evaluated.
        """
        chosen = next(
            (
                each
                for each in self._responses
                if not each[0].pattern or (reason is not None and fits(each[0].pattern, reason))
            ),
            None,
        )
        if chosen is None:
            return exchange.problem("failed", _FAILED)
        described, templates = chosen
        headers = CIMultiDict({"Content-Type": answered.headers.get("Content-Type", _JSON)})
        body, status = answered.body, described.status or answered.status
        expressions = Expressions(call, grant, answered)
        for name, expression in described.parameters.items():
            change_header(headers, name.rpartition(".")[2], expressions.value(expression))
        if templates:
            media_type = _JSON if _JSON in templates else next(iter(templates))
            variables = template_variables(call, grant, answered.body)
            headers.setdefault("Content-Type", media_type)
            if "method.response.header.Content-Type" not in described.parameters:
                headers["Content-Type"] = media_type
            body = templates[media_type].render(variables).encode()
            status = _override(variables["context"], headers, status)
        response = web.Response(status=status, headers=headers, body=body)
        set_headers(response.headers, exchange.added)
        return response

    async def invoke(
        self, exchange: Exchange, call: Call, grant: Grant | None, service: FunctionService
    ) -> web.Response:
        """Return the response of a function.

        Args:
            exchange: The request, to answer.
            call: The same, for its route.
            grant: The grant of the authorizer, or None.
            service: The function.

        Raises:
            ConnectionAbortedError: The emulator was stopped.
            TemplateError: A template cannot be evaluated.
        """
        made = self.request(call, grant)
        if made.body is None:
            return exchange.problem("failed", UNSUPPORTED)
        payload = made.body or b"{}"
        try:
            json.loads(payload)
        except (ValueError, RecursionError) as error:
            raise TemplateError(f"the function would get no JSON: {error}") from error
        invocation = exchange.begin(service, payload)
        if isinstance(invocation, web.Response):
            return invocation
        try:
            async with asyncio.timeout(exchange.time_limit(service)):
                await invocation
            reason = _message(invocation.payload) if invocation.is_error else None
            answered = Answered(200, CIMultiDict(), invocation.payload)
            response = self.response(exchange, call, grant, answered, reason)
        except TimeoutError:
            response = exchange.problem("timed_out")
        service.note_http_status(invocation, response.status)
        return response

    def mock(self, exchange: Exchange, call: Call, grant: Grant | None) -> web.Response:
        """Return the response of a mock, whose status is in what its template makes.

        Args:
            exchange: The request, to answer.
            call: The same, for its route.
            grant: The grant of the authorizer, or None.

        Raises:
            TemplateError: A template cannot be evaluated.
        """
        made = self.request(call, grant)
        if made.body is None:
            return exchange.problem("failed", UNSUPPORTED)
        status = mock_status(made.body.decode())
        if status is None:
            return exchange.problem("failed", _FAILED)
        answered = Answered(status, CIMultiDict(), b"")
        return self.response(exchange, call, grant, answered, str(status))


def failed(exchange: Exchange, call: Call, error: TemplateError) -> web.Response:
    """Return the answer where a template cannot be evaluated, and say so.

    Args:
        exchange: The request, to answer.
        call: The same, for its route.
        error: The reason.
    """
    say(f"The mapping template of {call.endpoint.route} of {call.api.name} fails: {error}.")
    return exchange.problem("failed", _FAILED)


def _override(context: Mapping[str, Any], headers: CIMultiDict[str], status: int) -> int:
    """Change what a template overrides; return the status."""
    override = context["responseOverride"]
    for name, value in override["header"].items():
        change_header(headers, name, str(value))
    overridden = str(override.get("status") or status)
    if not (overridden.isdecimal() and 200 <= int(overridden) < 600):
        raise TemplateError(f"{overridden} is not a status")
    return int(overridden)


def _message(payload: bytes) -> str:
    try:
        error = json.loads(payload)
    except ValueError:
        return payload.decode(errors="replace")
    message = error.get("errorMessage") if isinstance(error, dict) else None
    return message if isinstance(message, str) else ""
