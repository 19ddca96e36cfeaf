"""The Invoke API: what an AWS client sends to Lambda to call a function.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

import base64
import json
import re
import secrets
import time
import uuid
from collections.abc import Mapping
from typing import cast

from aiohttp import web

from lambda_testing import InvocationOptions

from ._environment import ExecutionEnvironment
from ._event import MAX_EVENT_SIZE, EventError, to_event

INVOKE_PATH = "/2015-03-31/functions/{function}/invocations"
# A name, a partial ARN (account:function:name) or an ARN, each with a qualifier or without.
_FUNCTION_NAME = re.compile(
    r"(?:arn:aws[a-z-]*:lambda:)?(?:[a-z]{2}(?:-[a-z]+)+-\d:)?(?:\d{12}:)?(?:function:)?"
    r"([A-Za-z0-9_-]+)(?::(\$LATEST|[A-Za-z0-9_-]+))?"
)


class _Refusal(Exception):
    """An answer that is Lambda's and not the function's, in the form of AWS's errors."""

    def __init__(self, status: int, error_type: str, body: Mapping[str, str]) -> None:
        super().__init__(error_type)
        self.status = status
        self.error_type = error_type
        self.body = body


class InvokeAPI:
    """Serves functions by their names."""

    def __init__(self, functions: Mapping[str, ExecutionEnvironment]) -> None:
        """Serve functions.

        Args:
            functions: Where each function runs, by its name; at least one.
        """
        self._functions = functions

    def app(self) -> web.Application:
        """Return the application to serve."""
        # aiohttp's versions differ in whether the limit itself is allowed.
        app = web.Application(client_max_size=MAX_EVENT_SIZE + 1)
        app.router.add_post(INVOKE_PATH, self._handle)
        return app

    async def _handle(self, request: web.Request) -> web.Response:
        headers = {"x-amzn-RequestId": str(uuid.uuid4())}
        try:
            return await self._invoke(request, headers)
        except _Refusal as refusal:
            headers["x-amzn-ErrorType"] = refusal.error_type
            return _json_response(refusal.status, json.dumps(refusal.body).encode(), headers)

    async def _invoke(self, request: web.Request, headers: dict[str, str]) -> web.Response:
        """Answer a request; ``headers`` hold its id, and get what the answer's headers are."""
        environment, qualifier = self._find(request)
        function = environment.function
        invocation_type = request.headers.get("X-Amz-Invocation-Type", "RequestResponse")
        _check_type(invocation_type)
        event = await _read_event(request)
        options = InvocationOptions(
            request_id=headers["x-amzn-RequestId"],
            trace_id=request.headers.get("X-Amzn-Trace-Id") or _new_trace_id(),
            tenant_id=request.headers.get("X-Amz-Tenant-Id"),
            client_context=_client_context(request.headers.get("X-Amz-Client-Context")),
        )
        if qualifier:
            arn = f"{function.arn}:{qualifier}"
            options["headers"] = {"Lambda-Runtime-Invoked-Function-Arn": arn}
        if invocation_type == "DryRun":
            return web.Response(status=204, headers=headers)
        with_log = request.headers.get("X-Amz-Log-Type") == "Tail"
        try:
            answer = await environment.invoke(event, with_log=with_log, **options)
        except ConnectionAbortedError as error:
            body = {"Type": "Service", "message": "The emulator was stopped."}
            raise _Refusal(503, "ServiceException", body) from error
        headers["X-Amz-Executed-Version"] = function.version
        if answer.is_error:
            headers["X-Amz-Function-Error"] = "Unhandled"
        if answer.log is not None:
            headers["X-Amz-Log-Result"] = base64.b64encode(answer.log).decode()
        return _json_response(200, answer.payload, headers)

    def _find(self, request: web.Request) -> tuple[ExecutionEnvironment, str | None]:
        """Return the function that is asked for, and the qualifier: any is the code that is here."""
        asked = request.match_info["function"]
        match = _FUNCTION_NAME.fullmatch(asked)
        name, qualifier = match.groups() if match else (asked, None)
        qualifier = qualifier or request.query.get("Qualifier")
        if name not in self._functions:
            known = next(iter(self._functions.values())).function
            arn = f"{known.arn.removesuffix(known.name)}{name}:{qualifier or '$LATEST'}"
            body = {"Type": "User", "Message": f"Function not found: {arn}"}
            raise _Refusal(404, "ResourceNotFoundException", body)
        return self._functions[name], qualifier


def _check_type(invocation_type: str) -> None:
    if invocation_type == "Event":
        message = "This emulator runs no asynchronous invocations (X-Amz-Invocation-Type: Event)."
        body = {"Type": "LocalService", "message": f"{message} Use RequestResponse."}
        raise _Refusal(501, "NotImplementedException", body)
    if invocation_type not in {"RequestResponse", "DryRun"}:
        message = f"Unknown invocation type {invocation_type!r}: use RequestResponse or DryRun."
        body = {"Type": "User", "message": message}
        raise _Refusal(400, "InvalidParameterValueException", body)


async def _read_event(request: web.Request) -> bytes:
    try:
        payload = await request.read()
    except web.HTTPRequestEntityTooLarge:
        payload = None
    if payload is None or len(payload) > MAX_EVENT_SIZE:
        limit = f"smaller than {MAX_EVENT_SIZE} bytes for the InvokeFunction operation"
        body = {"Type": "User", "message": f"Request must be {limit}"}
        raise _Refusal(413, "RequestEntityTooLargeException", body)
    try:
        return to_event(payload)
    except EventError as error:
        raise _invalid_content(f"Could not parse request body into json: {error}") from error


def _client_context(encoded: str | None) -> dict[str, object] | None:
    """Return the client context; it is encoded anew, for a header cannot hold JSON's newlines."""
    if not encoded:
        return None
    try:
        context: object = json.loads(base64.b64decode(encoded, validate=True))
    except (ValueError, RecursionError):
        context = None
    if not isinstance(context, dict):
        raise _invalid_content("Client context must be a valid Base64-encoded JSON object.")
    return cast("dict[str, object]", context)


def _invalid_content(message: str) -> _Refusal:
    body = {"Type": "User", "message": message}
    return _Refusal(400, "InvalidRequestContentException", body)


def _new_trace_id() -> str:
    """Return a trace of one's own, not sampled, as Lambda begins for a caller who brings none."""
    root = f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
    return f"Root={root};Parent={secrets.token_hex(8)};Sampled=0"


def _json_response(status: int, body: bytes, headers: Mapping[str, str]) -> web.Response:
    return web.Response(status=status, body=body, headers=headers, content_type="application/json")
