"""The fake against AWS's own emulator: the same calls, one by one, get the same replies.

The emulator's Runtime API is asked by the test, in the place of the process that it has started.
Requests that would wait for an invocation are sent only when there is one. Calls that end the
emulator are left out: two invocations at a time, and an answer before the first poll.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from lambda_testing import MAX_PAYLOAD_BYTES, FakeRuntimeAPI

if TYPE_CHECKING:
    from collections.abc import Generator

    from lambda_testing import Invocation

RUNTIME = "/2018-06-01/runtime"
INVOKE = "/2015-03-31/functions/function/invocations"
ID = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
LIMIT = 20  # seconds
FIND = Path(__file__).parents[3] / "emulator" / "rie.sh"
# The process that the emulator starts only says that it has been, and stays.
PROGRAM = 'echo > "$STARTED"; exec sleep 60'

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="AWS's emulator is built for Linux only"),
    pytest.mark.skipif(not FIND.exists(), reason="needs what fetches AWS's emulator, rie.sh"),
]


# The two differ in what they know of the function, and in when it has to be ready.
DIFFERENT = {"Lambda-Runtime-Invoked-Function-Arn", "Lambda-Runtime-Deadline-Ms", "Date"}


class Said(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


class Request(NamedTuple):
    """A call of a runtime's; a body in parts is sent in chunks."""

    method: str
    path: str
    body: bytes | list[bytes] | None = None
    headers: dict[str, str] | None = None


def answer(
    end: str,
    request_id: str = ID,
    body: bytes | list[bytes] = b'{"a": 1}',
    mode: str | None = None,
) -> Request:
    headers = {} if mode is None else {"Lambda-Runtime-Function-Response-Mode": mode}
    return Request("POST", f"{RUNTIME}/invocation/{request_id}/{end}", body, headers)


def extension(end: str, body: bytes = b"", **headers: str) -> Request:
    method = "GET" if end == "event/next" else "POST"
    named = {f"Lambda-Extension-{name.replace('_', '-')}": headers[name] for name in headers}
    return Request(method, f"/2020-01-01/extension/{end}", body, named)


NEXT = Request("GET", f"{RUNTIME}/invocation/next")
INIT_ERROR = Request("POST", f"{RUNTIME}/init/error", b'{"errorMessage":"m","errorType":"T"}')
CALLS = {
    "next": NEXT,
    "response": answer("response"),
    "error": answer("error", body=b'{"errorMessage":"m","errorType":"T"}'),
    "response to another": answer("response", "another"),
    "error to another": answer("error", "another"),
    "response too large": answer("response", body=bytes(MAX_PAYLOAD_BYTES + 1)),
    "response in chunks": answer("response", body=[b"[", b"1]"]),
    "response that streams": answer("response", body=[b"a", b"", b"b"], mode="streaming"),
    "response that streams, with a length": answer("response", mode="streaming"),
    "response with no mode": answer("response", mode=""),
    "response with a mode that there is not": answer("response", mode="buffered"),
    "response that is empty": answer("response", body=b""),
    "error that is empty": answer("error", body=b""),
    "init error": INIT_ERROR,
    "restore": Request("GET", f"{RUNTIME}/restore/next"),
    "ping": Request("GET", "/2018-06-01/ping"),
    "nothing": Request("GET", "/2018-06-01/nothing"),
}
# Requests that change nothing, and are refused in each state alike.
MISTAKES = [
    Request("POST", f"{RUNTIME}/invocation/next", b""),
    Request("HEAD", f"{RUNTIME}/invocation/next"),
    Request("GET", f"{RUNTIME}/invocation/{ID}/response"),
    Request("PUT", f"{RUNTIME}/invocation/{ID}/error", b"{}"),
    Request("GET", f"{RUNTIME}/init/error"),
    Request("POST", "/2018-06-01/ping", b""),
    Request("GET", f"{RUNTIME}/invocation/next/"),
    Request("GET", f"{RUNTIME}//invocation/next"),
    Request("GET", "/"),
    Request("POST", f"{RUNTIME}/restore/error", b"{}"),
    extension("register", b'{"events":[]}'),
    extension("register", Name="a"),
    extension("register", b'{"events":["SHUTDOWN"]}', Name="a"),
    extension("register", b'{"events":["LUNCH"]}', Name="a"),
    extension("register", b'{"configurationKeys":["a"]}', Name="a"),
    extension("event/next"),
    extension("event/next", Identifier="nobody"),
    extension("event/next", Identifier=ID),
    extension("init/error", Identifier=ID),
    extension("exit/error"),
    extension("exit/error", Identifier="nobody"),
    extension("exit/error", Identifier=ID),
    extension("exit/error", Identifier=ID, Function_Error_Type="Extension.Oops"),
]


class Service:
    """A Runtime API, and whoever invokes the function."""

    def __init__(self, address: str) -> None:
        self._address = address

    def ask(self, request: Request) -> Said:
        connection = HTTPConnection(self._address, timeout=LIMIT)
        try:
            connection.request(request.method, request.path, request.body, request.headers or {})
            response = connection.getresponse()
            headers = {
                name: "" if name in DIFFERENT else value for name, value in response.getheaders()
            }
            return Said(response.status, headers, response.read())
        finally:
            connection.close()


class Emulator(Service):
    """AWS's emulator, and one invocation at a time."""

    def __init__(self, address: str, invoke_address: str) -> None:
        super().__init__(address)
        self._invoke_address = invoke_address
        self._caller: threading.Thread | None = None
        self._got: Said | None = None

    def invoke(self) -> None:
        self._caller = threading.Thread(target=self._call, daemon=True)
        self._caller.start()

    def outcome(self) -> Said | None:
        assert self._caller is not None
        self._caller.join(LIMIT)
        return self._got

    def _call(self) -> None:
        self._got = None
        with suppress(OSError, HTTPException):  # it is ended in the middle
            headers = {"X-Amzn-RequestId": ID, "Content-Type": "application/json"}
            self._got = Service(self._invoke_address).ask(Request("POST", INVOKE, b"{}", headers))


@pytest.fixture(scope="session")
def binary() -> str:
    """Return the path of AWS's emulator, which is fetched once for all tests that need it."""
    result = subprocess.run(
        [FIND, "--which"],
        env={**os.environ, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        pytest.skip(result.stderr)
    return result.stdout.strip()


@contextmanager
def emulator(binary: str, folder: Path) -> Generator[Emulator]:
    """Start AWS's emulator and, by an invocation, its function."""
    started = folder / "started"
    started.unlink(missing_ok=True)
    os.mkfifo(started)
    with ExitStack() as stack:
        invoke_address, address = (stack.enter_context(reserved_address()) for _ in range(2))
        process = subprocess.Popen(
            [
                binary,
                f"--runtime-interface-emulator-address={invoke_address}",
                f"--runtime-api-address={address}",
                "--log-level=error",
                *("/bin/sh", "-c", PROGRAM),
            ],
            env={**os.environ, "STARTED": str(started)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_until_it_listens(invoke_address)
            wait_until_it_listens(address)
            service = Emulator(address, invoke_address)
            service.invoke()
            started.read_text()
            yield service
        finally:
            process.terminate()  # it takes the function along
            process.wait(LIMIT)


@contextmanager
def reserved_address() -> Generator[str]:
    """Yield an address whose port is given to nobody who asks for any.

    A socket that is bound holds it, and does not keep the emulator from listening there: it does
    not listen itself, and both have SO_REUSEADDR.
    """
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        yield "{}:{}".format(*holder.getsockname())


def wait_until_it_listens(address: str) -> None:
    host, _, port = address.partition(":")
    deadline = time.monotonic() + LIMIT
    while True:
        try:
            socket.create_connection((host, int(port))).close()
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.005)
        else:
            return


class Pair:
    """The fake and the emulator, which are asked the same."""

    def __init__(self, fake: FakeRuntimeAPI, theirs: Emulator) -> None:
        self._fake = fake
        self._ours = Service(fake.address)
        self._theirs = theirs
        self._invocation: Invocation = fake.enqueue({}, request_id=ID, invocation_id=None)

    def can(self, name: str) -> bool:
        state = self._fake.state
        if name == "next":
            return state in {"Running", "InvocationResponse"} or self._fake.queued > 0
        if name == "response too large":  # elsewhere the emulator refuses it without reading it
            return state == "Running"
        if name.startswith(("response", "error")):
            return state != "Started"
        return True

    @property
    def is_broken(self) -> bool:
        """True if the start has failed: the emulator then starts another process at once."""
        return self._fake.init_error is not None

    def ask(self, request: Request) -> None:
        assert self._ours.ask(request) == self._theirs.ask(request), request[:2]

    def go_on(self) -> None:
        """Poll, look at the outcome of the last invocation, and begin another."""
        polls = [
            threading.Thread(target=service.ask, args=(NEXT,), daemon=True)
            for service in (self._ours, self._theirs)
        ]
        for poll in polls:
            poll.start()
        self._fake.wait_for_poll()
        ours, theirs = self._invocation.wait(), self._theirs.outcome()
        assert theirs is not None
        assert ours.body == theirs.body
        self._invocation = self._fake.enqueue({}, request_id=ID, invocation_id=None)
        self._theirs.invoke()
        for poll in polls:
            poll.join(LIMIT)
            assert not poll.is_alive()


@settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(names=st.lists(st.sampled_from([*CALLS, "next", "go on"]), min_size=4, max_size=16))
def test_the_replies_are_those_of_aws_emulator(
    binary: str, tmp_path: Path, names: list[str]
) -> None:
    with FakeRuntimeAPI() as fake, emulator(binary, tmp_path) as theirs:
        pair = Pair(fake, theirs)
        for name in names:
            if name == "go on":
                if fake.state == "RuntimeResponseSentState":
                    pair.go_on()
            elif pair.can(name):
                pair.ask(CALLS[name])
            if pair.is_broken:
                break


def test_mistakes_are_refused_in_the_words_of_aws_emulator(binary: str, tmp_path: Path) -> None:
    with FakeRuntimeAPI() as fake, emulator(binary, tmp_path) as theirs:
        pair = Pair(fake, theirs)
        for state in ("Started", "Running", "RuntimeResponseSentState"):
            assert fake.state == state
            for mistake in MISTAKES:
                pair.ask(mistake)
            pair.ask(CALLS["next"] if state == "Started" else CALLS["response"])
            if state == "Running":  # the start is over: no extension comes any more
                pair.ask(extension("register", b'{"events":[]}', Name="late"))
