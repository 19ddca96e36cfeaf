"""Streamed responses as they come in: chunks, trailers, preludes, back-pressure, and their ends."""

from __future__ import annotations

import asyncio
import base64
import json
import select
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPResponse

import pytest

from lambda_testing import MAX_PAYLOAD_BYTES, FakeRuntimeAPI, Invocation, StreamError

Call = Callable[..., HTTPResponse]
Connect = Callable[[], HTTPConnection]
Begin = Callable[..., "Sender"]

RUNTIME = "/2018-06-01/runtime"
HTTP_RESPONSE = "application/vnd.awslambda.http-integration-response"
ERROR_TYPE = "Lambda-Runtime-Function-Error-Type"
ERROR_BODY = "Lambda-Runtime-Function-Error-Body"


class Sender:
    """A response on its way, byte by byte."""

    def __init__(self, connection: HTTPConnection, invocation: Invocation, **headers: str) -> None:
        self.connection = connection
        connection.putrequest("POST", f"{RUNTIME}/invocation/{invocation.request_id}/response")
        connection.putheader("Lambda-Runtime-Function-Response-Mode", "streaming")
        connection.putheader("Transfer-Encoding", "chunked")
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()

    def chunk(self, data: bytes) -> None:
        self.connection.send(b"%x\r\n%b\r\n" % (len(data), data))

    def end(self, **trailers: str) -> int:
        lines = "".join(
            f"{name.replace('_', '-')}: {value}\r\n" for name, value in trailers.items()
        )
        self.connection.send(f"0\r\n{lines}\r\n".encode())
        response = self.connection.getresponse()
        response.read()
        return response.status


@pytest.fixture
def begin(connect: Connect, call: Call) -> Begin:
    """Take the next invocation, and begin a response to it on a connection of its own."""

    def begin(invocation: Invocation, **headers: str) -> Sender:
        call("GET", "invocation/next").read()
        return Sender(connect(), invocation, **headers)

    return begin


def test_chunks_are_seen_as_they_come(api: FakeRuntimeAPI, begin: Begin) -> None:
    invocation = api.enqueue(1)
    sender = begin(invocation, Content_Type="text/plain")
    assert list(invocation.chunks) == []
    sender.chunk(b"one")
    assert invocation.wait_for_chunk().data == b"one"
    assert invocation.state == "running"
    sender.chunk(b"second")
    assert invocation.wait_for_chunk(1).size == 6
    assert sender.end() == 202
    outcome = invocation.wait()
    assert (outcome.kind, outcome.mode, outcome.content_type) == (
        "response",
        "streaming",
        "text/plain",
    )
    assert (outcome.body, outcome.content, outcome.size) == (b"onesecond", b"onesecond", 9)
    assert (outcome.prelude, outcome.stream_error, dict(outcome.trailers)) == (None, None, {})
    assert outcome.chunks == invocation.chunks
    assert [chunk.data for chunk in outcome.chunks] == [b"one", b"second"]
    times = [outcome.delivered, *(chunk.time for chunk in outcome.chunks), outcome.answered]
    assert times == sorted(times, key=lambda time: time or 0)
    assert api.requests[-1].body == b"onesecond"


def test_a_chunk_is_one_however_it_is_cut(api: FakeRuntimeAPI, begin: Begin) -> None:
    invocation = api.enqueue(1)
    sender = begin(invocation)
    sender.chunk(b"first")
    invocation.wait_for_chunk(0)
    data = b"\r\nhalf of sixteen\r\n0\r\n\r\n"
    cut = b"%x\r\n%b\r\n3\r\nabc\r\n" % (len(data), data)
    for index in range(len(cut)):
        sender.connection.send(cut[index : index + 1])
    sender.connection.send(b"1\r\nd\r\n1\r\ne\r\n")
    assert sender.end() == 202
    seen = [chunk.data for chunk in invocation.wait().chunks]
    assert seen == [b"first", data, b"abc", b"d", b"e"]


def test_chunks_can_be_awaited_on_any_loop(api: FakeRuntimeAPI, begin: Begin) -> None:
    invocation = api.enqueue(1)
    sender = begin(invocation)

    async def watch() -> None:
        given_up = asyncio.create_task(invocation.chunk(0))
        await asyncio.sleep(0)
        given_up.cancel()
        waiting = asyncio.create_task(invocation.chunk(0))
        await asyncio.to_thread(sender.chunk, b"x")
        assert (await waiting).data == b"x"
        assert await asyncio.to_thread(sender.end) == 202
        with pytest.raises(EOFError, match=r"ended as response after 1 chunks"):
            await invocation.chunk(1)
        assert (await invocation).body == b"x"

    asyncio.run(watch())


def test_waiting_for_a_chunk_that_does_not_come(api: FakeRuntimeAPI, begin: Begin) -> None:
    invocation = api.enqueue(1)
    sender = begin(invocation)
    with pytest.raises(
        TimeoutError, match=r"has 0 chunks, and none at index 0, after 0\.01 s; the"
    ):
        invocation.wait_for_chunk(timeout=0.01)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(invocation.wait_for_chunk)
        assert sender.end() == 202
        with pytest.raises(EOFError, match=r"ended as response after 0 chunks"):
            waiting.result(10)


def test_closing_ends_the_wait_for_a_chunk(api: FakeRuntimeAPI) -> None:
    invocation = api.enqueue(1)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(invocation.wait_for_chunk)
        api.close()
        with pytest.raises(ConnectionAbortedError, match="closed"):
            waiting.result(10)


def test_a_buffered_response_has_no_chunks(api: FakeRuntimeAPI, call: Call) -> None:
    invocation = api.enqueue(1)
    call("GET", "invocation/next").read()
    path = f"invocation/{invocation.request_id}/response"
    call("POST", path, b"[1]", {"Content-Type": "application/json"}).read()
    outcome = invocation.wait()
    assert (outcome.chunks, outcome.size, outcome.mode) == ((), 3, "buffered")
    assert outcome.content_type == "application/json"
    with pytest.raises(EOFError):
        invocation.wait_for_chunk()


def test_a_stream_with_a_length(api: FakeRuntimeAPI, call: Call) -> None:
    invocation = api.enqueue(1)
    call("GET", "invocation/next").read()
    path = f"invocation/{invocation.request_id}/response"
    headers = {"Lambda-Runtime-Function-Response-Mode": "streaming"}
    body = bytes(MAX_PAYLOAD_BYTES + 1)
    assert call("POST", path, body, headers).status == 202
    outcome = invocation.wait()
    assert outcome.body == body
    assert sum(chunk.size for chunk in outcome.chunks) == len(body)


def error_trailers(error: object) -> dict[str, str]:
    body = base64.b64encode(json.dumps(error).encode()).decode()
    return {ERROR_TYPE: "Function.Oops", ERROR_BODY: body}


def test_a_stream_may_end_in_an_error(api: FakeRuntimeAPI, begin: Begin) -> None:
    invocation = api.enqueue(1)
    sender = begin(invocation, Trailer=f"{ERROR_TYPE}, {ERROR_BODY}")
    sender.chunk(b"begun")
    error = {"errorType": "Oops", "errorMessage": "ü" * 50_000}
    assert sender.end(**error_trailers(error)) == 202
    outcome = invocation.wait()
    assert (outcome.kind, outcome.body) == ("stream_error", b"begun")
    assert outcome.stream_error == StreamError("Function.Oops", error)
    assert outcome.trailers["lambda-runtime-function-error-type"] == "Function.Oops"
    assert api.requests[-1].trailers == outcome.trailers
    assert outcome.error_type is None


def test_a_stream_of_nothing_may_end_in_an_error(api: FakeRuntimeAPI, begin: Begin) -> None:
    invocation = api.enqueue(1)
    assert begin(invocation).end(**error_trailers(None)) == 202
    assert invocation.wait().stream_error == StreamError("Function.Oops", None)


def test_trailers_in_the_data_are_data(api: FakeRuntimeAPI, begin: Begin) -> None:
    """As runtimes do that write trailers with a client which cannot."""
    data = f"0\r\n{ERROR_TYPE}: Function.Oops\r\n\r\n".encode()
    invocation = api.enqueue(1)
    sender = begin(invocation)
    sender.chunk(data)
    assert sender.end() == 202
    outcome = invocation.wait()
    assert (outcome.kind, outcome.body, outcome.stream_error) == ("response", data, None)


def test_trailers_are_not_the_next_requests_headers(
    api: FakeRuntimeAPI, begin: Begin, call: Call
) -> None:
    """Nor do requests that come in one piece take each other's."""
    first, second = api.enqueue(1), api.enqueue(2)
    sender = begin(first)
    path = f"{RUNTIME}/invocation/{second.request_id}/response".encode()
    sender.connection.send(
        b"1\r\nx\r\n0\r\n" + f"{ERROR_TYPE}: Function.Oops\r\n".encode() + b"\r\n"
        b"GET %b/invocation/next HTTP/1.1\r\nHost: h\r\n\r\n"
        % RUNTIME.encode()
        + b"POST %b HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n2" % path
    )
    outcome = second.wait()
    assert (outcome.body, outcome.error_type, dict(outcome.trailers)) == (b"2", None, {})
    assert first.wait().trailers == {ERROR_TYPE: "Function.Oops"}
    assert [ERROR_TYPE in request.headers for request in api.requests] == [False] * 4


@pytest.mark.parametrize(
    ("encoded", "message"),
    [("!", "is not base64"), ("bm8=", r"trailer Lambda\S+ of this stream_error is not JSON .*no")],
)
def test_broken_trailers_say_how(
    api: FakeRuntimeAPI, begin: Begin, encoded: str, message: str
) -> None:
    invocation = api.enqueue(1)
    assert begin(invocation).end(**{ERROR_TYPE: "Function.Oops", ERROR_BODY: encoded}) == 202
    with pytest.raises(ValueError, match=message):
        _ = invocation.wait().stream_error


def test_a_prelude_is_told_apart(api: FakeRuntimeAPI, begin: Begin) -> None:
    invocation = api.enqueue(1)
    sender = begin(invocation, Content_Type=HTTP_RESPONSE)
    for part in (b'{"statusCode":', b"201}\0\0\0", b"\0\0\0\0\0\0data", b"\0" * 9):
        sender.chunk(part)
    assert sender.end() == 202
    outcome = invocation.wait()
    assert outcome.prelude == {"statusCode": 201}
    assert outcome.content == b"\0data" + b"\0" * 9


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{}\0\0\0\0\0\0\0", r"no prelude.*\{\}"),
        (bytes(8), r"prelude of this response is not JSON"),
    ],
)
def test_a_broken_prelude_says_how(
    api: FakeRuntimeAPI, begin: Begin, body: bytes, message: str
) -> None:
    invocation = api.enqueue(1)
    sender = begin(invocation, Content_Type=HTTP_RESPONSE)
    sender.chunk(body)
    assert sender.end() == 202
    with pytest.raises(ValueError, match=message):
        _ = invocation.wait().prelude


def test_a_stream_that_is_not_kept_is_counted(api: FakeRuntimeAPI, begin: Begin) -> None:
    invocation = api.enqueue(1, keep_body=False)
    sender = begin(invocation, Content_Type=HTTP_RESPONSE)
    for _ in range(32):
        sender.chunk(bytes(1_000_000))
    assert sender.end() == 202
    outcome = invocation.wait()
    assert (outcome.body, outcome.size, len(outcome.chunks)) == (b"", 32_000_000, 32)
    assert {(chunk.data, chunk.size) for chunk in outcome.chunks} == {(b"", 1_000_000)}
    assert api.requests[-1].body == b""
    with pytest.raises(ValueError, match="not kept"):
        _ = outcome.prelude


def test_the_largest_stream(api: FakeRuntimeAPI, begin: Begin) -> None:
    """One byte more is too much, as in a buffered response."""
    invocation = api.enqueue(1, keep_body=False)
    sender = begin(invocation)
    for _ in range(200):
        sender.chunk(bytes(1024 * 1024))
    assert invocation.wait_for_chunk(199).size == 1024 * 1024
    sender.chunk(b"!")
    assert sender.end() == 413
    assert invocation.wait().json()["errorType"] == "Function.ResponseSizeTooLarge"


def send_until_refused(sender: Sender, chunk: bytes, most: int) -> int:
    """Send chunks until the kernel takes no more; return how many it took whole."""
    sock = sender.connection.sock
    data = memoryview(b"%x\r\n%b\r\n" % (len(chunk), chunk))
    for count in range(most):
        sent = 0
        while sent < len(data):
            # Only when nothing is read on the other side does it take this long.
            if sent == 0 and not select.select([], [sock], [], 0.5)[1]:
                return count
            sent += sock.send(data[sent:])
    return most


@pytest.mark.parametrize("begun", [False, True], ids=["from the start", "on the way"])
def test_a_paused_stream_is_not_read(api: FakeRuntimeAPI, begin: Begin, begun: bool) -> None:
    invocation = api.enqueue(1, keep_body=False, paused=not begun)
    sender = begin(invocation)
    if begun:
        sender.chunk(b"x")
        invocation.wait_for_chunk()
        invocation.pause()
        sender.chunk(b"x")  # the server may wait for this one already
    assert invocation.paused
    sender.connection.sock.settimeout(10)
    most = 2000
    size = 64 * 1024
    with ThreadPoolExecutor() as pool:
        sending = pool.submit(send_until_refused, sender, bytes(size), most)
        sent = sending.result(60)
    assert sent < most
    assert len(invocation.chunks) <= 2 * begun
    invocation.resume()
    assert sender.end() == 202
    outcome = invocation.wait()
    assert outcome.size == sent * size + 2 * begun


def test_a_paused_stream_can_be_ended(api: FakeRuntimeAPI, begin: Begin) -> None:
    invocation = api.enqueue(1, paused=True)
    sender = begin(invocation)
    sender.chunk(b"x")
    api.process_exited()
    assert invocation.wait().kind == "exit"
    assert invocation.chunks == ()
    invocation.resume()
    api.close()
    invocation.resume()


def test_a_stream_that_breaks_off_is_an_error(
    api: FakeRuntimeAPI, begin: Begin, call: Call, caplog: pytest.LogCaptureFixture
) -> None:
    invocation = api.enqueue(1)
    sender = begin(invocation)
    sender.chunk(b"whole")
    invocation.wait_for_chunk()
    sender.connection.send(b"9\r\npar")
    sender.connection.close()
    outcome = invocation.wait()
    assert outcome.kind == "error"
    assert outcome.json()["errorType"] == "Runtime.TruncatedResponse"
    assert [chunk.data for chunk in outcome.chunks] == [b"whole"]
    _ = api.enqueue(2)
    assert call("GET", "invocation/next").read() == b"2"
    assert caplog.records == []


def test_a_stream_whose_chunks_make_no_sense_is_an_error(
    api: FakeRuntimeAPI, begin: Begin, caplog: pytest.LogCaptureFixture
) -> None:
    invocation = api.enqueue(1)
    sender = begin(invocation)
    sender.chunk(b"whole")
    invocation.wait_for_chunk()
    sender.connection.send(b"no size\r\n")
    with pytest.raises(ConnectionError):
        sender.connection.getresponse()
    assert invocation.wait().json()["errorType"] == "Runtime.TruncatedResponse"
    assert caplog.records == []


def test_a_stream_that_is_late_is_refused(api: FakeRuntimeAPI, begin: Begin) -> None:
    invocation = api.enqueue(1, timeout=3, request_id="one")
    sender = begin(invocation)
    sender.chunk(b"in time")
    invocation.wait_for_chunk()
    api.time_out(invocation)
    sender.chunk(b"late")
    assert sender.end() == 410
    outcome = invocation.wait()
    assert (outcome.kind, outcome.mode) == ("timeout", "buffered")
    assert outcome.json() == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": "RequestId: one Error: Task timed out after 3.00 seconds",
    }
    assert [chunk.data for chunk in outcome.chunks] == [b"in time"]
    assert invocation.chunks == outcome.chunks
