"""Faults between Lambda and the runtime: no answer is lost or doubled, and nothing hangs.

The test is the server: it reads whole requests, and sends what bytes it likes. Every fault is tried
over every transport. Where each is:

- connection refused: `test_without_a_server_*`
- reset or closed in headers and bodies, truncated bodies: `test_an_event_that_breaks_off_*`,
  `test_an_answer_that_breaks_off_*`, `test_a_response_that_nobody_answers_*`
- slow drip: `test_a_server_may_be_slow`
- keep-alive closed between requests, ``Connection: close``, HTTP/1.0, interim answers, chunks with
  trailers, odd header names: `test_a_connection_that_is_closed_*`,
  `test_an_answer_may_have_any_form`
- answers that nobody asked for: `test_a_second_answer_*`
- duplicate request id: `test_a_request_id_that_comes_twice_*`
- missing, past and senseless deadlines: `test_a_deadline_*`
- non-ASCII and control characters, 64 KiB of client context: `test_header_values_*`,
  `test_a_client_context_*`
- 6 MiB: `test_an_event_above_the_limit_*`, `test_a_refusal_in_the_middle_of_a_response_*`; the
  limit itself, and what Lambda says of a response above it, in `test_conformance`
- 403: `test_a_403_*`; 400, 410, 413 and 500 in `test_conformance`
- freeze and thaw: `test_a_frozen_process_*`
- SIGTERM with an answer outstanding: `test_sigterm_*`
- child processes: `test_children_*`
- streamed responses: `test_a_stream_*`
- all of it at random, thousands of times: `test_soak`
"""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
from itertools import product
from textwrap import dedent, indent
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from urllib.parse import quote

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Self

    from .conftest import FunctionProcess

HANDLER = """
from lambda_runtime import run

{before}
calls = 0

{define} handler({arguments}):
    global calls
    calls += 1
{body}

run(handler, transport={transport!r}, {options})
"""
COUNT = "return {'calls': calls}"
HEAD = b"HTTP/1.1 200 OK\r\n"
ACCEPTED = b'HTTP/1.1 202 Accepted\r\nContent-Length: 16\r\n\r\n{"status":"OK"}\n'
MAX_PAYLOAD_BYTES = 6 * 1024 * 1024 + 100


class Request(NamedTuple):
    """A request of the runtime."""

    what: str
    path: str
    headers: dict[str, str]
    body: bytes


class Connection:
    """The server's end of a connection; nothing takes longer than half a minute."""

    def __init__(self, connection: socket.socket) -> None:
        connection.settimeout(30)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = connection
        self._unread = b""

    def until(self, mark: bytes) -> bytes:
        """Read up to a mark."""
        while mark not in self._unread:
            self._unread += self._more(65536)
        found, _, self._unread = self._unread.partition(mark)
        return found

    def exactly(self, size: int, at_once: int = 1024 * 1024) -> bytes:
        data = bytearray(self._unread)
        while len(data) < size:
            data += self._more(min(size - len(data), at_once))
        self._unread = bytes(data[size:])
        return bytes(data[:size])

    def head(self) -> Request:
        """Read a request up to its body."""
        first, *lines = self.until(b"\r\n\r\n").decode("utf-8", "surrogateescape").split("\r\n")
        method, path, _ = first.split(" ")
        headers = {name.lower(): value for name, _, value in (x.partition(": ") for x in lines)}
        return Request(f"{method} {path.rpartition('/')[2]}", path, headers, b"")

    def request(self) -> Request:
        request = self.head()
        return request._replace(body=self.exactly(int(request.headers.get("content-length", 0))))

    def poll(self) -> None:
        """Read a request for the next event."""
        assert self.request().what == "GET next"

    def result(self) -> Any:
        """Read a response, and return the result that it carries."""
        request = self.request()
        assert request.what == "POST response", request
        return json.loads(request.body)

    def serve(self, event: bytes, reply: bytes = ACCEPTED) -> Any:
        """Go through an invocation, and return its result."""
        self.poll()
        self.send(event)
        result = self.result()
        self.send(reply)
        return result

    def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            self._socket.sendall(piece)

    def close(self, *, reset: bool = False) -> None:
        if reset:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    def is_closed(self) -> bool:
        """Wait until the runtime closes the connection; False if it says something instead."""
        try:
            return not self._unread and not self._socket.recv(1)
        except ConnectionResetError:
            return True

    def _more(self, most: int) -> bytes:
        data = self._socket.recv(most)
        assert data, f"the runtime has closed the connection after {self._unread[-200:]!r}"
        return data


class Server:
    """A Runtime API that does what the test does."""

    def __init__(self, host: str = "127.0.0.1", name: str = "127.0.0.1") -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, 0), family=family)
        self._listener.settimeout(30)
        self._accepted: list[Connection] = []
        self.address = f"{name}:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        for connection in self._accepted:
            connection.close()

    def accept(self) -> Connection:
        """Wait for the runtime to connect."""
        connection = Connection(self._listener.accept()[0])
        self._accepted.append(connection)
        return connection

    def stop(self) -> None:
        """Refuse further connections."""
        self._listener.close()


class Run(Protocol):
    def __call__(
        self,
        body: str = ...,
        *,
        before: str = ...,
        options: str = ...,
        address: str = ...,
        arguments: str = ...,
    ) -> FunctionProcess: ...


def event(
    body: bytes = b"{}",
    *headers: bytes,
    head: bytes = HEAD,
    request_id: bytes = b"r",
    length: bool = True,
) -> bytes:
    """Return an answer that holds an event."""
    lines = [
        b"Content-Type: application/json",
        b"Lambda-Runtime-Aws-Request-Id: " + request_id,
        b"Lambda-Runtime-Deadline-Ms: 4102444800000",
        *headers,
    ]
    if length:
        lines.append(b"Content-Length: %d" % len(body))
    return head + b"\r\n".join(lines) + b"\r\n\r\n" + body


def named(form: str, *headers: bytes, head: bytes = HEAD, length: bool = True) -> bytes:
    """Return an answer whose event and whose request id tell its form."""
    body = b'{"form":"%b"}' % form.encode()
    return event(body, *headers, head=head, request_id=form.encode(), length=length)


def refusal(status: int, *headers: bytes) -> bytes:
    """Return an answer that says no."""
    lines = [b"HTTP/1.1 %d No" % status, b"Content-Length: 3", *headers]
    return b"\r\n".join(lines) + b"\r\n\r\nno\n"


def end(process: FunctionProcess) -> str:
    """End the process, which has worked until now and complained about nothing; return its log."""
    assert process.lives
    out, err = process.end()
    assert err == ""
    return out


@pytest.fixture(params=["socket", "stream", "aiohttp"])
def transport(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


# A response that is streamed goes over another connection than polls and other responses.
TWO_CONNECTIONS = ("aiohttp", "awaited socket")


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def run(transport: str, server: Server, start: Callable[..., FunctionProcess]) -> Run:
    """Start a function whose handler has the given body."""

    def run(
        body: str = COUNT,
        *,
        before: str = "",
        options: str = "",
        address: str = server.address,
        arguments: str = "event, context",
    ) -> FunctionProcess:
        source = HANDLER.format(
            before=before,
            define="def" if transport == "socket" else "async def",
            arguments=arguments,
            body=indent(dedent(body), "    "),
            transport=transport.removeprefix("awaited "),
            options=options,
        )
        return start(source, "app.py", AWS_LAMBDA_RUNTIME_API=address)

    return run


def test_without_a_server_the_process_ends(server: Server, run: Run) -> None:
    server.stop()
    code, out, err = run().wait()
    assert (code, err) == (1, "")
    assert out.startswith("[FATAL]")
    assert "did not answer to the next invocation" in out
    assert out.count("\n") == 1


def test_without_a_server_for_its_response_the_process_ends(server: Server, run: Run) -> None:
    process = run()
    connection = server.accept()
    connection.poll()
    server.stop()
    connection.send(event(request_id=b"id-1"))
    assert connection.result() == {"calls": 1}
    connection.close()
    code, out, err = process.wait()
    assert (code, err) == (1, "")
    assert "did not answer to the response of invocation id-1" in out


@pytest.mark.parametrize("reset", [False, True])
def test_an_event_that_breaks_off_is_asked_for_again(server: Server, run: Run, reset: bool) -> None:
    process = run()
    connection = server.accept()
    answer = event(b'{"key":"value"}')
    cuts = (0, 5, len(HEAD), len(HEAD) + 30, answer.index(b"{") - 2, answer.index(b"{"), -1)
    for number, cut in enumerate(cuts, 1):
        connection.poll()
        connection.send(answer[:cut])
        connection.close(reset=reset)
        connection = server.accept()
        assert connection.serve(answer) == {"calls": number}
    connection.poll()
    assert end(process) == ""


@pytest.mark.parametrize("reset", [False, True])
def test_an_answer_that_breaks_off_is_asked_for_again_and_the_response_counts_once(
    server: Server, run: Run, reset: bool
) -> None:
    """Lambda refuses with 400 or 403 what it has taken already."""
    process = run()
    connection = server.accept()
    answers = (ACCEPTED, refusal(400), refusal(403))
    cuts = (0, 5, 30, ACCEPTED.index(b"{"), -1)
    for number, (cut, answer) in enumerate(product(cuts, answers), 1):
        connection.poll()
        connection.send(event())
        assert connection.result() == {"calls": number}
        connection.send(ACCEPTED[:cut])
        connection.close(reset=reset)
        connection = server.accept()
        assert connection.result() == {"calls": number}
        connection.send(answer)
    connection.poll()
    assert end(process) == ""


def test_a_response_that_nobody_answers_ends_the_process(server: Server, run: Run) -> None:
    process = run()
    connection = server.accept()
    connection.poll()
    connection.send(event(request_id=b"id-1"))
    for attempt in range(3):
        if attempt:
            connection = server.accept()
        assert connection.result() == {"calls": 1}
        connection.close()
    code, out, err = process.wait()
    assert (code, err) == (1, "")
    assert "[FATAL]" in out
    assert "did not answer to the response of invocation id-1" in out


def test_a_server_may_be_slow(server: Server, run: Run) -> None:
    process = run("return event['text'] * 20")
    text = "é" * 500
    answer = event(json.dumps({"text": text}, ensure_ascii=False).encode())
    connection = server.accept()
    connection.poll()
    connection.send(*(bytes([byte]) for byte in answer))
    request = connection.head()
    body = connection.exactly(int(request.headers["content-length"]), at_once=7)
    assert json.loads(body) == text * 20
    connection.send(*(bytes([byte]) for byte in ACCEPTED))
    assert connection.serve(answer) == text * 20
    connection.poll()
    assert end(process) == ""


def test_a_connection_that_is_closed_after_an_event_or_an_answer_is_opened_again(
    server: Server, run: Run
) -> None:
    process = run()
    connection = server.accept()
    for number in (1, 2, 3):
        connection.poll()
        connection.send(event())
        connection.close()  # without a word: the response goes into the void, and again
        connection = server.accept()
        assert connection.result() == {"calls": number}
        connection.send(ACCEPTED)
        connection.close()
        connection = server.accept()
    connection.poll()
    assert end(process) == ""


CLOSE = b"Connection: close"
# By a name of each: what the server sends, and whether it closes the connection then.
FORMS = {
    "close": (named("close", CLOSE), True),
    "CLOSE": (named("CLOSE", b"connection:CLOSE"), True),
    "1.0": (named("1.0", head=b"HTTP/1.0 200 OK\r\n"), True),
    "no length": (named("no length", CLOSE, length=False), True),
    "interim": (
        b"HTTP/1.1 100 Continue\r\n\r\n"
        b"HTTP/1.1 103 Early Hints\r\nLink: </>; rel=preload\r\n\r\n" + named("interim"),
        False,
    ),
    "chunks": (
        event(
            b'8;x=y\r\n{"form":\r\n9\r\n"chunks"}\r\n0\r\nA: b\r\nC: d\r\n\r\n',
            *(b"Transfer-Encoding: chunked", b"Trailer: A, C"),
            request_id=b"chunks",
            length=False,
        ),
        False,
    ),
    "names": (named("names").replace(b"Lambda-Runtime", b"lAMBDA-rUNTIME"), False),
    "length": (named("length").replace(b"Content-Length", b"CONTENT-LENGTH"), False),
    "no reason": (named("no reason", head=b"HTTP/1.1 200\r\n"), False),
    "space": (named("space").replace(b": ", b":\t  ").replace(b"\r\nL", b" \t\r\nL"), False),
}


def test_an_answer_may_have_any_form(server: Server, run: Run) -> None:
    process = run("return [event['form'], context.aws_request_id]")
    connection = server.accept()
    for form, (answer, closes) in FORMS.items():
        connection.poll()
        connection.send(answer)
        if closes:
            connection.close()
            connection = server.accept()
        assert connection.result() == [form, form]
        connection.send(ACCEPTED.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
        assert connection.is_closed()
        connection = server.accept()
    connection.poll()
    assert end(process) == ""


def test_an_event_without_a_length_has_a_limit(server: Server, run: Run) -> None:
    """It is asked for again, and memory does not grow with what the server sends."""
    process = run()
    connection = server.accept()
    connection.poll()
    connection.send(event(b"", head=b"HTTP/1.0 200 OK\r\n", length=False))
    part = b" " * (1024 * 1024)
    with pytest.raises(OSError, match=r"reset|Broken pipe"):
        connection.send(*[part] * 200)
    connection = server.accept()
    assert connection.serve(event()) == {"calls": 1}
    connection.poll()
    assert end(process) == ""


def test_a_second_answer_that_nobody_asked_for_is_not_taken_for_the_next(
    server: Server, run: Run
) -> None:
    process = run("return context.aws_request_id")
    connection = server.accept()
    connection.poll()
    connection.send(event(request_id=b"first") + ACCEPTED + event(request_id=b"smuggled"))
    assert connection.is_closed()
    connection = server.accept()
    assert connection.result() == "first"
    connection.send(ACCEPTED + event(request_id=b"smuggled"))
    assert connection.is_closed()
    connection = server.accept()
    assert connection.serve(event(request_id=b"second")) == "second"
    assert end(process) == ""


def test_a_request_id_that_comes_twice_is_answered_twice(server: Server, run: Run) -> None:
    """Lambda sends an event again whose answer it has not got; which counts is for it to say."""
    process = run()
    connection = server.accept()
    assert connection.serve(event(request_id=b"twin")) == {"calls": 1}
    assert connection.serve(event(request_id=b"twin"), refusal(400)) == {"calls": 2}
    assert connection.serve(event(request_id=b"next")) == {"calls": 3}
    connection.poll()
    out = end(process)
    assert out.count("\n") == 1
    assert "Lambda refused the response of invocation twin (11 bytes) with status 400: no" in out


FIFTEEN_MINUTES = 15 * 60 * 1000


@pytest.mark.parametrize(
    ("deadlines", "least", "most"),
    [
        ((b"1", b"1600000000000"), 0, 0),
        (
            (None, b"", b"soon", b"-1", b"1e9", b"\xb2", b"9" * 20, b"9" * 5000),
            800_000,
            FIFTEEN_MINUTES,
        ),
    ],
    ids=["past", "missing or senseless"],
)
def test_a_deadline_may_be_past_missing_or_senseless(
    server: Server, run: Run, deadlines: tuple[bytes | None, ...], least: int, most: int
) -> None:
    process = run("return context.get_remaining_time_in_millis()")
    connection = server.accept()
    for deadline in deadlines:
        line = b"Lambda-Runtime-Deadline-Ms: "
        answer = event().replace(line + b"4102444800000", line + (deadline or b""))
        if deadline is None:
            answer = answer.replace(line + b"\r\n", b"")
        assert least <= connection.serve(answer) <= most
    connection.poll()
    assert end(process) == ""


def test_header_values_may_hold_any_character(server: Server, run: Run) -> None:
    process = run("return [context.aws_request_id, context.trace_id, context.tenant_id]")
    connection = server.accept()
    for value in (
        b"\xc3\xa9 \xf0\x9f\x90\x8d",
        b"\xe9\xff",
        b"\x01\x1b[31m\x7f",
        b"a\tb",
        b"a:b: c",
    ):
        connection.poll()
        headers = (b"Lambda-Runtime-Trace-Id: " + value, b"Lambda-Runtime-Aws-Tenant-Id: " + value)
        connection.send(event(b"{}", *headers, request_id=value))
        response = connection.request()
        text = value.decode("utf-8", "surrogateescape")
        assert ascii(json.loads(response.body)) == ascii([text, text, text])
        assert response.path == f"/2018-06-01/runtime/invocation/{quote(value)}/response"
        connection.send(refusal(410))
    connection.poll()
    out = end(process)
    assert out.count("\n") == 5
    assert out.count("with status 410: no The invocation had timed out") == 5


def test_a_client_context_may_be_large(server: Server, run: Run) -> None:
    process = run("return context.client_context.custom")
    connection = server.accept()
    for size in (64 * 1024, 512 * 1024):
        custom = {"text": "é" + "x" * size}
        header = json.dumps({"custom": custom}, ensure_ascii=False).encode()
        answer = event(b"{}", b"Lambda-Runtime-Client-Context: " + header)
        assert connection.serve(answer) == custom
    connection.poll()
    assert end(process) == ""


def test_an_event_above_the_limit_is_lambdas_to_refuse(server: Server, run: Run) -> None:
    process = run("return len(event)")
    size = MAX_PAYLOAD_BYTES + 1
    connection = server.accept()
    assert connection.serve(event(b'"%b"' % (b"x" * (size - 2)))) == size - 2
    connection.poll()
    assert end(process) == ""


def test_a_refusal_in_the_middle_of_a_response_is_told_and_survived(
    server: Server, run: Run
) -> None:
    """The server says no when it has seen the head, and closes with most of the body unread."""
    size = 32 * 1024 * 1024  # more than the kernel would hold for a server that does not read
    process = run(f"return 'x' * {size - 2}")
    connection = server.accept()
    connection.poll()
    connection.send(event(request_id=b"id-1"))
    assert connection.head().headers["content-length"] == str(size)
    connection.send(refusal(413, CLOSE))
    connection.close()
    connection = server.accept()
    connection.poll()
    out = end(process)
    assert out.count("\n") == 1
    assert f"Lambda refused the response of invocation id-1 ({size} bytes) with status 413" in out


def test_signals_do_not_break_a_large_response_off(server: Server, run: Run) -> None:
    size = 8 * 1024 * 1024  # more than the kernel would hold for a server that does not read
    process = run(
        f"return 'abcdefgh' * {size // 8}",
        before="import signal; signal.signal(signal.SIGUSR1, lambda *_: None)",
    )
    connection = server.accept()
    connection.poll()
    connection.send(event())
    assert connection.head().headers["content-length"] == str(size + 2)
    body = b""
    for _ in range(size // 65536):
        process.popen.send_signal(signal.SIGUSR1)
        body += connection.exactly(65536, 65536)
    body += connection.exactly(2)
    assert body == b'"%b"' % (b"abcdefgh" * (size // 8))
    connection.send(ACCEPTED)
    connection.poll()
    assert end(process) == ""


def test_large_events_come_whole_whatever_their_sizes(server: Server, run: Run) -> None:
    process = run("return [len(event), hash(event) == hash('x' * len(event))]")
    connection = server.accept()
    for size in (10, 70_000, 65_536, 300_000, 3, 900_000, 1_048_570, 2_000_000, 100_000):
        assert connection.serve(event(b'"%b"' % (b"x" * size))) == [size, True]
    connection.poll()
    assert end(process) == ""


def test_a_403_for_every_poll_ends_the_process_after_three(server: Server, run: Run) -> None:
    process = run()
    connection = server.accept()
    for _ in range(3):
        connection.poll()
        connection.send(refusal(403))
    assert connection.is_closed()
    code, out, err = process.wait()
    assert (code, err) == (1, "")
    assert out.count("\n") == 1
    assert "[FATAL]" in out
    assert "Lambda refused the next invocation with status 403: no" in out


def test_a_403_for_every_response_is_told_each_time_and_not_argued_with(
    server: Server, run: Run
) -> None:
    process = run()
    connection = server.accept()
    for number in range(1, 6):
        assert connection.serve(event(), refusal(403)) == {"calls": number}
    connection.poll()
    assert end(process).count("with status 403: no") == 5


def freeze(process: FunctionProcess) -> None:
    process.popen.send_signal(signal.SIGSTOP)
    _, status = os.waitpid(process.popen.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)


def test_a_frozen_process_answers_when_it_thaws(server: Server, run: Run) -> None:
    process = run()
    connection = server.accept()
    for number in (1, 2):
        connection.poll()
        freeze(process)
        connection.send(event())
        process.popen.send_signal(signal.SIGCONT)
        assert connection.result() == {"calls": number}
        connection.send(ACCEPTED)
    connection.poll()
    assert end(process) == ""


@pytest.mark.parametrize("reset", [False, True])
def test_a_frozen_process_whose_connection_was_closed_opens_another(
    server: Server, run: Run, reset: bool
) -> None:
    process = run()
    connection = server.accept()
    for number in (1, 2):
        assert connection.serve(event()) == {"calls": number}
        connection.poll()
        freeze(process)
        connection.close(reset=reset)
        process.popen.send_signal(signal.SIGCONT)
        connection = server.accept()
    connection.poll()
    assert end(process) == ""


@pytest.mark.parametrize(("host", "name"), [("127.0.0.1", "localhost"), ("::1", "[::1]")])
def test_an_address_may_be_a_name_or_of_ipv6(run: Run, host: str, name: str) -> None:
    try:
        server = Server(host, name)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with server:
        process = run(address=server.address)
        connection = server.accept()
        assert connection.serve(event()) == {"calls": 1}
        connection.poll()
        assert end(process) == ""


LIFESPAN = """
from contextlib import contextmanager

@contextmanager
def lifespan():
    yield
    print("left")
"""


def test_sigterm_ends_a_process_whose_response_is_not_answered(server: Server, run: Run) -> None:
    process = run()
    connection = server.accept()
    connection.poll()
    connection.send(event())
    assert connection.result() == {"calls": 1}
    process.popen.terminate()
    assert process.wait() == (-signal.SIGTERM, "", "")


@pytest.mark.parametrize("answered", [True, False])
def test_sigterm_leaves_the_lifespan_when_the_response_is_answered_or_cannot_be(
    server: Server, run: Run, answered: bool
) -> None:
    process = run(before=LIFESPAN, options="lifespan=lifespan, graceful_shutdown=False")
    connection = server.accept()
    connection.poll()
    connection.send(event())
    assert connection.result() == {"calls": 1}
    process.popen.terminate()
    if answered:
        connection.send(ACCEPTED)
    else:
        server.stop()
        connection.close()
    code, out, err = process.wait()
    assert (code, err) == (0 if answered else 1, "")
    assert out.startswith("left\n")
    assert ("[FATAL]" in out) is not answered


CHILDREN = """
import subprocess, sys

SOCKETS = '''
import os, stat
for fd in range(3, 256):
    try:
        if stat.S_ISSOCK(os.fstat(fd).st_mode):
            print(fd)
    except OSError:
        pass
'''
"""


def test_children_do_not_inherit_the_connection(server: Server, run: Run) -> None:
    look = "subprocess.check_output([sys.executable, '-c', SOCKETS], close_fds=False, text=True)"
    process = run(f"return {look}", before=CHILDREN)
    connection = server.accept()
    for _ in range(2):
        assert connection.serve(event()) == ""
    connection.poll()
    assert end(process) == ""


def test_children_that_outlive_an_invocation_do_no_harm(server: Server, run: Run) -> None:
    """A fork holds the connection too: what the process closes is not closed for the server."""
    process = run(
        """
        reader, writer = os.pipe()
        if not os.fork():
            os.close(writer)
            os.read(reader, 1)  # until the parent has ended
            os._exit(0)
        os.close(reader)
        return {"calls": calls}
        """,
        before="import os",
    )
    first = server.accept()
    assert first.serve(event(), ACCEPTED.replace(b"\r\n", b"\r\n" + CLOSE + b"\r\n", 1)) == {
        "calls": 1
    }
    second = server.accept()
    assert second.serve(event()) == {"calls": 2}
    second.poll()
    second.close(reset=True)
    server.accept().poll()
    assert end(process) == ""


STREAM = """
yield "begin"
yield "x" * 100_000
yield "end"
"""


def stream(connection: Connection) -> bytes:
    """Read a streamed response to its end; its parts are no longer than these."""
    head = connection.head()
    assert head.what == "POST response"
    assert head.headers["transfer-encoding"] == "chunked"
    body = b""
    while size := int(connection.until(b"\r\n"), 16):
        body += connection.exactly(size)
        assert connection.until(b"\r\n") == b""
    assert connection.until(b"\r\n") == b"", "trailers"
    return body


def test_a_stream_that_breaks_off_is_told_and_not_sent_for_ever(
    server: Server, run: Run, transport: str
) -> None:
    """The beginning is sent again, once: a connection that was used may be closed unread."""
    process = run(STREAM)
    connection = server.accept()
    connection.poll()
    connection.send(event(request_id=b"id-1"))
    upload = server.accept() if transport == "aiohttp" else connection
    for last in (False, True) if transport != "aiohttp" else (True,):
        assert upload.head().what == "POST response"
        assert upload.until(b"begin") == b"5\r\n"
        upload.close(reset=True)
        if not last:
            upload = server.accept()
    if transport != "aiohttp":
        connection = server.accept()
    connection.poll()
    connection.send(event(request_id=b"id-2"))
    upload = server.accept() if transport == "aiohttp" else connection
    assert len(stream(upload)) == 100_008
    upload.send(ACCEPTED)
    connection.poll()
    out = end(process)
    assert out.count("\n") == 1
    assert "Lambda did not take all of the response of invocation id-1, after " in out


@pytest.mark.parametrize("transport", ["socket", "stream", "aiohttp", "awaited socket"])
@pytest.mark.parametrize("body", [STREAM, "yield 'b' * 100_008", "yield 'b'\nyield 'c' * 100_007"])
def test_a_stream_is_not_lost_where_the_connection_is_closed_right_after_the_event(
    server: Server, run: Run, body: str, transport: str
) -> None:
    process = run(body)
    polls = uploads = server.accept()
    polls.poll()
    for number in range(40):
        polls.send(event(request_id=b"id-%d" % number))
        if number or transport not in TWO_CONNECTIONS:
            uploads.close()
        uploads = server.accept()
        assert len(stream(uploads)) == 100_008
        uploads.send(ACCEPTED)
        if transport not in TWO_CONNECTIONS:
            polls = uploads
        polls.poll()
    assert end(process) == ""


@pytest.mark.parametrize("transport", ["stream", "aiohttp", "awaited socket"])
def test_a_stream_that_several_tasks_write_is_not_lost_either(
    server: Server, run: Run, transport: str
) -> None:
    process = run(
        """
        async def part(letter):
            for _ in range(20):
                await stream.write(letter)
        await asyncio.gather(*map(part, "abc"))
        """,
        before="import asyncio",
        arguments="event, stream, context",
    )
    polls = uploads = server.accept()
    polls.poll()
    for number in range(40):
        polls.send(event(request_id=b"id-%d" % number))
        if number or transport not in TWO_CONNECTIONS:
            uploads.close()
        uploads = server.accept()
        assert sorted(stream(uploads)) == sorted(b"abc" * 20)
        uploads.send(ACCEPTED)
        if transport not in TWO_CONNECTIONS:
            polls = uploads
        polls.poll()
    assert end(process) == ""


def test_a_stream_does_not_begin_on_a_connection_that_was_closed(
    server: Server, run: Run, transport: str
) -> None:
    """Its parts are gone when they are sent: they could not be sent again."""
    process = run(STREAM)
    connection = server.accept()
    uploads: list[Connection] = []
    for _ in range(3):
        connection.poll()
        freeze(process)
        for upload in uploads:
            upload.close()
        connection.send(event())
        connection.close()
        process.popen.send_signal(signal.SIGCONT)
        upload = server.accept()
        assert len(stream(upload)) == 100_008
        upload.send(ACCEPTED)
        connection = server.accept() if transport == "aiohttp" else upload
        uploads = [upload] if transport == "aiohttp" else []
    connection.poll()
    assert end(process) == ""
