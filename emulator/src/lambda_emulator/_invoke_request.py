"""Requests of the Invoke API: the function, the event and the options that they name."""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple, cast

from aiohttp import web

from lambda_testing import InvocationOptions

from . import _aws_error as aws_error
from ._connections import read_body
from ._event import MAX_EVENT_SIZE, EventError, to_event
from ._invocation import MissingTenant
from ._service import FunctionService

MAX_ASYNC_EVENT_SIZE = 1024 * 1024
"""The most bytes of the event of an asynchronous invocation, since October 2025."""
_MAX_CLIENT_CONTEXT_SIZE = 3583  # in base64
# A name, a partial ARN (account:function:name) or an ARN, each with a qualifier or without.
_FUNCTION_NAME = re.compile(
    r"(?:arn:(?:aws[A-Za-z-]*)?:lambda:)?(?:(?:eusc-)?[a-z]{2}(?:-[a-z]+)+-\d:)?(?:\d{12}:)?"
    r"(?:function:)?([A-Za-z0-9_.-]+)(?::(\$LATEST(?:\.PUBLISHED)?|[A-Za-z0-9_-]+))?"
)
_QUALIFIER = r"\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+"
_MAX_QUALIFIER_SIZE = 128
_TENANT_ID = r"[a-zA-Z0-9\._:\/=+\-@ ]+"
_MAX_TENANT_ID_SIZE = 256
# AWS's SDKs name these, or none; application/x-www-form-urlencoded is what curl says unasked.
_MEDIA_TYPES = frozenset(
    {"", "application/json", "application/octet-stream", "application/x-www-form-urlencoded"}
)
_JSON_TYPE = re.compile(r"application/(?:[a-z0-9.+-]+\+json|x-amz-json-1\.[0-9])")


class InvokeRequest(NamedTuple):
    """A request to invoke a function.

    Attributes:
        service: The function.
        kind: The invocation type, such as ``Event`` or ``DryRun``.
        event: The event, as JSON.
        options: The other options of the invocation.
        wants_log: True if the caller asks for the end of the log.
        qualifier: The version or alias that is asked for, or None.
    """

    service: FunctionService
    kind: str
    event: bytes
    options: InvocationOptions
    wants_log: bool
    qualifier: str | None


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
    service, qualifier = find_function(request, functions, implied="$LATEST")
    kind = kinds[0]
    if len(kinds) > 1:
        kind = request.headers.get("X-Amz-Invocation-Type", kind)
    if kind not in kinds:
        *others, last = kinds
        message = f"Unknown invocation type {kind!r}: use {', '.join(others)} or {last}."
        raise aws_error.invalid_parameter(message)
    _check_media_type(request)
    limit = MAX_ASYNC_EVENT_SIZE if kind == "Event" else MAX_EVENT_SIZE
    event = await _read_event(request, limit, operation)
    options = _read_options(request, service, qualifier, request_id)
    try:
        service.check_tenant(options.get("tenant_id"))
    except MissingTenant as error:
        raise aws_error.invalid_parameter(str(error)) from None
    if kind == "Event":
        options["client_context"] = None  # Lambda passes it on to synchronous invocations only
    wants_log = request.headers.get("X-Amz-Log-Type") == "Tail"
    return InvokeRequest(service, kind, event, options, wants_log, qualifier)


def find_function(
    request: web.Request, functions: Mapping[str, FunctionService], *, implied: str | None = None
) -> tuple[FunctionService, str | None]:
    """Find the function that the path of a request names.

    Args:
        request: The request; it may have a qualifier in its query, too.
        functions: All functions by name; at least one.
        implied: The qualifier that a refusal names if the request has none.

    Returns:
        The function, and the qualifier, if there is one.

    Raises:
        Refusal: There is no such function, or the qualifier is not valid, or there are two.
    """
    asked = request.match_info["function"]
    match = _FUNCTION_NAME.fullmatch(asked)
    name, qualifier = match.groups() if match else (asked, None)
    wanted = request.query.get("Qualifier")
    if wanted:
        _check_text("qualifier", wanted, _MAX_QUALIFIER_SIZE, _QUALIFIER)
    if qualifier and wanted and qualifier != wanted:
        raise aws_error.invalid_parameter(
            "The derived qualifier from the function name does not match the specified qualifier."
        )
    qualifier = qualifier or wanted
    if name not in functions or not functions[name].config.has(qualifier):
        known = next(iter(functions.values())).function
        arn = f"{known.arn.removesuffix(known.name)}{name}"
        version = qualifier or implied
        raise aws_error.not_found(f"{arn}:{version}" if version else arn)
    return functions[name], qualifier


def _check_media_type(request: web.Request) -> None:
    header = request.headers.get("Content-Type", "")
    media_type = header.partition(";")[0].strip().lower()
    if media_type not in _MEDIA_TYPES and not _JSON_TYPE.fullmatch(media_type):
        raise aws_error.unsupported_media_type(header)


async def _read_event(request: web.Request, limit: int, operation: str) -> bytes:
    try:
        payload = await read_body(request)
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
        trace_id=request.headers.get("X-Amzn-Trace-Id"),
        tenant_id=_tenant_id(request.headers.get("X-Amz-Tenant-Id")),
        client_context=_client_context(request.headers.get("X-Amz-Client-Context")),
    )
    if qualifier:
        arn = f"{service.function.arn}:{qualifier}"
        options["headers"] = {"Lambda-Runtime-Invoked-Function-Arn": arn}
    return options


def _tenant_id(tenant_id: str | None) -> str | None:
    if tenant_id is None:
        return None
    _check_text("tenantId", tenant_id, _MAX_TENANT_ID_SIZE, _TENANT_ID)
    return tenant_id


def _check_text(member: str, text: str, longest: int, pattern: str) -> None:
    """Refuse a text that AWS's model of the API does not allow."""
    if not text:
        raise aws_error.invalid(member, text, "have length greater than or equal to 1")
    if len(text) > longest:
        limit = f"have length less than or equal to {longest}"
        raise aws_error.invalid(member, text, limit)
    if not re.fullmatch(pattern, text):
        constraint = f"satisfy regular expression pattern: {pattern}"
        raise aws_error.invalid(member, text, constraint)


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
