"""Streamed responses over every transport: what the caller gets, and when."""

from __future__ import annotations

import re
import socket
import sys
import time
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from lambda_testing import Reply

from .conftest import ASYNC_KINDS, GATES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from lambda_testing import FakeRuntimeAPI

    from .conftest import FunctionProcess

    Serve = Callable[..., FunctionProcess]

# A handler is written once, as `async def`: without these words, it is what `def` handlers are.
ASYNC_WORDS = re.compile(r"\b(async|await) ")
OWN_CONNECTION = {"async def socket", "async def aiohttp"}
"""Transports that send streams over a connection of their own: the other one cannot."""
INTEGRATION = "application/vnd.awslambda.http-integration-response"


@pytest.fixture
def serve(kind: str, start: Callable[..., FunctionProcess]) -> Serve:
    """Start a program whose handler is declared as the transport needs it."""

    def serve(source: str, **environment: str) -> FunctionProcess:
        define, _, transport = kind.rpartition(" ")
        source = dedent(source)
        if define == "def":
            source = ASYNC_WORDS.sub("", source)
        lines = (
            "import asyncio, os, sys",
            "from lambda_runtime import HttpPrelude, run",
            GATES[define],
            source,
            f"run(handler, transport={transport!r})",
        )
        return start("\n".join(lines), "app.py", **environment)

    return serve


WRITERS = {
    "generator": """
        async def handler(event):
            yield "first"
            await gate()
            yield b"second"
    """,
    "generator with a context": """
        async def handler(event, context):
            yield "first"
            await gate()
            yield b"second"
    """,
    "stream": """
        async def handler(event, stream, context):
            await stream.write("first")
            await gate()
            await stream.write(b"second")
    """,
    "returned generator": """
        async def parts():
            yield "first"
            await gate()
            yield b"second"
        async def handler(event):
            return parts()
    """,
    "object with a generator for __call__": """
        class Handler:
            async def __call__(self, event, context):
                yield "first"
                await gate()
                yield b"second"
        handler = Handler()
    """,
}


@pytest.mark.parametrize("form", WRITERS)
def test_a_part_arrives_before_the_next_is_made(
    api: FakeRuntimeAPI, serve: Serve, gate: Callable[[], object], form: str
) -> None:
    process = serve(WRITERS[form])
    for request_id in ("first-id", "second-id"):
        invocation = api.enqueue({}, request_id=request_id, invocation_id="nonce")
        assert invocation.wait_for_chunk(0).data == b"first"
        assert invocation.state == "running"
        gate()
        outcome = invocation.wait()
        assert (outcome.kind, outcome.mode) == ("response", "streaming")
        assert [chunk.data for chunk in outcome.chunks] == [b"first", b"second"]
        assert outcome.content_type == "application/octet-stream"
        assert outcome.prelude is None
        assert outcome.trailers == {}
        assert outcome.headers["Transfer-Encoding"] == "chunked"
        assert outcome.headers["Lambda-Runtime-Invocation-Id"] == "nonce"
        assert outcome.headers["Trailer"].split(", ") == [
            "Lambda-Runtime-Function-Error-Type",
            "Lambda-Runtime-Function-Error-Body",
        ]
    api.wait_for_poll()
    assert process.end() == ("", "")


@pytest.mark.parametrize(
    "result", ["iter(['a', 'b'])", "map(str.lower, 'AB')", "(letter for letter in 'ab')"]
)
def test_a_returned_iterator_is_streamed(api: FakeRuntimeAPI, serve: Serve, result: str) -> None:
    serve(f"async def handler(event): return {result}")
    assert [chunk.data for chunk in api.invoke({}).chunks] == [b"a", b"b"]


@pytest.mark.parametrize("kind", ASYNC_KINDS, indirect=True)
def test_an_async_iterator_that_is_no_generator_is_streamed(
    api: FakeRuntimeAPI, serve: Serve
) -> None:
    serve(
        """
        class Letters:
            def __init__(self): self.left = ["b", "a"]
            def __aiter__(self): return self
            async def __anext__(self):
                await asyncio.sleep(0)
                if not self.left: raise StopAsyncIteration
                return self.left.pop()
        async def handler(event): return Letters()
        """
    )
    assert [chunk.data for chunk in api.invoke({}).chunks] == [b"a", b"b"]


def test_a_list_is_no_stream(api: FakeRuntimeAPI, serve: Serve) -> None:
    serve("async def handler(event): return ['a', 'b']")
    outcome = api.invoke({})
    assert (outcome.mode, outcome.json()) == ("buffered", ["a", "b"])


def test_a_part_is_text_or_bytes_and_what_is_empty_is_skipped(
    api: FakeRuntimeAPI, serve: Serve
) -> None:
    serve(
        """
        async def handler(event):
            yield ""
            yield "é"
            yield b""
            yield b"\\x00\\xff"
            buffer = bytearray(b"abc")
            yield buffer
            buffer[:] = b"xyz"
            yield memoryview(buffer)[::-1]
            yield memoryview(b"abcd").cast("H")
            yield memoryview(b"")
            yield b"z" * 1_000_000
        """
    )
    parts = [chunk.data for chunk in api.invoke({}).chunks]
    assert parts == ["é".encode(), b"\x00\xff", b"abc", b"zyx", b"abcd", b"z" * 1_000_000]


@pytest.mark.parametrize(
    "source",
    [
        "async def handler(event):\n    return\n    yield",
        "async def handler(event):\n    yield ''\n    yield b''",
        "async def handler(event, stream, context): ...",
        "async def handler(event, stream, context): await stream.flush()",
        "async def handler(event): return iter(())",
    ],
)
def test_what_writes_nothing_is_an_empty_response(
    api: FakeRuntimeAPI, serve: Serve, source: str
) -> None:
    serve(source)
    for _ in range(2):
        outcome = api.invoke({})
        assert (outcome.kind, outcome.mode, outcome.body) == ("response", "streaming", b"")
        assert outcome.trailers == {}


def test_a_prelude_is_sent_at_once_and_ahead_of_the_body(
    api: FakeRuntimeAPI, serve: Serve, gate: Callable[[], object]
) -> None:
    serve(
        """
        async def handler(event):
            headers = {
                "Content-Type": "text/plain",
                "Content-Length": "4",
                "Set-Cookie": "b=2",
                "X-Nul": "a" + "\\0" * 8,
            }
            yield HttpPrelude(201, headers, ["a=1"], multi_value_headers={"Vary": ["x", "y"]})
            await gate()
            yield b"\\0" * 8 + b"body"
        """
    )
    invocation = api.enqueue({})
    assert invocation.wait_for_chunk(0).data.endswith(bytes(8))
    assert invocation.state == "running"
    gate()
    outcome = invocation.wait()
    assert outcome.content_type == INTEGRATION
    assert outcome.prelude == {
        "statusCode": 201,
        "headers": {"Content-Type": "text/plain", "X-Nul": "a" + "\0" * 8},
        "multiValueHeaders": {"Vary": ["x", "y"]},
        "cookies": ["a=1", "b=2"],
    }
    assert outcome.content == bytes(8) + b"body"


@pytest.mark.parametrize(
    ("statements", "parts"),
    [
        ("", [b'{"statusCode":204,"headers":{}}' + bytes(8)]),
        ("await stream.write('')", [b'{"statusCode":204,"headers":{}}' + bytes(8)]),
        ("await stream.write('a')", [b'{"statusCode":204,"headers":{}}' + bytes(8) + b"a"]),
        (
            "await stream.flush(); await stream.flush(); await stream.write('a')",
            [b'{"statusCode":204,"headers":{}}' + bytes(8), b"a"],
        ),
    ],
)
def test_the_prelude_of_a_stream_goes_out_with_the_first_bytes(
    api: FakeRuntimeAPI, serve: Serve, statements: str, parts: list[bytes]
) -> None:
    serve(
        f"""
        async def handler(event, stream, context):
            stream.prelude = HttpPrelude(204)
            assert stream.prelude.status_code == 204
            {statements}
        """
    )
    outcome = api.invoke({})
    assert outcome.content_type == INTEGRATION
    assert [chunk.data for chunk in outcome.chunks] == parts


@pytest.mark.parametrize(
    "source",
    [
        """
        async def handler(event):
            yield "x"
            yield HttpPrelude()
        """,
        """
        async def handler(event, stream, context):
            await stream.write("x")
            stream.prelude = HttpPrelude()
        """,
    ],
)
def test_a_prelude_after_the_first_byte_is_an_error(
    api: FakeRuntimeAPI, serve: Serve, source: str
) -> None:
    serve(source)
    outcome = api.invoke({})
    assert (outcome.kind, outcome.body) == ("stream_error", b"x")
    assert outcome.stream_error is not None
    assert outcome.stream_error.body["errorType"] == "RuntimeError"
    assert "prelude comes before the first byte" in outcome.stream_error.body["errorMessage"]


def test_two_preludes_are_an_error(api: FakeRuntimeAPI, serve: Serve) -> None:
    serve(
        """
        async def handler(event):
            yield HttpPrelude(201)
            yield HttpPrelude(202)
        """
    )
    outcome = api.invoke({})
    assert outcome.prelude["statusCode"] == 201
    assert outcome.stream_error is not None
    assert outcome.stream_error.type == "Function.RuntimeError"


def test_the_content_type_can_be_set_until_the_first_byte(
    api: FakeRuntimeAPI, serve: Serve
) -> None:
    serve(
        """
        async def handler(event, stream, context):
            if event: stream.content_type = event
            await stream.write(stream.content_type)
            stream.content_type = "text/html"
        """
    )
    outcome = api.invoke("text/event-stream; charset=utf-8")
    assert outcome.content_type == "text/event-stream; charset=utf-8"
    assert outcome.body == b"text/event-stream; charset=utf-8"
    assert outcome.stream_error is not None
    assert "content type comes before" in outcome.stream_error.body["errorMessage"]
    refused = api.invoke("text/plain\r\nX: y")
    assert (refused.kind, refused.json()["errorType"]) == ("error", "ValueError")


@pytest.mark.parametrize(
    "source",
    [
        """
        async def handler(event):
            raise ValueError("early")
            yield
        """,
        """
        async def handler(event):
            yield ""
            raise ValueError("early")
        """,
        """
        async def handler(event, stream, context):
            stream.prelude = HttpPrelude()
            await stream.write(b"")
            raise ValueError("early")
        """,
    ],
)
def test_what_fails_before_the_first_byte_is_an_error_like_any_other(
    api: FakeRuntimeAPI, serve: Serve, source: str
) -> None:
    serve(source)
    for _ in range(2):
        outcome = api.invoke({}, request_id="id-1")
        assert (outcome.kind, outcome.mode) == ("error", "buffered")
        told = outcome.json()
        assert (told["errorType"], told["errorMessage"]) == ("ValueError", "early")
        assert told["requestId"] == "id-1"
        assert outcome.error_type == "Function.ValueError"
    assert not any(request.path.endswith("/response") for request in api.requests)


@pytest.mark.parametrize(
    "source",
    [
        """
        async def handler(event):
            yield "part"
            raise ValueError("later é")
        """,
        """
        async def handler(event, stream, context):
            await stream.write("part")
            raise ValueError("later é")
        """,
    ],
)
def test_what_fails_after_the_first_byte_is_told_in_trailers(
    api: FakeRuntimeAPI, serve: Serve, tmp_path: Path, source: str
) -> None:
    process = serve(source)
    for _ in range(2):
        outcome = api.invoke({}, request_id="id-1")
        assert (outcome.kind, outcome.body) == ("stream_error", b"part")
        error = outcome.stream_error
        assert error is not None
        assert error.type == "Function.ValueError"
        assert error.body["errorMessage"] == "later é"
        assert error.body["errorType"] == "ValueError"
        assert error.body["requestId"] == "id-1"
        (frame,) = error.body["stackTrace"]
        assert frame.startswith(f'  File "{tmp_path}/app.py", line ')
        assert 'in handler\n    raise ValueError("later é")' in frame
    api.wait_for_poll()
    assert not any(request.path.endswith("/error") for request in api.requests)
    out, err = process.end()
    assert out.count("[ERROR] ValueError: later é") == 2
    assert err == ""


TOO_LONG = {
    "message": "raise ValueError('x' * 20_000)",
    "message in another script": "raise ValueError('é漢' * 8_000)",
    "message of quotes": "raise ValueError('\\\\\"' * 8_000)",
    "message of control characters": "raise ValueError('\\0' * 8_000)",
    "class name": "raise type('E' * 5_000, (Exception,), {})('message')",
    "class name in another script": "raise type('漢' * 5_000, (Exception,), {})('message')",
    "class name and message": "raise type('E' * 3_000, (Exception,), {})('x' * 3_000)",
    "trace": "dive(900)",
}


@pytest.mark.parametrize("kind", ["async def socket"], indirect=True)
@pytest.mark.parametrize("what", TOO_LONG)
def test_trailers_fit_the_buffer_that_lambda_reads_them_from(
    api: FakeRuntimeAPI, serve: Serve, what: str
) -> None:
    """Go's HTTP server reads them from 4 KiB, and gives the connection up if they are longer."""
    serve(
        f"""
        def dive(depth):
            if depth: dive(depth - 1) or dive(depth)
            raise ValueError("deep")
        async def handler(event):
            yield "part"
            {TOO_LONG[what]}
        """
    )
    outcome = api.invoke({}, request_id="id-1")
    assert outcome.kind == "stream_error"
    lines = [f"{name}: {value}\r\n" for name, value in outcome.trailers.items()]
    assert len("".join(lines)) < 4096 - len("0\r\n\r\n")
    assert outcome.stream_error is not None
    error = outcome.stream_error.body
    assert error["requestId"] == "id-1"
    assert error["errorMessage"]
    if what == "trace":
        assert "in dive" in error["stackTrace"][-1], "where it was raised is kept"
        assert (error["errorType"], error["errorMessage"]) == ("ValueError", "deep")


@pytest.mark.parametrize("part", ["1", "{'a': 1}"])
@pytest.mark.parametrize("begun", [False, True])
def test_a_part_of_another_type_is_an_error_and_the_generator_is_closed(
    api: FakeRuntimeAPI, serve: Serve, part: str, *, begun: bool
) -> None:
    process = serve(
        f"""
        async def handler(event):
            try:
                if {begun}: yield "x"
                yield {part}
                yield "never"
            finally:
                print("closed")
        """
    )
    outcome = api.invoke({})
    error = outcome.stream_error.body if outcome.stream_error else outcome.json()
    assert outcome.kind == ("stream_error" if begun else "error")
    assert error["errorType"] == "TypeError"
    assert "streamed as bytes or str, not " in error["errorMessage"]
    assert b"never" not in outcome.body
    api.wait_for_poll()
    assert process.kill().count("closed") == 1


def test_text_without_utf8_is_an_error(api: FakeRuntimeAPI, serve: Serve) -> None:
    serve("async def handler(event):\n    yield 'x'\n    yield '\\ud800'")
    outcome = api.invoke({})
    assert outcome.stream_error is not None
    assert outcome.stream_error.type == "Function.UnicodeEncodeError"


def test_what_fails_while_the_generator_is_closed_is_told(
    api: FakeRuntimeAPI, serve: Serve
) -> None:
    serve(
        """
        async def handler(event):
            try:
                yield "x"
                yield 1
            finally:
                raise ValueError("in finally")
        """
    )
    for _ in range(2):
        outcome = api.invoke({})
        assert outcome.stream_error is not None
        assert outcome.stream_error.body["errorMessage"] == "in finally"


ENDLESS = {
    "generator": """
        async def handler(event):
            if event == "short":
                yield "short"
                return
            try:
                yield "first"
                while True:
                    yield b"x" * 100_000
            finally:
                print("closed")
    """,
    "stream": """
        async def handler(event, stream, context):
            await stream.write("short" if event == "short" else "first")
            try:
                while event != "short":
                    await stream.write(b"x" * 100_000)
            except ConnectionError:
                print("closed")
                raise
    """,
    "stream whose handler does not mind": """
        async def handler(event, stream, context):
            await stream.write("short" if event == "short" else "first")
            try:
                while event != "short":
                    await stream.write(b"x" * 100_000)
            except ConnectionError as first:
                print("closed")
                try:
                    await stream.write("again")
                except ConnectionError:
                    return
    """,
}


@pytest.mark.parametrize("form", ENDLESS)
def test_a_response_that_breaks_off_is_logged_once_and_survived(
    api: FakeRuntimeAPI, serve: Serve, form: str
) -> None:
    process = serve(ENDLESS[form])
    for request_id in ("id-1", "id-2"):
        invocation = api.enqueue({}, keep_body=False, request_id=request_id)
        assert invocation.wait_for_chunk(0).size == 5
        api.process_exited()  # to the fake; what the process sees is a connection that breaks
        assert invocation.wait().kind == "exit"
        assert api.invoke("short").body == b"short"
    api.wait_for_poll()
    out, err = process.end()
    assert err == ""
    for request_id in ("id-1", "id-2"):
        (line,) = [line for line in out.splitlines() if request_id in line]
        assert line.startswith("[ERROR]\t")
        # It depends on whether the server's answer came before the connection broke.
        assert re.search(
            f"(did not take all of|refused) the response of invocation {request_id}", line
        )
    assert out.splitlines().count("closed") == 2
    assert out.count("[ERROR]") == 2


def test_a_connection_that_breaks_while_nothing_is_written_is_noticed_at_the_end(
    api: FakeRuntimeAPI, serve: Serve, gate: Callable[[], object]
) -> None:
    process = serve(
        """
        async def handler(event):
            yield "first"
            if event: await gate()
        """
    )
    invocation = api.enqueue(True, request_id="id-1")
    invocation.wait_for_chunk(0)
    api.process_exited()
    gate()
    assert api.invoke(None).body == b"first"
    out, err = process.end()
    assert out.count("[ERROR]") == 1
    assert "response of invocation id-1, after 5 bytes" in out
    assert err == ""


def test_a_failure_after_the_connection_broke_is_logged_too(
    api: FakeRuntimeAPI, serve: Serve, gate: Callable[[], object]
) -> None:
    process = serve(
        """
        async def handler(event):
            yield "first"
            if event:
                await gate()
                raise ValueError("the function's own")
        """
    )
    invocation = api.enqueue(True)
    invocation.wait_for_chunk(0)
    api.process_exited()
    gate()
    assert api.invoke(None).body == b"first"
    out, _ = process.end()
    assert out.count("[ERROR] ValueError: the function's own") == 1
    assert out.count("did not take all of") == 1


def test_a_response_that_comes_too_late_is_logged_and_survived(
    api: FakeRuntimeAPI, serve: Serve, gate: Callable[[], object]
) -> None:
    process = serve(
        """
        async def handler(event):
            yield "first"
            await gate()
            yield "second"
        """
    )
    late = api.enqueue({}, request_id="late")
    late.wait_for_chunk(0)
    api.time_out(late)
    gate()
    gate()
    assert api.invoke({}).body == b"firstsecond"
    assert late.wait().kind == "timeout"
    out, _ = process.end()
    assert out.count("[ERROR]") == 1
    assert "Lambda refused the response of invocation late with status 410" in out


@pytest.mark.parametrize("status", [400, 403, 413])
def test_a_refused_stream_is_logged_and_the_loop_goes_on(
    api: FakeRuntimeAPI, serve: Serve, status: int
) -> None:
    process = serve("async def handler(event):\n    yield 'part'")
    api.reply_with("response", Reply(status, b'{"errorType":"Because"}'))
    _ = api.enqueue({}, request_id="lost")
    # The fake still thinks that the first is running: it is delivered again, and answered.
    assert api.invoke({}).body == b"part"
    out, _ = process.end()
    assert f"Lambda refused the response of invocation lost with status {status}" in out
    assert "Because" in out


def test_a_500_to_a_stream_ends_the_process(api: FakeRuntimeAPI, serve: Serve) -> None:
    process = serve("async def handler(event):\n    yield 'part'")
    api.reply_with("response", Reply(500, b"broken"))
    _ = api.enqueue({})
    code, out, err = process.wait()
    assert (code, err) == (1, "")
    assert "[FATAL]" in out
    assert "status 500: broken" in out


HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    b"Lambda-Runtime-Aws-Request-Id: r\r\nContent-Length: 2\r\n\r\n{}"
)


def until(connection: socket.socket, mark: bytes) -> bytes:
    """Read up to a mark, at which the other side waits."""
    connection.settimeout(30)
    data = b""
    while mark not in data:
        received = connection.recv(65536)
        assert received, f"the connection ended before {mark!r}: {data[-200:]!r}"
        data += received
    return data


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)
        yield listener


@pytest.mark.parametrize("status", ["413 Request Entity Too Large", "410 Gone"])
def test_an_answer_before_the_end_stops_the_generator(
    kind: str, serve: Serve, listener: socket.socket, status: str
) -> None:
    """A server that has seen enough: it answers in the middle, and closes."""
    port = listener.getsockname()[1]
    process = serve(ENDLESS["generator"], AWS_LAMBDA_RUNTIME_API=f"127.0.0.1:{port}")
    first, _ = listener.accept()
    with first:
        until(first, b"\r\n\r\n")
        first.sendall(HEAD)
        upload = first
        if kind in OWN_CONNECTION:
            upload, _ = listener.accept()
        with upload:
            until(upload, b"first")
            upload.sendall(f"HTTP/1.1 {status}\r\nContent-Length: 7\r\n\r\nbecause".encode())
            # A blocking transport learns of it when the server closes. Go's does so half a second
            # later, and until then an event loop has seen the answer and has hung up.
            while kind != "def socket" and upload.recv(65536):
                pass
        if upload is not first:
            until(first, b"/next ")
        else:
            second, _ = listener.accept()
            with second:
                until(second, b"/next ")
    out, err = process.end()
    assert out.splitlines()[0] == "closed"
    assert out.count("[ERROR]") == 1
    assert f"Lambda refused the response of invocation r with status {status[:3]}: because" in out
    assert err == ""


def test_streamed_and_buffered_responses_share_a_connection(
    kind: str, serve: Serve, listener: socket.socket
) -> None:
    port = listener.getsockname()[1]
    process = serve(
        """
        calls = 0
        async def handler(event):
            global calls
            calls += 1
            return iter(["streamed"]) if calls % 2 else "buffered"
        """,
        AWS_LAMBDA_RUNTIME_API=f"127.0.0.1:{port}",
    )
    polling, _ = listener.accept()
    uploading = polling
    with polling:
        for _ in range(3):
            until(polling, b"GET /2018-06-01/runtime/invocation/next ")
            polling.sendall(HEAD)
            if uploading is polling and kind in OWN_CONNECTION:
                uploading, _ = listener.accept()
            until(uploading, b"8\r\nstreamed\r\n0\r\n\r\n")
            uploading.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
            until(polling, b"\r\n\r\n")
            polling.sendall(HEAD)
            until(polling, b'"buffered"')
            polling.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
        until(polling, b"GET /2018-06-01/runtime/invocation/next ")
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()
        uploading.close()
    process.end()


def test_a_caller_that_does_not_read_holds_the_generator_back(
    api: FakeRuntimeAPI, serve: Serve, tmp_path: Path
) -> None:
    total, size = 1024, 64 * 1024
    serve(
        f"""
        async def handler(event):
            made = open("made", "wb", 0)
            for _ in range({total}):
                made.write(b".")
                yield b"x" * {size}
        """
    )
    made = tmp_path / "made"
    invocation = api.enqueue({}, keep_body=False, paused=True)
    deadline = time.monotonic() + 30
    steady, before = 0, -1
    while steady < 10:  # nothing tells that a process is held back, but that it does no more
        assert time.monotonic() < deadline
        time.sleep(0.05)
        now = made.stat().st_size if made.exists() else 0
        steady = steady + 1 if now == before > 0 else 0
        before = now
    assert before < total / 2, "sent, or kept in memory"
    invocation.resume()
    outcome = invocation.wait(30)
    assert (outcome.kind, outcome.size) == ("response", total * size)


@pytest.mark.skipif(sys.platform != "linux", reason="Linux says how much memory was used at most")
def test_fifty_megabytes_pass_at_flat_memory(api: FakeRuntimeAPI, serve: Serve) -> None:
    serve(
        """
        def parts(count):
            for number in range(count):
                yield number.to_bytes(4, "big") * 16_384
        async def handler(event):
            if event: return parts(event)
            status = open("/proc/self/status").read()
            return int(status.partition("VmHWM:")[2].split()[0])
        """
    )
    assert api.invoke(16).size == 16 * 65_536
    before = api.invoke(0).json()
    outcome = api.enqueue(800, keep_body=False).wait(60)
    assert (outcome.kind, outcome.size) == ("response", 800 * 65_536)
    assert api.invoke(0).json() - before < 5 * 1024, "kilobytes"


def test_what_is_written_after_the_end_is_an_error(api: FakeRuntimeAPI, serve: Serve) -> None:
    serve(
        """
        streams = []
        async def handler(event, stream, context):
            streams.append(stream)
            await stream.write("x")
            try:
                await streams[0].write("y")
            except RuntimeError as error:
                await stream.write(str(error))
        """
    )
    assert api.invoke({}).body == b"xy"
    assert api.invoke({}).body == (
        b"xthe response has ended: nothing can be written to it any more"
    )


@pytest.mark.parametrize("kind", ASYNC_KINDS, indirect=True)
def test_several_tasks_may_write(api: FakeRuntimeAPI, serve: Serve) -> None:
    serve(
        """
        async def handler(event, stream, context):
            stream.prelude = HttpPrelude()
            size = event
            await asyncio.gather(*(stream.write(bytes([i]) * size) for i in range(50)))
        """
    )
    for size in (1, 100_000):
        outcome = api.invoke(size)
        assert outcome.prelude == {"statusCode": 200, "headers": {}}
        assert outcome.content == b"".join(bytes([i]) * size for i in range(50))


@pytest.mark.parametrize("kind", ASYNC_KINDS, indirect=True)
def test_a_write_that_nobody_awaits_does_not_disturb_the_next_response(
    api: FakeRuntimeAPI, serve: Serve
) -> None:
    serve(
        """
        writes = set()
        async def handler(event, stream, context):
            if event:
                for data in event: writes.add(asyncio.create_task(stream.write(data)))
                await asyncio.sleep(0)
            else:
                await stream.write("whole")
        """
    )
    for _ in range(3):
        late = api.invoke(["a", "b"])
        assert late.kind == "response"
        assert late.body in (b"", b"a", b"ab")
        assert api.invoke(None).body == b"whole"


def test_what_a_handler_of_a_stream_returns_is_lost_with_a_warning(
    api: FakeRuntimeAPI, serve: Serve
) -> None:
    process = serve(
        """
        async def handler(event, stream, context):
            await stream.write("x")
            return {"a": 1}
        """
    )
    assert api.invoke({}, request_id="id-1").body == b"x"
    out, _ = process.end()
    assert out.startswith("[WARN]\t")
    assert "\tid-1\tThe handler wrote to a stream: the dict it returned is lost" in out


@pytest.mark.parametrize("begun", [False, True])
def test_an_exit_inside_a_stream_is_reported_and_then_done(
    api: FakeRuntimeAPI, serve: Serve, *, begun: bool
) -> None:
    process = serve(
        f"""
        async def handler(event):
            if {begun}: yield "x"
            sys.exit(3)
            yield
        """
    )
    outcome = api.invoke({})
    assert outcome.kind == ("stream_error" if begun else "error")
    told = outcome.stream_error.body if outcome.stream_error else outcome.json()
    assert told["errorType"] == "SystemExit"
    code, out, err = process.wait()
    assert (code, err) == (3, "")
    assert out.count("[ERROR]") == 1


def test_what_was_printed_is_out_before_the_response_has_ended(
    api: FakeRuntimeAPI, serve: Serve
) -> None:
    process = serve(
        """
        async def handler(event):
            yield "x"
            print("printed", end="")
        """
    )
    assert api.invoke({}).body == b"x"
    assert process.popen.stdout is not None
    assert process.popen.stdout.read(7) == b"printed"


@pytest.mark.parametrize("transport", ["stream", "aiohttp"])
def test_a_def_generator_may_be_served_on_an_event_loop(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess], transport: Any
) -> None:
    start(
        f"""
        from lambda_runtime import run
        def handler(event):
            yield "a"
            yield "b"
        run(handler, transport={transport!r})
        """,
        "app.py",
    )
    assert [chunk.data for chunk in api.invoke({}).chunks] == [b"a", b"b"]
