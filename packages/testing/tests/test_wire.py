"""Every reply of the Runtime API, as a runtime gets it from the socket."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPResponse, RemoteDisconnected
from urllib.parse import quote

import pytest

from lambda_testing import MAX_PAYLOAD_BYTES, FakeRuntimeAPI, Function, Reply

Call = Callable[..., HTTPResponse]
Connect = Callable[[], HTTPConnection]

NEXT = "invocation/next"
ACCEPTED = (202, b'{"status":"OK"}\n')
INVALID_ID = (400, b'{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}\n')
INVOKE_TIMEOUT = (410, b'{"errorMessage":"Invoke timeout","errorType":"InvokeTimeout"}\n')
TOO_LARGE = (
    b'{"errorType":"Function.ResponseSizeTooLarge","errorMessage":"Response payload size '
    b'exceeded maximum allowed payload size (6291556 bytes)."}'
)


def said(response: HTTPResponse) -> tuple[int, bytes]:
    return response.status, response.read()


def forbidden(state: str, wanted: str) -> tuple[int, bytes]:
    message = (
        f"State transition from {state} to {wanted} failed for runtime. "
        "Error: State transition is not allowed"
    )
    return 403, (f'{{"errorMessage":"{message}","errorType":"InvalidStateTransition"}}\n'.encode())


@pytest.fixture(params=["response", "error"])
def answer(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_ping_answers_pong(connect: Connect) -> None:
    connection = connect()
    connection.request("GET", "/2018-06-01/ping")
    assert said(connection.getresponse()) == (200, b"pong")


def test_next_gives_the_event_and_what_is_known_of_it(api: FakeRuntimeAPI, call: Call) -> None:
    before = time.time()
    invocation = api.enqueue(
        {"name": "Ada"},
        timeout=60,
        trace_id="Root=1-2;Sampled=0",
        client_context={"custom": {"k": "ü"}},
        cognito_identity='{"cognitoIdentityId":"i"}',
        tenant_id="blue",
    )
    response = call("GET", NEXT)
    assert said(response) == (200, b'{"name":"Ada"}')
    headers = {name: value for name, value in response.getheaders() if name.startswith("Lambda-")}
    deadline = int(headers.pop("Lambda-Runtime-Deadline-Ms")) / 1000
    assert before + 60 <= deadline + 0.001
    assert deadline <= time.time() + 60
    assert headers == {
        "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
        "Lambda-Runtime-Invocation-Id": invocation.invocation_id,
        "Lambda-Runtime-Invoked-Function-Arn": api.function.arn,
        "Lambda-Runtime-Trace-Id": "Root=1-2;Sampled=0",
        "Lambda-Runtime-Client-Context": '{"custom":{"k":"\\u00fc"}}',
        "Lambda-Runtime-Cognito-Identity": '{"cognitoIdentityId":"i"}',
        "Lambda-Runtime-Aws-Tenant-Id": "blue",
    }
    assert response.headers["Content-Type"] == "application/json"


def test_next_has_no_header_for_what_is_not_known(api: FakeRuntimeAPI, call: Call) -> None:
    _ = api.enqueue(b"", invocation_id=None)
    response = call("GET", NEXT)
    assert said(response) == (200, b"")
    assert {name for name, _ in response.getheaders() if name.startswith("Lambda-")} == {
        "Lambda-Runtime-Aws-Request-Id",
        "Lambda-Runtime-Deadline-Ms",
        "Lambda-Runtime-Invoked-Function-Arn",
    }


def test_headers_can_be_overridden_and_removed(api: FakeRuntimeAPI, call: Call) -> None:
    _ = api.enqueue(
        b"\x00\xff",
        deadline_ms=1,
        tenant_id="blue",
        headers={
            "content-type": None,
            "lambda-runtime-deadline-ms": None,
            "Lambda-Runtime-Aws-Tenant-Id": "",
            "Lambda-Runtime-Trace-Id": "Größe",
        },
    )
    response = call("GET", NEXT)
    assert said(response) == (200, b"\x00\xff")
    assert response.headers["Content-Type"] is None
    assert response.headers["Lambda-Runtime-Deadline-Ms"] is None
    assert response.headers["Lambda-Runtime-Aws-Tenant-Id"] == ""
    assert response.headers["Lambda-Runtime-Trace-Id"].encode("latin-1") == "Größe".encode()


def test_the_deadline_can_be_given(api: FakeRuntimeAPI, call: Call) -> None:
    _ = api.enqueue(1, deadline_ms=1234)
    response = call("GET", NEXT)
    assert response.headers["Lambda-Runtime-Deadline-Ms"] == "1234"


def test_a_control_character_in_a_header_is_refused_at_once(api: FakeRuntimeAPI) -> None:
    with pytest.raises(ValueError, match="Lambda-Runtime-Trace-Id cannot hold a control"):
        _ = api.enqueue(1, trace_id="a\r\nb")


def test_an_answer_is_accepted(api: FakeRuntimeAPI, call: Call, answer: str) -> None:
    invocation = api.enqueue(1)
    call("GET", NEXT).read()
    response = call(
        "POST",
        f"invocation/{invocation.request_id}/{answer}",
        b'{"a":1}',
        {"Lambda-Runtime-Function-Error-Type": "Function.Oops", "X": "y"},
    )
    assert response.headers["Content-Type"] == "application/json"
    assert said(response) == ACCEPTED
    outcome = invocation.wait()
    assert outcome.kind == answer
    assert outcome.json() == {"a": 1}
    assert outcome.headers["x"] == "y"
    assert outcome.error_type == "Function.Oops"
    assert outcome.delivered is not None
    assert outcome.delivered <= outcome.answered
    assert api.state == "RuntimeResponseSentState"


def test_invocations_come_in_order(api: FakeRuntimeAPI, call: Call) -> None:
    invocations = [api.enqueue(number) for number in range(3)]
    states = [[invocation.state for invocation in invocations]]
    for number, invocation in enumerate(invocations):
        assert said(call("GET", NEXT)) == (200, str(number).encode())
        states.append([invocation.state for invocation in invocations])
        path = f"invocation/{invocation.request_id}/response"
        assert said(call("POST", path, b"null")) == ACCEPTED
    states.append([invocation.state for invocation in invocations])
    assert states == [
        ["queued", "queued", "queued"],
        ["running", "queued", "queued"],
        ["done", "running", "queued"],
        ["done", "done", "running"],
        ["done", "done", "done"],
    ]


def test_a_second_answer_is_forbidden(api: FakeRuntimeAPI, call: Call) -> None:
    invocation = api.enqueue(1)
    call("GET", NEXT).read()
    path = f"invocation/{invocation.request_id}"
    assert said(call("POST", f"{path}/response", b"1")) == ACCEPTED
    for answer, wanted in [
        ("response", "InvocationResponse"),
        ("error", "InvocationErrorResponse"),
    ]:
        assert said(call("POST", f"{path}/{answer}", b"2")) == forbidden(
            "RuntimeResponseSentState", wanted
        )
        assert api.requests[-1].body == b"2"
    assert invocation.wait().body == b"1"


def test_an_unknown_id_is_invalid(api: FakeRuntimeAPI, call: Call, answer: str) -> None:
    assert said(call("POST", f"invocation/nobody/{answer}", b"1")) == INVALID_ID
    invocation = api.enqueue(1)
    call("GET", NEXT).read()
    assert said(call("POST", f"invocation/other/{answer}", b"2")) == INVALID_ID
    path = f"invocation/{invocation.request_id}/{answer}"
    assert said(call("POST", path, b"3")) == ACCEPTED
    assert invocation.wait().body == b"3"
    assert [request.body for request in api.requests] == [b"1", b"", b"2", b"3"]


def test_a_request_id_is_any_text(api: FakeRuntimeAPI, call: Call) -> None:
    invocation = api.enqueue(1, request_id="a/b?c d%2Fü")
    call("GET", NEXT).read()
    path = f"invocation/{quote(invocation.request_id, safe='')}/response"
    assert said(call("POST", path, b"1")) == ACCEPTED
    assert api.requests[-1].path == f"/2018-06-01/runtime/{path}"


def test_a_wrong_nonce_is_gone(api: FakeRuntimeAPI, call: Call, answer: str) -> None:
    invocation = api.enqueue(1, invocation_id="this")
    call("GET", NEXT).read()
    path = f"invocation/{invocation.request_id}/{answer}"
    nonce = "Lambda-Runtime-Invocation-Id"
    assert said(call("POST", path, b"1", {nonce: "that"})) == INVOKE_TIMEOUT
    assert said(call("POST", path, b"2", {nonce: "this"})) == ACCEPTED
    assert invocation.wait().body == b"2"


def test_an_absent_nonce_is_not_checked(api: FakeRuntimeAPI, call: Call) -> None:
    for sent, echoed in [("this", {}), (None, {"Lambda-Runtime-Invocation-Id": "that"})]:
        invocation = api.enqueue(1, invocation_id=sent)
        call("GET", NEXT).read()
        path = f"invocation/{invocation.request_id}/response"
        assert said(call("POST", path, b"1", echoed)) == ACCEPTED


def test_the_largest_response(api: FakeRuntimeAPI, call: Call) -> None:
    invocation = api.enqueue(1)
    call("GET", NEXT).read()
    body = bytes(MAX_PAYLOAD_BYTES)
    assert len(body) == 6291556
    assert said(call("POST", f"invocation/{invocation.request_id}/response", body)) == ACCEPTED
    assert invocation.wait().body == body


def test_one_byte_more_is_an_error(api: FakeRuntimeAPI, call: Call) -> None:
    invocation = api.enqueue(1)
    call("GET", NEXT).read()
    path = f"invocation/{invocation.request_id}/response"
    assert said(call("POST", path, bytes(MAX_PAYLOAD_BYTES + 1))) == (
        413,
        (
            b'{"errorMessage":"Exceeded maximum allowed payload size (6291556 bytes).",'
            b'"errorType":"RequestEntityTooLarge"}\n'
        ),
    )
    assert (invocation.wait().kind, invocation.wait().body) == ("error", TOO_LARGE)
    _ = api.enqueue(2)
    assert said(call("GET", NEXT)) == (200, b"2")


def test_a_streamed_response_may_be_larger(api: FakeRuntimeAPI, call: Call) -> None:
    invocation = api.enqueue(1)
    call("GET", NEXT).read()
    response = call(
        "POST",
        f"invocation/{invocation.request_id}/response",
        iter([bytes(MAX_PAYLOAD_BYTES), b"!"]),
        {"Lambda-Runtime-Function-Response-Mode": "streaming"},
    )
    assert said(response) == ACCEPTED
    assert invocation.wait().body == bytes(MAX_PAYLOAD_BYTES) + b"!"


@pytest.mark.parametrize("mode", ["buffered", "Streaming"])
def test_other_response_modes_are_invalid(api: FakeRuntimeAPI, call: Call, mode: str) -> None:
    invocation = api.enqueue(1)
    call("GET", NEXT).read()
    path = f"invocation/{invocation.request_id}/response"
    headers = {"Lambda-Runtime-Function-Response-Mode": mode}
    assert said(call("POST", path, b"1", headers)) == (
        400,
        (
            b'{"errorMessage":"Invalid function response mode",'
            b'"errorType":"InvalidFunctionResponseMode"}\n'
        ),
    )
    assert invocation.wait().kind == "error"
    assert invocation.wait().json()["errorType"] == "Runtime.InvalidResponseModeHeader"
    queued = api.enqueue(2)
    assert said(call("GET", NEXT)) == forbidden("InvocationResponse", "Ready")
    assert said(call("POST", path, b"1")) == forbidden("InvocationResponse", "InvocationResponse")
    api.process_exited()
    assert queued.state == "queued", "the next process gets it"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "runtime/invocation/next", "GET"),
        ("PUT", "runtime/invocation/one/response", "POST"),
        ("GET", "runtime/init/error", "POST"),
        ("DELETE", "ping", "GET"),
    ],
)
def test_a_path_has_one_method(
    api: FakeRuntimeAPI, connect: Connect, method: str, path: str, allowed: str
) -> None:
    connection = connect()
    connection.request(method, f"/2018-06-01/{path}", b"body")
    response = connection.getresponse()
    assert (response.headers["Allow"], *said(response)) == (allowed, 405, b"")
    assert (api.requests[-1].method, api.requests[-1].body) == (method, b"body")
    assert api.state == "Started"


def test_next_repeats_an_invocation_that_is_not_answered(
    api: FakeRuntimeAPI, connect: Connect
) -> None:
    invocation = api.enqueue({"n": 1})
    _ = api.enqueue({"n": 2})
    seen: list[tuple[bytes, str]] = []
    for _ in range(2):
        connection = connect()
        connection.request("GET", f"/2018-06-01/runtime/{NEXT}")
        response = connection.getresponse()
        seen.append((response.read(), response.headers["Lambda-Runtime-Deadline-Ms"]))
    assert seen[0] == seen[1]
    assert seen[0][0] == b'{"n":1}'
    assert invocation.state == "running"


def test_a_poll_waits_for_an_invocation(api: FakeRuntimeAPI, connect: Connect) -> None:
    connection = connect()
    connection.request("GET", f"/2018-06-01/runtime/{NEXT}")
    api.wait_for_poll()
    assert api.state == "Ready"
    _ = api.enqueue("later")
    assert said(connection.getresponse()) == (200, b'"later"')


def test_a_dropped_poll_loses_nothing(api: FakeRuntimeAPI, connect: Connect, call: Call) -> None:
    dropped = connect()
    dropped.request("GET", f"/2018-06-01/runtime/{NEXT}")
    api.wait_for_poll()
    dropped.close()
    invocation = api.enqueue("kept")
    assert said(call("GET", NEXT)) == (200, b'"kept"')
    assert invocation.state == "running"


def test_next_is_forbidden_while_a_response_comes_in(
    api: FakeRuntimeAPI, connect: Connect, call: Call
) -> None:
    invocation = api.enqueue(1)
    call("GET", NEXT).read()
    slow = connect()
    slow.putrequest("POST", f"/2018-06-01/runtime/invocation/{invocation.request_id}/response")
    slow.putheader("Content-Length", "4")
    slow.putheader("Expect", "100-continue")
    slow.endheaders()
    interim = slow.sock.recv(1000)  # the server has read the head
    assert interim.startswith(b"HTTP/1.1 100")
    while (reply := said(call("GET", NEXT)))[0] == 200:
        pass  # the server has yet to begin with the response
    assert reply == forbidden("InvocationResponse", "Ready")
    slow.send(b"true")
    assert said(slow.getresponse()) == ACCEPTED
    assert invocation.wait().json() is True


def test_a_response_that_breaks_off_is_an_error(
    api: FakeRuntimeAPI, connect: Connect, call: Call, caplog: pytest.LogCaptureFixture
) -> None:
    invocation = api.enqueue(1)
    call("GET", NEXT).read()
    broken = connect()
    broken.putrequest("POST", f"/2018-06-01/runtime/invocation/{invocation.request_id}/response")
    broken.putheader("Content-Length", "4")
    broken.endheaders(b"tr")
    broken.close()
    outcome = invocation.wait()
    assert outcome.kind == "error"
    assert outcome.json()["errorType"] == "Runtime.TruncatedResponse"
    _ = api.enqueue(2)
    assert said(call("GET", NEXT)) == (200, b"2")
    assert caplog.records == []


def test_an_init_error_ends_everything(api: FakeRuntimeAPI, call: Call) -> None:
    before = api.enqueue(1)
    headers = {"Lambda-Runtime-Function-Error-Type": "Runtime.ImportModuleError"}
    body = b'{"errorType":"Runtime.ImportModuleError"}'
    assert said(call("POST", "init/error", body, headers)) == ACCEPTED
    after = api.enqueue(2)
    assert api.init_error is not None
    for outcome in (api.init_error, before.wait(), after.wait(), api.wait_for_init_error()):
        assert outcome.kind == "init_error"
        assert outcome.body == body
        assert outcome.error_type == "Runtime.ImportModuleError"
    assert said(call("GET", NEXT)) == forbidden("InitError", "Ready")
    assert said(call("POST", "init/error", b"{}")) == forbidden("InitError", "InitError")
    path = f"invocation/{before.request_id}"
    assert said(call("POST", f"{path}/response")) == forbidden("InitError", "InvocationResponse")
    assert said(call("POST", f"{path}/error")) == forbidden("InitError", "InvocationErrorResponse")


def test_an_init_error_after_a_poll_is_forbidden(api: FakeRuntimeAPI, call: Call) -> None:
    _ = api.enqueue(1)
    call("GET", NEXT).read()
    assert said(call("POST", "init/error", b"{}")) == forbidden("Running", "InitError")
    assert api.requests[-1].body == b"{}"
    assert api.init_error is None


def test_an_init_error_is_bounded(api: FakeRuntimeAPI, call: Call) -> None:
    assert said(call("POST", "init/error", bytes(MAX_PAYLOAD_BYTES + 1)))[0] == 413
    assert api.wait_for_init_error().body == TOO_LARGE


def test_a_header_may_be_as_large_as_an_x_ray_cause(api: FakeRuntimeAPI, call: Call) -> None:
    invocation = api.enqueue(1)
    call("GET", NEXT).read()
    cause = json.dumps({"working_directory": "x" * 1_000_000})
    headers = {"Lambda-Runtime-Function-XRay-Error-Cause": cause}
    path = f"invocation/{invocation.request_id}/error"
    assert said(call("POST", path, b"{}", headers)) == ACCEPTED
    assert invocation.wait().headers["lambda-runtime-function-xray-error-cause"] == cause


def test_other_paths_are_not_found_and_recorded(api: FakeRuntimeAPI, call: Call) -> None:
    assert said(call("GET", "restore/next")) == (404, b"404 page not found\n")
    assert said(call("PUT", "x?y=%20", b"body", {"A": "b"})) == (404, b"404 page not found\n")
    request = api.requests[-1]
    assert (request.method, request.path) == ("PUT", "/2018-06-01/runtime/x?y=%20")
    assert (request.headers["a"], request.body) == ("b", b"body")


def test_a_process_that_exits_fails_what_it_ran(
    api: FakeRuntimeAPI, connect: Connect, call: Call
) -> None:
    running, queued = api.enqueue(1, request_id="first"), api.enqueue(2)
    call("GET", NEXT).read()
    api.process_exited("Runtime exited with error: exit status 7")
    assert running.wait().kind == "exit"
    assert running.wait().json() == {
        "errorType": "Runtime.ExitError",
        "errorMessage": "RequestId: first Error: Runtime exited with error: exit status 7",
    }
    assert (api.state, queued.state) == ("Started", "queued")
    assert said(call("POST", "invocation/first/response", b"1")) == INVALID_ID
    connection = connect()
    connection.request("GET", f"/2018-06-01/runtime/{NEXT}")
    assert said(connection.getresponse()) == (200, b"2")


def test_a_process_that_exits_before_it_polls_fails_what_it_was_started_for(
    api: FakeRuntimeAPI,
) -> None:
    first, second = api.enqueue(1), api.enqueue(2)
    api.process_exited()
    assert (
        first.wait()
        .json()["errorMessage"]
        .endswith("Error: Runtime exited without providing a reason")
    )
    assert second.state == "queued"


def test_a_process_that_exits_takes_its_poll_along(api: FakeRuntimeAPI, connect: Connect) -> None:
    connection = connect()
    connection.request("GET", f"/2018-06-01/runtime/{NEXT}")
    api.wait_for_poll()
    api.process_exited()
    with pytest.raises(RemoteDisconnected):
        connection.getresponse()
    assert api.state == "Started"


def test_another_process_may_start_after_an_init_error(api: FakeRuntimeAPI, call: Call) -> None:
    call("POST", "init/error", b"{}").read()
    api.process_exited()
    assert api.init_error is None
    _ = api.enqueue(1)
    assert said(call("GET", NEXT)) == (200, b"1")


def test_canned_replies_come_first(api: FakeRuntimeAPI, call: Call) -> None:
    invocation = api.enqueue(1)
    path = f"invocation/{invocation.request_id}"
    api.reply_with("next", Reply(500, b"no", {"X": "y"}))
    api.reply_with("response", Reply(413), Reply(410, headers={"Content-Type": None}))
    api.reply_with("error", Reply(400))
    api.reply_with("init/error", Reply(403))
    response = call("GET", NEXT)
    assert (response.headers["X"], said(response)) == ("y", (500, b"no"))
    assert said(call("GET", NEXT)) == (200, b"1")
    assert said(call("POST", f"{path}/response", b"a")) == (413, b"")
    response = call("POST", f"{path}/response", b"b")
    assert (response.headers["Content-Type"], said(response)) == (None, (410, b""))
    assert said(call("POST", f"{path}/error", b"c")) == (400, b"")
    assert said(call("POST", "init/error", b"d")) == (403, b"")
    assert invocation.state == "running"
    assert said(call("POST", f"{path}/response", b"e")) == ACCEPTED
    assert [request.body for request in api.requests] == [b"", b"", b"a", b"b", b"c", b"d", b"e"]


def test_a_canned_reply_may_close_the_connection(api: FakeRuntimeAPI, connect: Connect) -> None:
    invocation = api.enqueue(1)
    api.reply_with("next", Reply(disconnect=True))
    connection = connect()
    connection.request("GET", f"/2018-06-01/runtime/{NEXT}")
    with pytest.raises(RemoteDisconnected):
        connection.getresponse()
    assert invocation.state == "queued"


def test_the_function_is_told_to_the_runtime() -> None:
    function = Function(name="f", version="3", region="eu-west-1", account="1" * 12, memory_mb=512)
    with FakeRuntimeAPI(function=function) as api:
        environment = api.environment()
        assert environment == api.environment()
        stream = environment.pop("AWS_LAMBDA_LOG_STREAM_NAME")
        assert stream.rpartition("]")[0].endswith("/[3")
        assert environment == {
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_LAMBDA_FUNCTION_NAME": "f",
            "AWS_LAMBDA_FUNCTION_VERSION": "3",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/f",
            "AWS_LAMBDA_RUNTIME_API": api.address,
            "AWS_REGION": "eu-west-1",
            "TZ": ":UTC",
        }
        assert function.arn == "arn:aws:lambda:eu-west-1:111111111111:function:f"
        host, _, port = api.address.partition(":")
        assert host == "127.0.0.1"
        socket.create_connection((host, int(port)), timeout=10).close()


def exchange(api: FakeRuntimeAPI, request: str) -> tuple[bytes, dict[str, str], bytes, bool]:
    """Send a request; return the status line, headers, body, and if the connection has ended."""
    host, _, port = api.address.partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as client:
        client.sendall(request.replace("\n", "\r\n").encode())
        interim = b"HTTP/1.1 100 Continue\r\n\r\n"
        received = client.recv(65536).removeprefix(interim) or client.recv(65536)
        try:
            client.sendall(b"GET /2018-06-01/ping HTTP/1.1\r\nHost: h\r\n\r\n")
            ended = client.recv(1) == b""
        except ConnectionError:
            ended = True
    head, _, rest = received.partition(b"\r\n\r\n")
    line, *lines = head.split(b"\r\n")
    return line, dict(each.decode().split(": ", 1) for each in lines), rest, ended


@pytest.mark.parametrize(
    ("version", "asked", "said", "ends"),
    [
        ("1.1", "", None, False),
        ("1.1", "Connection: close\n", "close", True),
        ("1.0", "", None, True),
        ("1.0", "Connection: keep-alive\n", "keep-alive", False),
    ],
)
def test_a_connection_is_kept_as_the_runtime_asks(
    api: FakeRuntimeAPI, version: str, asked: str, said: str | None, ends: bool
) -> None:
    _ = api.enqueue(1)
    line, headers, rest, ended = exchange(
        api, f"GET /2018-06-01/runtime/{NEXT} HTTP/{version}\nHost: h\n{asked}\n"
    )
    assert (line, rest, ended) == (f"HTTP/{version} 200 OK".encode(), b"1", ends)
    assert headers.get("Connection") == said
    assert (headers["Content-Length"], "Server" in headers) == ("1", False)
    assert time.time() - parsedate_to_datetime(headers["Date"]).timestamp() < 60


@pytest.mark.parametrize(
    ("status", "body", "length", "media_type"),
    [
        (200, b"a", "1", "application/octet-stream"),
        (200, b"", "0", None),
        (204, b"", None, None),
        (304, b"", None, None),
        (299, b"a", "1", "application/octet-stream"),
    ],
)
def test_a_canned_reply_has_the_length_of_its_body(
    api: FakeRuntimeAPI, status: int, body: bytes, length: str | None, media_type: str | None
) -> None:
    api.reply_with("next", Reply(status, body))
    line, headers, rest, ended = exchange(
        api, f"GET /2018-06-01/runtime/{NEXT} HTTP/1.1\nHost: h\n\n"
    )
    assert (int(line.split()[1]), rest, ended) == (status, body, False)
    assert (headers.get("Content-Length"), headers.get("Content-Type")) == (length, media_type)


def test_a_head_has_no_body(api: FakeRuntimeAPI) -> None:
    line, headers, rest, _ = exchange(api, "HEAD /nothing HTTP/1.1\nHost: h\n\n")
    assert (line, headers["Content-Length"], rest) == (b"HTTP/1.1 404 Not Found", "19", b"")


@pytest.mark.parametrize(
    ("expected", "status"), [("100-continue", b"202 Accepted"), ("tea", b"417 Expectation Failed")]
)
def test_a_runtime_may_ask_before_it_sends_a_body(
    api: FakeRuntimeAPI, call: Call, expected: str, status: bytes
) -> None:
    _ = api.enqueue(1, request_id="a b")
    call("GET", NEXT).read()
    path = "/2018-06-01/runtime/invocation/a%20b/response"
    line, _, _, _ = exchange(
        api, f"POST {path} HTTP/1.1\nHost: h\nExpect: {expected}\nContent-Length: 2\n\n{{}}"
    )
    assert line == b"HTTP/1.1 " + status
