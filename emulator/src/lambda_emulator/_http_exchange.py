"""A request over HTTP, the function that answers it, and its response: by any front end."""

import asyncio
import json
import time
import uuid
from collections.abc import Callable
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit

from aiohttp import web
from multidict import CIMultiDict

from ._event import MAX_EVENT_SIZE
from ._front_end import Answer, FrontEnd, Problem
from ._http_request import HTTPRequest
from ._http_response import BadResponse, answer_response, set_headers, to_response
from ._http_stream import collected_response, has_prelude, send_stream
from ._invocation import EmulatedInvocation, MissingTenant, Throttled
from ._platform import malformed_response
from ._service import FunctionService
from ._trace import new_trace_id

Customize = Callable[[Problem, Answer, HTTPRequest], web.Response]
"""Makes a front end's own answer to a request, from why it is given and the usual one."""


class Exchange(NamedTuple):
    """A request, and the rules by which it is answered.

    Attributes:
        request: The request, to answer.
        described: The same, as in an event.
        front_end: The rules.
        added: Headers of the response, which as a rule win over the function's own.
        binary_types: Media types that a REST API treats as binary.
        streamed: True if the response is sent while the function produces it.
        timeout: Seconds to wait for the response; None for the front end's own limit.
        tenant: The tenant that the request is for, or None.
        customize: Makes the front end's own answers, or None for the usual ones.
    """

    request: web.Request
    described: HTTPRequest
    front_end: FrontEnd
    added: CIMultiDict[str]
    binary_types: tuple[str, ...] = ()
    streamed: bool = False
    timeout: float | None = None
    tenant: str | None = None
    customize: Customize | None = None

    def refusal(self) -> Problem | None:
        """Return why the front end refuses the request, whatever function it is for, or None."""
        if self.described.is_head_too_large(self.front_end):
            return "head_too_large"
        if self.described.method in self.front_end.refused_methods:
            return "bad_method"
        most = self.front_end.max_addresses
        if most is not None and self.described.forwarded_addresses > most:
            return "too_many_addresses"
        if "Upgrade" in self.described.headers and not self.front_end.upgrades:
            return "bad_request"
        if len(self.described.body) > self.front_end.max_body:
            return "too_large"
        return None

    def problem(self, problem: Problem, answer: Answer | None = None) -> web.Response:
        """Return an answer of the front end's own.

        Args:
            problem: The reason that the function gave no response.
            answer: The answer; by default the one that the front end has for the problem.
        """
        response = self._own_answer(problem, answer)
        set_headers(response.headers, self.added)
        return response

    def _own_answer(self, problem: Problem, answer: Answer | None = None) -> web.Response:
        answer = answer or self.front_end.answer(problem)
        if self.customize is None:
            return answer_response(answer)
        return self.customize(problem, answer, self.described)

    async def invoke(self, service: FunctionService, event: dict[str, Any]) -> web.StreamResponse:
        """Invoke a function.

        Args:
            service: The function.
            event: The event.

        Returns:
            Its response, or the front end's own answer; one that is streamed has been sent.

        Raises:
            ConnectionAbortedError: The emulator was stopped.
        """
        payload = json.dumps(event).encode()
        invocation = self.begin(service, payload, streamed=self.streamed)
        if isinstance(invocation, web.Response):
            return invocation
        try:
            response = await self._response(service, invocation)
        except BadResponse as error:
            request_id, title = self.described.request_id, self.front_end.title
            service.write_log(malformed_response(request_id, title, str(error)))
            response = self._own_answer("failed")
        except TimeoutError:
            response = self._own_answer("timed_out")
        service.note_http_status(invocation, response.status)
        if not response.prepared:
            set_headers(response.headers, self.added, repeats_cors=self.front_end.repeats_cors)
        return response

    def begin(
        self, service: FunctionService, payload: bytes, *, streamed: bool = False
    ) -> EmulatedInvocation | web.Response:
        """Begin an invocation, or return the answer to a request that gets none.

        Args:
            service: The function.
            payload: The event, as JSON.
            streamed: True to take the response while it is made.
        """
        if len(payload) > MAX_EVENT_SIZE:
            return self.problem("too_large")
        try:
            return service.invoke(
                payload,
                kind="URL",
                streamed=streamed,
                request_id=self.described.request_id,
                trace_id=self.described.trace_id,
                tenant_id=self.tenant,
            )
        except Throttled:
            return self.problem("throttled")
        except MissingTenant:
            return self.problem("no_tenant")

    async def _response(
        self, service: FunctionService, invocation: EmulatedInvocation
    ) -> web.StreamResponse:
        if self.streamed:
            return await self._streamed(invocation)
        async with asyncio.timeout(self.time_limit(service)):
            await invocation
        if invocation.is_error:
            return self._own_answer("failed")
        if has_prelude(invocation):
            return collected_response(invocation.payload, self.front_end)
        accept = self.request.headers.get("Accept")
        return to_response(invocation.payload, self.front_end, accept, self.binary_types)

    def time_limit(self, service: FunctionService) -> float | None:
        """Return the seconds to wait for a function; None for a developer, who takes their time.

        Args:
            service: The function.
        """
        is_debugged = service.config.debug_port is not None
        return None if is_debugged else self.timeout or self.front_end.timeout

    async def _streamed(self, invocation: EmulatedInvocation) -> web.StreamResponse:
        await invocation.head()
        if invocation.streamed:
            return await send_stream(invocation, self.front_end, self.request, self.added)
        await invocation
        if invocation.is_error:
            return self._own_answer("failed")
        if self.front_end.requires_prelude:
            raise BadResponse("it is not a stream that begins with a prelude")
        content_type = invocation.content_type or "application/json"
        return web.Response(body=invocation.payload, headers={"Content-Type": content_type})


def describe(request: web.Request, below: int, body: bytes) -> HTTPRequest:
    """Return a request as in an event.

    Args:
        request: The request.
        below: The number of segments of the path that are not for the function.
        body: The body.
    """
    target = request.raw_path
    if not target.startswith("/"):  # an absolute one, as clients send to a proxy
        parts = urlsplit(target)
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    path, _, query = target.partition("?")
    segments = path.split("/", below + 1)
    path = f"/{segments[below + 1]}" if len(segments) > below + 1 else "/"
    address = cast("tuple[str, int] | None", request.get_extra_info("sockname"))
    trace_id = request.headers.get("X-Amzn-Trace-Id", "")
    return HTTPRequest(
        method=request.method,
        raw_path=path,
        raw_query=query,
        protocol=f"HTTP/{request.version.major}.{request.version.minor}",
        headers=request.headers,
        body=body,
        source_ip=request.remote or "127.0.0.1",
        port=address[1] if address else 80,
        request_id=str(uuid.uuid4()),
        # The Runtime API sends it on in a header.
        trace_id=trace_id if trace_id.isascii() and trace_id else new_trace_id(),
        moment=time.time(),
    )


def refuse_page(request: web.Request, called: str) -> web.Response:
    """Return the answer to a web page that may not send requests.

    Args:
        request: The request.
        called: Says what it asked, and how it can be let in.
    """
    page = request.headers.get("Origin") or "another site"
    headers = {"x-amzn-ErrorType": "AccessDeniedException"}
    message = f"Pages of {page} may not call {called}"
    return web.json_response({"Message": message}, status=403, headers=headers)
