"""One suite over every transport: what the caller, the log and the process do."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

import pytest

from lambda_testing import MAX_PAYLOAD_BYTES, Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambda_testing import FakeRuntimeAPI

    from .conftest import FunctionProcess

HANDLER = """
    import os, sys

    calls = 0

    {define} handler(event, context):
        global calls
        calls += 1
        match event.get("do"):
            case "raise":
                raise ValueError(event["message"])
            case "exit":
                sys.exit(event["code"])
            case "return":
                return "x" * event["size"]
            case "bytes":
                return b"\\x00raw"
            case "unwritable":
                return {{1}}
            case "trace":
                return [context.trace_id, os.environ.get("_X_AMZN_TRACE_ID")]
            case "print":
                print("printed", end="")
                sys.stderr.write("complained")
                return None
            case "size":
                return len(event["text"])
            case "interrupt":
                raise KeyboardInterrupt
            case "deep":
                raise GeneratorExit
        return {{"calls": calls, "event": event}}

    if __name__ == "__main__":
        from lambda_runtime import run
        run(handler, transport={transport!r})
"""


@pytest.fixture(
    params=["def socket", "async def socket", "def stream", "async def stream", "async def aiohttp"]
)
def source(request: pytest.FixtureRequest) -> str:
    """The source of a function: every kind of handler on every transport."""
    define, _, transport = request.param.rpartition(" ")
    return HANDLER.format(define=define, transport=transport)


@pytest.fixture
def function(
    source: str, start: Callable[..., FunctionProcess], api: FakeRuntimeAPI
) -> FunctionProcess:
    process = start(source, "app.py")
    api.wait_for_poll()
    return process


def calls_of(api: FakeRuntimeAPI) -> list[str]:
    return [f"{request.method} {request.path.rpartition('/')[2]}" for request in api.requests]


def test_a_result_is_delivered_and_the_next_event_asked_for(
    api: FakeRuntimeAPI, function: FunctionProcess
) -> None:
    first = api.invoke({"a": "é"}, request_id="id-1", invocation_id="nonce")
    assert first.kind == "response"
    assert first.json() == {"calls": 1, "event": {"a": "é"}}
    assert first.headers["Content-Type"] == "application/json"
    assert first.headers["Lambda-Runtime-Invocation-Id"] == "nonce"
    assert first.headers["User-Agent"].startswith("lambda-runtime/")
    assert api.invoke({}, invocation_id=None).json()["calls"] == 2
    api.wait_for_poll()
    assert calls_of(api) == ["GET next", "POST response", "GET next", "POST response", "GET next"]
    assert api.requests[1].path == "/2018-06-01/runtime/invocation/id-1/response"
    assert "Lambda-Runtime-Invocation-Id" not in api.requests[3].headers
    assert function.lives


def test_bytes_are_sent_as_they_are(api: FakeRuntimeAPI, function: FunctionProcess) -> None:
    outcome = api.invoke({"do": "bytes"})
    assert outcome.body == b"\x00raw"
    assert outcome.headers["Content-Type"] == "application/unknown"


def test_an_exception_is_reported_and_survived(
    api: FakeRuntimeAPI, function: FunctionProcess
) -> None:
    message = "line 1\nline 2 é \x7f"
    outcome = api.invoke({"do": "raise", "message": message}, request_id="id-1")
    assert outcome.kind == "error"
    told = outcome.json()
    assert told["errorMessage"] == message
    assert told["errorType"] == "ValueError"
    assert told["requestId"] == "id-1"
    assert [frame.split(", ")[2].split("\n")[0] for frame in told["stackTrace"]] == ["in handler"]
    assert outcome.error_type == "Function.ValueError"
    cause = json.loads(outcome.headers["Lambda-Runtime-Function-XRay-Error-Cause"])
    assert cause["exceptions"][0]["message"] == message
    assert api.invoke({}).kind == "response"
    out = function.kill()
    assert out.startswith("[ERROR] ValueError: line 1\rline 2 é \x7f\rTraceback (most recent call ")
    assert out.count("ValueError") == 2, "the message and the source line, each once"


@pytest.mark.parametrize(
    ("event", "error_type"),
    [
        ({"do": "unwritable"}, "Runtime.MarshalError"),
        (b'{"do": ', "Runtime.UnmarshalError"),
        (b"", "Runtime.UnmarshalError"),
        ({"do": "deep"}, "GeneratorExit"),
        ([], "AttributeError"),
    ],
)
def test_whatever_fails_is_the_callers_error_and_the_process_lives(
    api: FakeRuntimeAPI, function: FunctionProcess, event: Any, error_type: str
) -> None:
    assert api.invoke(event).json()["errorType"] == error_type
    assert api.invoke({}).kind == "response"


def test_a_broken_client_context_is_the_callers_error(
    api: FakeRuntimeAPI, function: FunctionProcess
) -> None:
    outcome = api.invoke({}, client_context="{")
    assert outcome.error_type == "Runtime.LambdaContextUnmarshalError"
    assert api.invoke({}).json()["calls"] == 1, "the handler was not called"


@pytest.mark.parametrize(("code", "status"), [(3, 3), (0, 0), (None, 0)])
def test_an_exit_is_reported_and_then_done(
    api: FakeRuntimeAPI, function: FunctionProcess, code: int | None, status: int
) -> None:
    outcome = api.invoke({"do": "exit", "code": code})
    assert outcome.json()["errorType"] == "SystemExit"
    assert function.wait()[0] == status


def test_an_interrupt_ends_the_process_without_a_traceback(
    api: FakeRuntimeAPI, function: FunctionProcess
) -> None:
    assert api.invoke({"do": "interrupt"}).json()["errorType"] == "KeyboardInterrupt"
    code, _, err = function.wait()
    assert (code, err) == (130, "")


def test_a_request_id_may_hold_anything(api: FakeRuntimeAPI, function: FunctionProcess) -> None:
    outcome = api.invoke({"a": 1}, request_id="a b/c?d#e%é")
    assert outcome.kind == "response"
    path = api.requests[-1].path if "response" in api.requests[-1].path else api.requests[1].path
    assert path.endswith("/invocation/a%20b%2Fc%3Fd%23e%25%C3%A9/response")


def test_the_trace_is_set_for_its_invocation_and_then_gone(
    api: FakeRuntimeAPI, function: FunctionProcess
) -> None:
    assert api.invoke({"do": "trace"}, trace_id="Root=1").json() == ["Root=1", "Root=1"]
    assert api.invoke({"do": "trace"}).json() == [None, None]


def test_what_is_printed_is_out_before_the_answer(
    api: FakeRuntimeAPI, function: FunctionProcess
) -> None:
    api.invoke({"do": "print"})
    api.wait_for_poll()
    assert function.popen.stdout is not None
    assert function.popen.stderr is not None
    assert function.popen.stdout.read(7) == b"printed"
    assert function.popen.stderr.read(10) == b"complained"


def test_the_largest_event_and_the_largest_response_pass(
    api: FakeRuntimeAPI, function: FunctionProcess
) -> None:
    frame = len(b'{"do":"size","text":""}')
    size = MAX_PAYLOAD_BYTES - frame
    assert api.invoke({"do": "size", "text": "x" * size}).json() == size
    outcome = api.invoke({"do": "return", "size": MAX_PAYLOAD_BYTES - 2})
    assert outcome.kind == "response"
    assert len(outcome.body) == MAX_PAYLOAD_BYTES


def test_a_response_that_is_too_large_is_refused_and_survived(
    api: FakeRuntimeAPI, function: FunctionProcess
) -> None:
    outcome = api.invoke({"do": "return", "size": MAX_PAYLOAD_BYTES - 1}, request_id="id-1")
    assert outcome.json()["errorType"] == "Function.ResponseSizeTooLarge"
    assert api.invoke({}).kind == "response"
    assert calls_of(api).count("POST error") == 0
    out = function.kill()
    assert f"({MAX_PAYLOAD_BYTES + 1} bytes) with status 413" in out
    assert "\tid-1\t" in out


@pytest.mark.parametrize("status", [400, 403, 410])
def test_a_refused_result_is_logged_and_the_loop_goes_on(
    api: FakeRuntimeAPI, function: FunctionProcess, status: int
) -> None:
    api.reply_with("response", Reply(status, b'{"errorType":"Because"}'))
    _ = api.enqueue({}, request_id="lost")
    # The fake still thinks that the first is running: it is delivered again, and answered.
    assert api.invoke({}).kind == "response"
    out = function.kill()
    assert f"Lambda refused the response of invocation lost (22 bytes) with status {status}" in out
    assert "Because" in out


@pytest.mark.parametrize("endpoint", ["next", "response"])
def test_a_500_ends_the_process(
    api: FakeRuntimeAPI, function: FunctionProcess, endpoint: Any
) -> None:
    api.reply_with(endpoint, Reply(500, b"broken"))
    _ = api.enqueue({})
    code, out, err = function.wait()
    assert code == 1
    assert "[FATAL]" in out
    assert "status 500: broken" in out
    assert err == ""


def test_a_runtime_that_may_not_poll_gives_up_soon(
    api: FakeRuntimeAPI, function: FunctionProcess
) -> None:
    api.reply_with("next", *[Reply(403, b"no")] * 9)
    _ = api.enqueue({})
    code, out, _ = function.wait()
    assert code == 1
    assert "Lambda refused the next invocation with status 403: no" in out
    assert calls_of(api).count("GET next") <= 5


def test_a_poll_that_breaks_is_made_again(api: FakeRuntimeAPI, function: FunctionProcess) -> None:
    api.reply_with("next", Reply(disconnect=True))
    assert api.invoke({}).json()["calls"] == 1
    assert api.invoke({}).json()["calls"] == 2


def test_a_response_that_gets_no_answer_is_sent_again_and_counts_once(
    api: FakeRuntimeAPI, function: FunctionProcess
) -> None:
    api.reply_with("response", Reply(disconnect=True))
    assert api.invoke({}).json()["calls"] == 1
    assert api.invoke({}).json()["calls"] == 2
    assert "refused" not in function.kill()


def test_without_an_answer_the_process_ends(api: FakeRuntimeAPI, function: FunctionProcess) -> None:
    api.close()
    code, out, err = function.wait()
    assert code == 1
    assert "Lambda's Runtime API did not answer to the next invocation" in out
    assert err == ""


def test_a_truncated_event_is_asked_for_again(
    source: str, start: Callable[..., FunctionProcess]
) -> None:
    """A server that breaks off in its first answer, in the middle of the body."""
    event = b'{"a": 1}'
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        b"Lambda-Runtime-Aws-Request-Id: r\r\nContent-Length: %d\r\n\r\n" % len(event)
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)
        process = start(
            source,
            "app.py",
            AWS_LAMBDA_RUNTIME_API=f"127.0.0.1:{listener.getsockname()[1]}",
        )
        first, _ = listener.accept()
        with first:
            assert first.recv(65536).startswith(b"GET ")
            first.sendall(head + event[:3])
        second, _ = listener.accept()
        with second:
            assert second.recv(65536).startswith(b"GET ")
            second.sendall(head + event)
            second.settimeout(30)
            posted = b""
            while b'"calls":1' not in posted:  # head and body may come apart
                data = second.recv(65536)
                assert data, posted
                posted += data
            assert posted.startswith(b"POST /2018-06-01/runtime/invocation/r/response ")
        process.kill()
