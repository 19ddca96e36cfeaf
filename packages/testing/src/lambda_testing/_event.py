"""The options of an invocation, and the headers by which the runtime gets them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypedDict

from multidict import CIMultiDict

from . import _wire as wire

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import EllipsisType

    from ._function import Function

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class InvocationOptions(TypedDict, total=False):
    """The options of an invocation, besides its event.

    Attributes:
        request_id: The request id; a new UUID by default.
        deadline_ms: The deadline in milliseconds of Unix time; by default the timeout, counted
            from when the runtime gets the event.
        trace_id: The X-Ray trace header; absent by default.
        client_context: The client context: a dict to encode as JSON, or the text to send.
        cognito_identity: The Cognito identity: a dict to encode as JSON, or the text to send.
        tenant_id: The tenant's id.
        content_type: The event's media type, ``application/json`` by default.
        invocation_id: The nonce that the runtime must send back; a new UUID by default, and None
            for a platform that sends none.
        headers: Headers for the runtime that override all of the above; None removes one.
    """

    request_id: str | None
    deadline_ms: int | None
    trace_id: str | None
    client_context: str | Mapping[str, object] | None
    cognito_identity: str | Mapping[str, object] | None
    tenant_id: str | None
    content_type: str
    invocation_id: str | EllipsisType | None
    headers: Mapping[str, str | None] | None


def event_headers(
    function: Function, request_id: str, invocation_id: str | None, options: InvocationOptions
) -> CIMultiDict[str | None]:
    """Return the headers that the runtime gets with an event.

    Args:
        function: The function that is invoked.
        request_id: The request id.
        invocation_id: The nonce, or None.
        options: The other options.

    Returns:
        Values by name; None stands for a header to leave out. The deadline is among them only
        if the options name one.

    Raises:
        TypeError: JSON has no such client context or identity.
        ValueError: A value holds a control character, which no header can.
    """
    deadline = options.get("deadline_ms")
    values: dict[str, str | None] = {
        wire.CONTENT_TYPE: options.get("content_type", "application/json"),
        wire.REQUEST_ID: request_id,
        wire.FUNCTION_ARN: function.arn,
        wire.INVOCATION_ID: invocation_id,
        wire.TRACE_ID: options.get("trace_id"),
        wire.CLIENT_CONTEXT: _text(options.get("client_context")),
        wire.COGNITO_IDENTITY: _text(options.get("cognito_identity")),
        wire.TENANT_ID: options.get("tenant_id"),
    }
    if deadline is not None:
        values[wire.DEADLINE] = str(deadline)
    headers = CIMultiDict(values)
    headers.update(options.get("headers") or {})
    for name, value in headers.items():
        if value is not None and _CONTROL.search(value):
            raise ValueError(f"the header {name} cannot hold a control character: {value!r}")
    return headers


def _text(value: str | Mapping[str, object] | None) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return wire.compact_json(value).decode()
