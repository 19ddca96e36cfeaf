"""Each fault, as a real client sees it: the standard library's, or a bare socket."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from http.client import HTTPConnection, HTTPResponse, IncompleteRead, RemoteDisconnected
from typing import TYPE_CHECKING

import pytest

from lambda_testing import FakeRuntimeAPI, Fault, Reply, faults

if TYPE_CHECKING:
    from collections.abc import Iterator

Call = Callable[..., HTTPResponse]
Connect = Callable[[], HTTPConnection]
Dial = Callable[[bytes], socket.socket]

NEXT = "invocation/next"
GET = b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: localhost\r\n\r\n"
ACCEPTED = (202, b'{"status":"OK"}\n')
NO_HEADERS: Mapping[str, str] = {}


def said(response: HTTPResponse) -> tuple[int, bytes]:
    return response.status, response.read()


def post(
    connection: HTTPConnection, path: str, body: bytes, headers: Mapping[str, str] = NO_HEADERS
) -> HTTPResponse:
    """Send a request, and wait; a connection that breaks may be noticed at either."""
    connection.request("POST", f"/2018-06-01/runtime/{path}", body, headers)
    return connection.getresponse()


@pytest.fixture
def dial(api: FakeRuntimeAPI) -> Iterator[Callable[[bytes], socket.socket]]:
    """Open a connection, and send bytes over it; at the end all are closed."""
    host, _, port = api.address.partition(":")
    with ExitStack() as stack:

        def dial(data: bytes) -> socket.socket:
            connection = socket.create_connection((host, int(port)), timeout=10)
            stack.enter_context(connection).sendall(data)
            return connection

        yield dial


@pytest.mark.parametrize(
    ("status", "error_type"),
    [
        (400, "InvalidRequestID"),
        (403, "InvalidStateTransition"),
        (410, "InvokeTimeout"),
        (413, "RequestEntityTooLarge"),
        (500, "InternalServerError"),
    ],
)
@pytest.mark.parametrize("endpoint", ["response", "error"])
def test_an_answer_is_refused_as_lambda_does(
    api: FakeRuntimeAPI, call: Call, endpoint: str, status: int, error_type: str
) -> None:
    invocation = api.enqueue(1)
    call("GET", NEXT).read()
    api.fail_next("response", faults.refuse(status))
    api.fail_next("error", faults.refuse(status))
    path = f"invocation/{invocation.request_id}/{endpoint}"
    refused = call("POST", path, b"{}")
    assert refused.status == status
    assert json.load(refused)["errorType"] == error_type
    assert invocation.state == "running"
    assert said(call("POST", path, b"{}")) == ACCEPTED


@pytest.mark.parametrize("status", [400, 403, 410, 429, 500, 503])
def test_a_poll_is_refused_and_the_event_kept(api: FakeRuntimeAPI, call: Call, status: int) -> None:
    _ = api.enqueue(1)
    api.fail_next("next", faults.refuse(status))
    response = call("GET", NEXT)
    assert response.status == status
    response.read()
    assert said(call("GET", NEXT)) == (200, b"1")


def test_an_init_error_is_refused(api: FakeRuntimeAPI, call: Call) -> None:
    api.fail_next("init/error", faults.refuse(500))
    assert said(call("POST", "init/error", b"{}"))[0] == 500
    assert api.init_error is None
    assert said(call("POST", "init/error", b"{}")) == ACCEPTED


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("endpoint", ["error", "init/error"])
def test_a_connection_breaks_while_an_error_is_told(
    api: FakeRuntimeAPI, connect: Connect, call: Call, endpoint: str, reset: bool
) -> None:
    path = "init/error"
    if endpoint == "error":
        path = f"invocation/{api.enqueue(1).request_id}/error"
        call("GET", NEXT).read()
    api.fail_next("error", faults.drop(reset=reset))
    api.fail_next("init/error", faults.drop(reset=reset))
    connection = connect()
    with pytest.raises(ConnectionError):
        post(connection, path, b"{}")
    assert said(call("POST", path, b"{}")) == ACCEPTED, "it was not heard, and can be told again"


def test_an_answer_is_late_and_counts(api: FakeRuntimeAPI, call: Call) -> None:
    invocation = api.enqueue(1)
    api.fail_next("next", faults.delay(0.05))
    api.fail_next("response", faults.delay(0.05))
    start = time.monotonic()
    assert said(call("GET", NEXT)) == (200, b"1")
    assert said(call("POST", f"invocation/{invocation.request_id}/response", b"2")) == ACCEPTED
    assert time.monotonic() - start >= 0.1
    assert invocation.wait().answered < time.monotonic() - 0.05


@pytest.mark.parametrize("reset", [False, True])
def test_a_poll_is_dropped_and_the_event_kept(
    api: FakeRuntimeAPI, connect: Connect, call: Call, reset: bool
) -> None:
    _ = api.enqueue(1)
    api.fail_next("next", faults.drop(reset=reset))
    connection = connect()
    connection.request("GET", f"/2018-06-01/runtime/{NEXT}")
    with pytest.raises(ConnectionResetError) as raised:  # RemoteDisconnected is one too
        connection.getresponse()
    assert isinstance(raised.value, RemoteDisconnected) is not reset
    assert api.state == "Started"
    assert said(call("GET", NEXT)) == (200, b"1")


@pytest.mark.parametrize("read", [0, 1000])
def test_a_connection_breaks_in_the_middle_of_a_response(
    api: FakeRuntimeAPI, connect: Connect, call: Call, read: int
) -> None:
    invocation = api.enqueue(1)
    call("GET", NEXT).read()
    api.fail_next("response", faults.drop(read=read, reset=True))
    path = f"invocation/{invocation.request_id}/response"
    connection = connect()
    with pytest.raises(ConnectionError):
        post(connection, path, bytes(4999), {"Content-Length": "5000"})
    assert invocation.state == "running"
    assert said(call("POST", path, b"2")) == ACCEPTED


def test_a_stream_breaks_in_the_middle(api: FakeRuntimeAPI, dial: Dial, call: Call) -> None:
    invocation = api.enqueue(1)
    call("GET", NEXT).read()
    api.fail_next("response", faults.drop(read=4))
    path = f"invocation/{invocation.request_id}/response"
    connection = dial(
        f"POST /2018-06-01/runtime/{path} HTTP/1.1\r\nHost: x\r\n"
        "Lambda-Runtime-Function-Response-Mode: streaming\r\n"
        "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n2\r\ncd\r\n".encode()
    )
    assert connection.recv(1) == b""
    assert (invocation.state, invocation.chunks) == ("running", ())
    assert said(call("POST", path, b"2")) == ACCEPTED


@pytest.mark.parametrize("read", [0, 100_000])
def test_nobody_reads_on(api: FakeRuntimeAPI, dial: Dial, call: Call, read: int) -> None:
    invocation = api.enqueue(1)
    call("GET", NEXT).read()
    api.fail_next("response", faults.stall(read=read))
    path = f"invocation/{invocation.request_id}/response"
    size = 64 * 1024 * 1024  # more than all buffers on the way
    head = f"POST /2018-06-01/runtime/{path} HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n"
    connection = dial(head.encode() + bytes(read))
    connection.settimeout(0.2)
    with pytest.raises(TimeoutError):
        connection.sendall(bytes(size - read))
    connection.close()
    assert said(call("POST", path, b"2")) == ACCEPTED


def test_an_event_is_lost_and_delivered_again(
    api: FakeRuntimeAPI, connect: Connect, call: Call
) -> None:
    invocation = api.enqueue(1)
    api.fail_next("next", faults.break_off())
    connection = connect()
    connection.request("GET", f"/2018-06-01/runtime/{NEXT}")
    with pytest.raises(RemoteDisconnected):
        connection.getresponse()
    assert invocation.state == "running"
    assert said(call("GET", NEXT)) == (200, b"1")


def test_the_answer_to_a_response_is_lost(
    api: FakeRuntimeAPI, connect: Connect, call: Call
) -> None:
    invocation = api.enqueue(1)
    call("GET", NEXT).read()
    api.fail_next("response", faults.break_off())
    path = f"invocation/{invocation.request_id}/response"
    connection = connect()
    connection.request("POST", f"/2018-06-01/runtime/{path}", b"2")
    with pytest.raises(RemoteDisconnected):
        connection.getresponse()
    assert invocation.wait().json() == 2
    assert said(call("POST", path, b"2"))[0] == 403


@pytest.mark.parametrize("size", [1, 20, 100])
@pytest.mark.parametrize("reset", [False, True])
def test_a_head_breaks_off(api: FakeRuntimeAPI, dial: Dial, size: int, reset: bool) -> None:
    _ = api.enqueue(1)
    api.fail_next("next", faults.break_off(size, reset=reset))
    connection = dial(GET)
    received = b""
    try:
        while data := connection.recv(65536):
            received += data
        assert not reset
    except ConnectionResetError:
        assert reset
    assert len(received) == size
    assert received.startswith(b"HTTP/1.1 200 OK\r\n"[:size])


def test_a_body_is_a_byte_short(api: FakeRuntimeAPI, call: Call) -> None:
    _ = api.enqueue("event")
    api.fail_next("next", faults.break_off(-1))
    response = call("GET", NEXT)
    with pytest.raises(IncompleteRead) as raised:
        response.read()
    assert raised.value.partial == b'"event'


def test_an_answer_drips(api: FakeRuntimeAPI, call: Call) -> None:
    invocation = api.enqueue({"a": "é"}, request_id="one")
    api.fail_next("next", faults.drip(7, 0.0001))
    response = call("GET", NEXT)
    assert response.headers["Lambda-Runtime-Aws-Request-Id"] == "one"
    assert said(response) == (200, b'{"a":"\\u00e9"}')
    api.fail_next("response", faults.drip())
    assert said(call("POST", "invocation/one/response", b"1")) == ACCEPTED
    assert invocation.wait().json() == 1


def test_the_connection_is_closed_after_an_answer(
    api: FakeRuntimeAPI, connect: Connect, call: Call
) -> None:
    _ = api.enqueue(1)
    api.fail_next("next", faults.hang_up())
    connection = connect()
    connection.request("GET", f"/2018-06-01/runtime/{NEXT}")
    response = connection.getresponse()
    assert response.headers["Connection"] is None
    sock = connection.sock
    assert said(response) == (200, b"1")
    assert sock.recv(1) == b""
    assert said(call("GET", NEXT)) == (200, b"1")


def test_a_connection_lives_for_some_answers(
    api: FakeRuntimeAPI, connect: Connect, call: Call
) -> None:
    api.fail_next("next", Fault(), Fault(), faults.hang_up())
    connection = connect()
    for number in range(3):
        _ = api.enqueue(number, request_id="one")
        connection.request("GET", f"/2018-06-01/runtime/{NEXT}")
        assert said(connection.getresponse()) == (200, b"%d" % number)
        assert said(call("POST", "invocation/one/response", b"2")) == ACCEPTED
    assert connection.sock.recv(1) == b""


def test_an_event_comes_late_for_who_hangs_up(api: FakeRuntimeAPI, dial: Dial, call: Call) -> None:
    invocation = api.enqueue(1)
    api.fail_next("next", faults.hang())
    connection = dial(GET)
    connection.settimeout(0.05)
    with pytest.raises(TimeoutError):
        connection.recv(1)
    connection.close()
    assert invocation.state == "running"
    assert said(call("GET", NEXT)) == (200, b"1")


def test_who_asks_before_it_sends_is_told_to_go_on(
    api: FakeRuntimeAPI, dial: Dial, call: Call
) -> None:
    invocation = api.enqueue(1)
    call("GET", NEXT).read()
    api.fail_next("response", faults.interim(102))
    connection = dial(
        f"POST /2018-06-01/runtime/invocation/{invocation.request_id}/response HTTP/1.1\r\n"
        "Host: x\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n".encode()
    )
    assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
    connection.sendall(b"2")
    received = b""
    while not received.endswith(ACCEPTED[1]):
        received += connection.recv(65536)
    assert received.startswith(b"HTTP/1.1 102 Interim\r\n\r\nHTTP/1.1 202 Accepted\r\n")


def test_a_request_is_never_answered(api: FakeRuntimeAPI, dial: Dial, call: Call) -> None:
    invocation = api.enqueue(1)
    call("GET", NEXT).read()
    api.fail_next("response", faults.hang())
    path = f"/2018-06-01/runtime/invocation/{invocation.request_id}/response"
    connection = dial(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n2".encode())
    assert invocation.wait().json() == 2, "what is not answered has arrived all the same"
    connection.settimeout(0.05)
    with pytest.raises(TimeoutError):
        connection.recv(1)
    assert said(call("GET", "x"))[0] == 404, "the server lives on"


def test_a_fake_ends_although_it_has_not_answered(connect: Connect, api: FakeRuntimeAPI) -> None:
    api.fail_next("init/error", faults.hang())
    connection = connect()
    connection.request("POST", "/2018-06-01/runtime/init/error", b"{}")
    assert api.wait_for_init_error().body == b"{}"
    api.close()
    with pytest.raises(ConnectionError):
        connection.getresponse()


def test_interim_answers_come_ahead(api: FakeRuntimeAPI, dial: Dial) -> None:
    _ = api.enqueue(1)
    api.fail_next("next", faults.interim(100, 103))
    connection = dial(GET)
    received = b""
    while not received.endswith(b"\r\n\r\n1"):
        received += connection.recv(65536)
    statuses = [line.split()[1] for line in received.split(b"\r\n") if line.startswith(b"HTTP/")]
    assert statuses == [b"100", b"103", b"200"]


@pytest.mark.parametrize("value", [None, "", "ünï"])
def test_headers_are_missing_empty_or_strange(
    api: FakeRuntimeAPI, call: Call, value: str | None
) -> None:
    _ = api.enqueue(1)
    name = "Lambda-Runtime-Aws-Request-Id"
    api.fail_next("next", faults.replace({name.lower(): value}))
    response = call("GET", NEXT)
    found = response.headers[name]
    assert (found if found is None else found.encode("latin-1").decode()) == value
    assert said(response) == (200, b"1")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Lambda-Runtime-Deadline-Ms", None),
        ("Lambda-Runtime-Deadline-Ms", "soon"),
        ("Lambda-Runtime-Deadline-Ms", "1"),  # the clock has jumped ahead, by decades
        ("Lambda-Runtime-Deadline-Ms", "32503680000000"),  # and back
        ("Lambda-Runtime-Aws-Request-Id", "the last one's"),
        ("Content-Type", "application/octet-stream"),
    ],
)
def test_an_event_says_what_it_should_not(
    api: FakeRuntimeAPI, call: Call, name: str, value: str | None
) -> None:
    _ = api.enqueue(1)
    api.fail_next("next", faults.replace({name: value}))
    response = call("GET", NEXT)
    assert response.headers[name] == value
    assert said(response) == (200, b"1")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", bytes(6 * 1024 * 1024)])
def test_the_body_is_another(api: FakeRuntimeAPI, call: Call, body: bytes) -> None:
    _ = api.enqueue(1)
    api.fail_next("next", faults.replace(body=body))
    assert said(call("GET", NEXT)) == (200, body)
    assert said(call("GET", NEXT)) == (200, b"1")


def test_several_things_go_wrong_at_once(api: FakeRuntimeAPI, call: Call) -> None:
    _ = api.enqueue(1)
    api.fail_next(
        "next",
        Fault(reply=Reply(418, b"tea", {"X": "y"}), delay=0.01, piece=3, interim=(100,)),
        faults.refuse(500),
    )
    response = call("GET", NEXT)
    assert (response.headers["X"], said(response)) == ("y", (418, b"tea"))
    assert said(call("GET", NEXT))[0] == 500
    assert said(call("GET", NEXT)) == (200, b"1")


def test_a_refusal_can_go_wrong_too(api: FakeRuntimeAPI, call: Call) -> None:
    api.fail_next("response", faults.replace(body=b"no"))
    assert said(call("POST", "invocation/nobody/response", b"1")) == (400, b"no")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [({"piece": 0}, "at least one byte"), ({"interim": (200,)}, "102 to 199")],
)
def test_what_no_connection_can_do_is_refused(options: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Fault(**options)  # type: ignore[arg-type] # the values are wrong, the types are not
