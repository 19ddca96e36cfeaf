"""Authorizers that ask a function.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
"""

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from lambda_emulator._http_event import http_api_1_event, http_api_event, rest_api_event
from lambda_emulator._invocation import MissingTenant, Throttled
from lambda_emulator._messages import say
from lambda_emulator._project.description import Authorizer
from lambda_emulator._service import FunctionService

from .call import Call, Grant, Refusal
from .conditions import PolicyError, known_values
from .policy import decide

_TIMEOUTS = {"http": 10.0, "rest": 29.0, "websocket": 29.0}
_DEFAULT_SOURCE = "method.request.header.Authorization"
_MANY = 1000  # answers that are kept


class _BadAnswer(ValueError):
    """A function's answer is not an authorizer's; the message says how."""


class _Kept(NamedTuple):
    """An answer that is kept.

    Attributes:
        answer: The answer.
        until: The time at which it is forgotten, in seconds of the loop's time.
    """

    answer: Mapping[str, Any]
    until: float


class LambdaAuthorizer:
    """Asks a function who may call a route, and keeps its answers."""

    def __init__(self, authorizer: Authorizer, service: FunctionService) -> None:
        """Prepare to ask.

        Args:
            authorizer: The authorizer.
            service: The function.

        Raises:
            ValueError: The expression that tokens must match is malformed.
        """
        self._authorizer = authorizer
        try:
            self._validation = re.compile(authorizer.validation or "")
        except re.error as error:
            raise ValueError(
                f"The authorizer {authorizer.name} has a malformed expression: {error}."
            ) from error
        self._service = service
        self._kept: dict[tuple[str, ...], _Kept] = {}

    async def authorize(self, call: Call) -> Grant:
        """Ask the function, or take the answer that it gave before.

        Args:
            call: The request.

        Raises:
            Refusal: It may not have its response.
            ConnectionAbortedError: The emulator was stopped.
        """
        loop = asyncio.get_running_loop()
        identity = self._identity(call)
        started = loop.time()
        kept = self._kept.get(identity)
        answer = kept.answer if kept is not None and kept.until > started else None
        try:
            if answer is None:
                answer = await self._ask(call, identity)
                if self._authorizer.cache_seconds and identity:
                    if len(self._kept) >= _MANY:
                        self._kept.clear()
                    until = started + self._authorizer.cache_seconds
                    self._kept[identity] = _Kept(answer, until)
            return self._grant(answer, call, int((loop.time() - started) * 1000))
        except (_BadAnswer, PolicyError) as error:
            name, function = self._authorizer.name, self._service.function.name
            say(f"The authorizer {name} failed: the answer of {function} is not usable: {error}.")
            raise Refusal("authorizer_failed") from error

    def _identity(self, call: Call) -> tuple[str, ...]:
        """Return the values of the identity sources: all must be there."""
        authorizer = self._authorizer
        sources = authorizer.identity_sources
        if authorizer.kind == "token":
            sources = sources or (_DEFAULT_SOURCE,)
        values = tuple(call.source(source) for source in sources)
        found = tuple(value for value in values if value is not None)
        if len(found) < len(values):
            raise Refusal("unauthorized")
        if authorizer.kind == "token" and not self._validation.match(found[0]):
            raise Refusal("unauthorized")
        return found

    async def _ask(self, call: Call, identity: tuple[str, ...]) -> Mapping[str, Any]:
        event = json.dumps(self._event(call, identity)).encode()
        timeout = None if self._service.config.debug_port else _TIMEOUTS[call.api.kind]
        try:
            async with asyncio.timeout(timeout):
                invocation = self._service.invoke(event, trace_id=call.request.trace_id)
                await invocation
        except (Throttled, TimeoutError) as error:
            name = self._authorizer.name
            say(f"The authorizer {name} failed: {self._service.function.name} is too slow or busy.")
            raise Refusal("authorizer_failed") from error
        except MissingTenant as error:
            raise Refusal("authorizer_failed") from error
        try:
            answer: object = json.loads(invocation.payload)
        except (ValueError, RecursionError) as error:
            raise _BadAnswer("it is not JSON") from error
        if not isinstance(answer, dict):
            raise _BadAnswer("it is not an object")
        described = cast("dict[str, Any]", answer)
        if not invocation.is_error:
            return described
        if described.get("errorMessage") == "Unauthorized":
            raise Refusal("unauthorized")
        raise Refusal("authorizer_failed")

    def _event(self, call: Call, identity: tuple[str, ...]) -> dict[str, Any]:
        if self._authorizer.kind == "token":
            return {
                "type": "TOKEN",
                "methodArn": call.arn,
                "authorizationToken": identity[0],
            }
        if call.api.kind != "http":
            return _request_event(call)
        if self._authorizer.payload_format == "1.0":
            event = http_api_1_event(call.request, call.endpoint)
            event |= {"type": "REQUEST", "methodArn": call.arn}
            event["identitySource"] = event["authorizationToken"] = ",".join(identity)
        else:
            event = http_api_event(call.request, call.endpoint)
            event |= {"type": "REQUEST", "routeArn": call.arn}
            event["identitySource"] = list(identity) or None
        return _without_body(event)

    def _grant(self, answer: Mapping[str, Any], call: Call, latency_ms: int) -> Grant:
        nested = call.api.kind == "http" and self._authorizer.payload_format == "2.0"
        context = _context(answer, nested=nested)
        if self._authorizer.simple:
            allowed = answer.get("isAuthorized")
            if not isinstance(allowed, bool):
                raise _BadAnswer("isAuthorized is not a boolean")
            if not allowed:
                raise Refusal("denied")
            return Grant("lambda", context, latency_ms=latency_ms)
        principal = answer.get("principalId")
        if not isinstance(principal, str):
            raise _BadAnswer("principalId is not a string")
        decision = decide(answer.get("policyDocument"), call.arn, known_values(call.request))
        if decision != "allowed":
            raise Refusal(decision)
        key = answer.get("usageIdentifierKey")
        usage_key = key if isinstance(key, str) else None
        return Grant("lambda", context, principal, latency_ms=latency_ms, usage_key=usage_key)


def _context(answer: Mapping[str, Any], *, nested: bool) -> Mapping[str, Any]:
    context: object = answer.get("context")
    if context is None:
        return {}
    if not isinstance(context, dict):
        raise _BadAnswer("context is not an object")
    values = cast("dict[str, Any]", context)
    if not nested and any(isinstance(value, (dict, list)) for value in values.values()):
        raise _BadAnswer("a value of its context is an object or a list")
    return {name: value for name, value in values.items() if value is not None}


def _request_event(call: Call) -> dict[str, Any]:
    """Return the event of a REST or a WebSocket API, where what is absent is an empty object."""
    event = rest_api_event(call.request, call.endpoint, call.path, ())
    for name in ("queryStringParameters", "multiValueQueryStringParameters"):
        event[name] = event[name] or {}
    for name in ("pathParameters", "stageVariables"):
        event[name] = event[name] or {}
    if call.connection is not None:
        event["requestContext"] = dict(call.connection)
        for name in ("resource", "path", "httpMethod", "pathParameters"):
            del event[name]
    return {"type": "REQUEST", "methodArn": call.arn, **_without_body(event)}


def _without_body(event: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in event.items() if name not in ("body", "isBase64Encoded")}
