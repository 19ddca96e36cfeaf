"""Requests of the Invoke API: the function, the event and the options that they name."""

import base64
import json
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from aiohttp import web

from lambda_testing import InvocationOptions

from . import _aws_error as aws_error
from ._event import MAX_EVENT_SIZE, EventError, to_event
from ._service import FunctionService

MAX_ASYNC_EVENT_SIZE = 1024 * 1024
"""The most bytes of the event of an asynchronous invocation, since October 2025."""
_MAX_CLIENT_CONTEXT_SIZE = 3583  # in base64
# A name, a partial ARN (account:function:name) or an ARN, each with a qualifier or without.
_FUNCTION_NAME = re.compile(
    r"(?:arn:aws[a-z-]*:lambda:)?(?:[a-z]{2}(?:-[a-z]+)+-\d:)?(?:\d{12}:)?(?:function:)?"
    r"([A-Za-z0-9_-]+)(?::(\$LATEST|[A-Za-z0-9_-]+))?"
)


@dataclass(frozen=True, slots=True)
class InvokeRequest:
    """A request to invoke a function.

    Attributes:
        service: The function.
        kind: The invocation type, such as ``Event`` or ``DryRun``.
        event: The event, as JSON.
        options: The other options of the invocation.
        wants_log: Whether the caller asks for the end of the log.
    """

    service: FunctionService
    kind: str
    event: bytes
    options: InvocationOptions
    wants_log: bool


async def read_request(
    request: web.Request,
    request_id: str,
    functions: Mapping[str, FunctionService],
    *,
    operation: str,
    kinds: Sequence[str],
) -> InvokeRequest:
    """Read a request to invoke a function.

    Args:
        request: The request.
        request_id: The id that it has got.
        functions: All functions by name; at least one.
        operation: The operation that was asked for, as ``InvokeFunction``.
        kinds: The invocation types that it has, the default first.

    Returns:
        The request. All versions and aliases of a function are the code that is here.

    Raises:
        Refusal: There is no such function or invocation type, or the event or an option is wrong.
    """
    service, qualifier = _find_function(request, functions)
    kind = kinds[0]
    if len(kinds) > 1:
        kind = request.headers.get("X-Amz-Invocation-Type", kind)
    if kind not in kinds:
        *others, last = kinds
        message = f"Unknown invocation type {kind!r}: use {', '.join(others)} or {last}."
        raise aws_error.invalid_parameter(message)
    limit = MAX_ASYNC_EVENT_SIZE if kind == "Event" else MAX_EVENT_SIZE
    event = await _read_event(request, limit, operation)
    options = _read_options(request, service, qualifier, request_id)
    wants_log = request.headers.get("X-Amz-Log-Type") == "Tail"
    return InvokeRequest(service, kind, event, options, wants_log)


def new_trace_id() -> str:
    """Return a new trace, not sampled, as Lambda begins for a caller who brings none."""
    root = f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
    return f"Root={root};Parent={secrets.token_hex(8)};Sampled=0"


def _find_function(
    request: web.Request, functions: Mapping[str, FunctionService]
) -> tuple[FunctionService, str | None]:
    asked = request.match_info["function"]
    match = _FUNCTION_NAME.fullmatch(asked)
    name, qualifier = match.groups() if match else (asked, None)
    wanted = request.query.get("Qualifier")
    if qualifier and wanted and qualifier != wanted:
        raise aws_error.invalid_parameter(
            "The derived qualifier from the function name does not match the specified qualifier."
        )
    qualifier = qualifier or wanted
    if name not in functions:
        known = next(iter(functions.values())).function
        arn = f"{known.arn.removesuffix(known.name)}{name}:{qualifier or '$LATEST'}"
        raise aws_error.not_found(arn)
    return functions[name], qualifier


async def _read_event(request: web.Request, limit: int, operation: str) -> bytes:
    try:
        payload = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise aws_error.too_large(limit, operation) from None
    if len(payload) > limit:
        raise aws_error.too_large(limit, operation)
    try:
        return to_event(payload)
    except EventError as error:
        raise aws_error.invalid_content(
            f"Could not parse request body into json: {error}"
        ) from error


def _read_options(
    request: web.Request, service: FunctionService, qualifier: str | None, request_id: str
) -> InvocationOptions:
    options = InvocationOptions(
        request_id=request_id,
        trace_id=request.headers.get("X-Amzn-Trace-Id") or new_trace_id(),
        tenant_id=request.headers.get("X-Amz-Tenant-Id"),
        client_context=_client_context(request.headers.get("X-Amz-Client-Context")),
    )
    if qualifier:
        arn = f"{service.function.arn}:{qualifier}"
        options["headers"] = {"Lambda-Runtime-Invoked-Function-Arn": arn}
    return options


def _client_context(encoded: str | None) -> dict[str, object] | None:
    """Decode the client context; it is encoded again, as a header cannot hold JSON's newlines."""
    if not encoded:
        return None
    if len(encoded) > _MAX_CLIENT_CONTEXT_SIZE:
        limit = f"{_MAX_CLIENT_CONTEXT_SIZE} bytes"
        raise aws_error.invalid_content(f"Client context must be smaller than {limit}.")
    try:
        context: object = json.loads(base64.b64decode(encoded, validate=True))
    except (ValueError, RecursionError):
        context = None
    if not isinstance(context, dict):
        raise aws_error.invalid_content(
            "Client context must be a valid Base64-encoded JSON object."
        )
    return cast("dict[str, object]", context)
