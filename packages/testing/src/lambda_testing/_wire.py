"""The Runtime API's protocol, to the byte: names of headers, limits, and fixed replies.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from multidict import istr

from .contract import MAX_PAYLOAD_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_STREAM_BYTES = 200 * 1024 * 1024
"""The largest streamed response, in bytes."""
MAX_HEAD_BYTES = 1024 * 1024
"""The largest request line or header, in bytes: an X-Ray cause may come near."""

# Names of headers are found sooner as istr.
CONTENT_TYPE = istr("Content-Type")
REQUEST_ID = istr("Lambda-Runtime-Aws-Request-Id")
INVOCATION_ID = istr("Lambda-Runtime-Invocation-Id")
DEADLINE = istr("Lambda-Runtime-Deadline-Ms")
FUNCTION_ARN = istr("Lambda-Runtime-Invoked-Function-Arn")
TRACE_ID = istr("Lambda-Runtime-Trace-Id")
CLIENT_CONTEXT = istr("Lambda-Runtime-Client-Context")
COGNITO_IDENTITY = istr("Lambda-Runtime-Cognito-Identity")
TENANT_ID = istr("Lambda-Runtime-Aws-Tenant-Id")
ERROR_TYPE = istr("Lambda-Runtime-Function-Error-Type")
ERROR_BODY = istr("Lambda-Runtime-Function-Error-Body")
RESPONSE_MODE = istr("Lambda-Runtime-Function-Response-Mode")
EXTENSION_NAME = istr("Lambda-Extension-Name")
EXTENSION_ID = istr("Lambda-Extension-Identifier")
EXTENSION_EVENT_ID = istr("Lambda-Extension-Event-Identifier")
EXTENSION_ERROR_TYPE = istr("Lambda-Extension-Function-Error-Type")
EXTENSION_FEATURES = istr("Lambda-Extension-Accept-Feature")


class Reply(NamedTuple):
    """One reply of the Runtime API to the runtime.

    Attributes:
        status: The HTTP status.
        body: The body's bytes.
        headers: Headers by name; None takes away one that the server would add.
        disconnect: True to close the connection instead of answering.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str | None] = MappingProxyType({})
    disconnect: bool = False


class Refused(Exception):
    """The state machine does not allow a request.

    Attributes:
        reply: The reply to the runtime.
    """

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply)
        self.reply = reply


def compact_json(value: object) -> bytes:
    """Encode a value as JSON in ASCII, without spaces.

    Raises:
        TypeError: JSON has no such value.
    """
    return json.dumps(value, separators=(",", ":")).encode()


def error_payload(error_type: str, message: str) -> bytes:
    """Return the payload that a caller gets for a failure that Lambda itself reports, as JSON."""
    return compact_json({"errorType": error_type, "errorMessage": message})


def json_reply(
    status: int, value: Mapping[str, str], headers: Mapping[str, str] | None = None
) -> Reply:
    """Return a reply in JSON, with further headers."""
    body = compact_json(value) + b"\n"
    return Reply(status, body, {CONTENT_TYPE: "application/json", **(headers or {})})


def _error(status: int, error_type: str, message: str) -> Reply:
    return json_reply(status, {"errorMessage": message, "errorType": error_type})


RESPONSE_TOO_LARGE = error_payload(
    "Function.ResponseSizeTooLarge",
    f"Response payload size exceeded maximum allowed payload size ({MAX_PAYLOAD_BYTES} bytes).",
)
"""The payload that a caller gets for a response that Lambda does not pass on."""
ACCEPTED = json_reply(202, {"status": "OK"})
PONG = Reply(200, b"pong", {CONTENT_TYPE: "text/plain; charset=utf-8"})
NOT_FOUND = Reply(
    404,
    b"404 page not found\n",
    {CONTENT_TYPE: "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff"},
)
DISCONNECT = Reply(disconnect=True)
INVALID_REQUEST_ID = _error(400, "InvalidRequestID", "Invalid request ID")
INVALID_RESPONSE_MODE = _error(400, "InvalidFunctionResponseMode", "Invalid function response mode")
INVOKE_TIMEOUT = _error(410, "InvokeTimeout", "Invoke timeout")
INTERNAL_ERROR = _error(500, "InternalServerError", "Internal Server Error")
RESTORED = Reply(200)
SUBSCRIBED = Reply(200, b'"OK"', {CONTENT_TYPE: "application/json"})
PAYLOAD_TOO_LARGE = _error(
    413,
    "RequestEntityTooLarge",
    f"Exceeded maximum allowed payload size ({MAX_PAYLOAD_BYTES} bytes).",
)


def wrong_method(allowed: str) -> Reply:
    """Return the 405 reply for a path that has only the allowed method."""
    return Reply(405, headers={"Allow": allowed, CONTENT_TYPE: None})


def invalid_transition(current: str, wanted: str) -> Reply:
    """Return the 403 reply to a request that leads from the current state to one it may not."""
    return forbidden("InvalidStateTransition", _transition(current, wanted, "runtime"))


def forbidden(error_type: str, message: str) -> Reply:
    """Return the 403 reply to a request that may not be made, or not now."""
    return _error(403, error_type, message)


def invalid_extension_transition(current: str, wanted: str, extension: str) -> Reply:
    """Return the 403 reply to an extension whose request leads to a state that it may not."""
    message = _transition(current, wanted, f"extension {extension}")
    return forbidden("Extension.InvalidExtensionState", message)


def _transition(current: str, wanted: str, who: str) -> str:
    return (
        f"State transition from {current} to {wanted} failed for {who}. "
        "Error: State transition is not allowed"
    )
