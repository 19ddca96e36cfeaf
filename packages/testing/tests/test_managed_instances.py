"""A runtime that works on several invocations at a time, as Lambda Managed Instances ask for."""

from __future__ import annotations

import select
from collections.abc import Callable
from http.client import HTTPConnection, HTTPResponse

import pytest

from lambda_testing import FakeRuntimeAPI, Function, Invocation

Connect = Callable[[], HTTPConnection]
Until = Callable[[Callable[[], bool]], None]

RUNTIME = "/2018-06-01/runtime"
NEXT = f"{RUNTIME}/invocation/next"
ACCEPTED = (202, b'{"status":"OK"}\n')
INVALID_ID = (400, b'{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}\n')
INVOKE_TIMEOUT = (410, b'{"errorMessage":"Invoke timeout","errorType":"InvokeTimeout"}\n')


def said(response: HTTPResponse) -> tuple[int, bytes]:
    return response.status, response.read()


def init_error_refused(state: str) -> tuple[int, bytes]:
    message = (
        f"State transition from {state} to InitError failed for runtime. "
        "Error: State transition is not allowed"
    )
    return 403, f'{{"errorMessage":"{message}","errorType":"InvalidStateTransition"}}\n'.encode()


@pytest.fixture
def function() -> Function:
    return Function(max_concurrency=3)


class Worker:
    """One connection of a runtime, that polls and answers."""

    def __init__(self, connection: HTTPConnection) -> None:
        self.connection = connection

    def poll(self) -> None:
        self.connection.request("GET", NEXT)

    def take(self) -> tuple[str, bytes]:
        response = self.connection.getresponse()
        assert response.status == 200
        return response.headers["Lambda-Runtime-Aws-Request-Id"], response.read()

    def post(self, path: str, body: bytes = b"null", **headers: str) -> tuple[int, bytes]:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        self.connection.request("POST", f"{RUNTIME}/{path}", body, names)
        return said(self.connection.getresponse())


@pytest.fixture
def workers(api: FakeRuntimeAPI, connect: Connect) -> list[Worker]:
    """Have as many workers as there may be, all of which wait for work."""
    workers = [Worker(connect()) for _ in range(3)]
    for worker in workers:
        worker.poll()
    api.wait_for_polls(3)
    return workers


def running(api: FakeRuntimeAPI, workers: list[Worker]) -> list[Invocation]:
    """Give each worker an invocation, numbered from 0."""
    invocations = [api.enqueue(n, request_id=f"id-{n}") for n in range(len(workers))]
    taken = dict(worker.take() for worker in workers)
    assert taken == {f"id-{n}": str(n).encode() for n in range(len(workers))}
    return invocations


def test_the_environment_says_what_it_is(api: FakeRuntimeAPI) -> None:
    environment = api.environment()
    assert environment["AWS_LAMBDA_MAX_CONCURRENCY"] == "3"
    assert environment["AWS_LAMBDA_INITIALIZATION_TYPE"] == "lambda-managed-instances"


def test_what_lambda_does_not_offer_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1, not 0"):
        Function(max_concurrency=0)
    with pytest.raises(ValueError, match="no SnapStart"):
        Function(max_concurrency=1, snap_start=True)


def test_answers_come_in_any_order(api: FakeRuntimeAPI, workers: list[Worker]) -> None:
    invocations = running(api, workers)
    assert (api.state, api.polls) == ("Running", 0)
    for n in (2, 0, 1):
        assert workers[1].post(f"invocation/id-{n}/response", str(n).encode()) == ACCEPTED
        assert invocations[n].wait().json() == n
    assert api.state == "Ready"


def test_more_than_may_be_in_flight_are_queued(
    api: FakeRuntimeAPI, workers: list[Worker], connect: Connect
) -> None:
    running(api, workers)
    fourth = api.enqueue("fourth")
    idle = Worker(connect())
    idle.poll()
    assert workers[0].post("invocation/id-1/error", b"{}") == ACCEPTED
    assert idle.take() == (fourth.request_id, b'"fourth"')


def test_a_busy_runtime_may_poll_but_gets_nothing(
    api: FakeRuntimeAPI, workers: list[Worker], connect: Connect
) -> None:
    running(api, workers)
    idle = Worker(connect())
    idle.poll()
    api.wait_for_polls(1)
    fourth = api.enqueue("fourth")
    assert fourth.state == "queued"
    with pytest.raises(TimeoutError, match=r"not wait with 1 polls after 0\.01 s; .*1 queued, 1 p"):
        api.wait_for_polls(1, timeout=0.01)
    assert workers[0].post("invocation/id-1/response") == ACCEPTED
    assert idle.take() == (fourth.request_id, b'"fourth"')


def test_one_poll_too_many_is_an_error(
    api: FakeRuntimeAPI, workers: list[Worker], connect: Connect
) -> None:
    extra = Worker(connect())
    extra.poll()
    assert said(extra.connection.getresponse()) == (
        500,
        b'{"errorMessage":"Internal Server Error","errorType":"InternalServerError"}\n',
    )
    assert api.polls == 3
    running(api, workers)


def test_a_lost_poll_makes_room_for_another(
    api: FakeRuntimeAPI, workers: list[Worker], connect: Connect, until: Until
) -> None:
    workers[0].connection.close()
    until(lambda: api.polls == 2)
    workers[0] = Worker(connect())
    workers[0].poll()
    api.wait_for_polls(3)
    running(api, workers)


@pytest.mark.parametrize("answer", ["response", "error"])
def test_a_second_answer_is_for_no_invocation(
    api: FakeRuntimeAPI, workers: list[Worker], answer: str
) -> None:
    running(api, workers)
    assert workers[0].post("invocation/nobody/response") == INVALID_ID
    assert workers[0].post("invocation/id-0/response") == ACCEPTED
    assert workers[0].post(f"invocation/id-0/{answer}") == INVALID_ID


@pytest.mark.parametrize("answer", ["response", "error"])
def test_a_late_answer_is_gone(api: FakeRuntimeAPI, workers: list[Worker], answer: str) -> None:
    slow, other, _ = running(api, workers)
    api.time_out(slow)
    assert slow.wait().kind == "timeout"
    assert workers[0].post(f"invocation/id-0/{answer}") == INVOKE_TIMEOUT
    assert workers[0].post("invocation/id-1/response", b"1") == ACCEPTED
    assert other.wait().body == b"1"
    again = api.enqueue("again", request_id="id-0")
    workers[0].poll()
    assert workers[0].take() == ("id-0", b'"again"')
    assert workers[0].post(f"invocation/id-0/{answer}") == ACCEPTED
    assert again.wait().kind == answer


def test_a_timeout_in_the_queue_takes_it_out(api: FakeRuntimeAPI) -> None:
    invocation = api.enqueue(1)
    api.time_out(invocation)
    assert (invocation.wait().kind, invocation.wait().delivered) == ("timeout", None)


def test_a_wrong_nonce_is_gone(api: FakeRuntimeAPI, workers: list[Worker]) -> None:
    invocation = running(api, workers)[0]
    path = "invocation/id-0/response"
    assert workers[0].post(path, Lambda_Runtime_Invocation_Id="other") == INVOKE_TIMEOUT
    assert invocation.invocation_id is not None
    nonce = {"Lambda_Runtime_Invocation_Id": invocation.invocation_id}
    assert workers[0].post(path, b"1", **nonce) == ACCEPTED


def test_an_id_that_is_used_twice_is_used_one_after_the_other(
    api: FakeRuntimeAPI, workers: list[Worker]
) -> None:
    first, second = api.enqueue(1, request_id="same"), api.enqueue(2, request_id="same")
    sockets = {worker.connection.sock: worker for worker in workers}
    (readable,), _, _ = select.select(list(sockets), [], [], 10)
    worker = sockets[readable]
    assert worker.take() == ("same", b"1")
    assert (first.state, second.state, api.polls) == ("running", "queued", 2)
    assert worker.post("invocation/same/response", b"1") == ACCEPTED
    assert first.wait().body == b"1"
    (readable,), _, _ = select.select([it for it in sockets if it is not readable], [], [], 10)
    assert sockets[readable].take() == ("same", b"2")


def test_a_worker_cannot_report_an_init_error_once_another_has_polled(
    api: FakeRuntimeAPI, workers: list[Worker], connect: Connect
) -> None:
    other = Worker(connect())
    assert other.post("init/error", b"{}") == init_error_refused("Ready")
    running(api, workers)
    assert other.post("init/error", b"{}") == init_error_refused("Running")
    assert api.init_error is None


def test_an_init_error_is_for_all_workers(api: FakeRuntimeAPI, connect: Connect) -> None:
    invocation = api.enqueue(1)
    first, second = Worker(connect()), Worker(connect())
    assert first.post("init/error", b"{}") == ACCEPTED
    assert second.post("init/error", b"[]") == init_error_refused("InitError")
    assert invocation.wait().kind == "init_error"
    second.poll()
    assert second.connection.getresponse().status == 403
    assert Worker(connect()).post("invocation/x/response")[0] == 403


def test_an_error_may_end_a_response(api: FakeRuntimeAPI, workers: list[Worker]) -> None:
    """A supervisor reports a worker that died during an invocation."""
    invocation = running(api, workers)[0]
    sender = workers[0].connection
    sender.putrequest("POST", f"{RUNTIME}/invocation/id-0/response")
    sender.putheader("Lambda-Runtime-Function-Response-Mode", "streaming")
    sender.putheader("Transfer-Encoding", "chunked")
    sender.endheaders(b"1\r\nx\r\n")
    invocation.wait_for_chunk()
    assert workers[1].post("invocation/id-0/response") == INVALID_ID
    assert workers[1].post("invocation/id-0/error", b"{}") == ACCEPTED
    outcome = invocation.wait()
    assert (outcome.kind, outcome.body) == ("error", b"{}")
    assert [chunk.data for chunk in outcome.chunks] == [b"x"]
    assert workers[1].post("invocation/id-0/error", b"{}") == INVALID_ID
    sender.send(b"0\r\n\r\n")
    assert said(sender.getresponse()) == INVOKE_TIMEOUT


def test_a_worker_that_dies_leaves_its_invocation_in_flight(
    api: FakeRuntimeAPI, workers: list[Worker]
) -> None:
    invocations = running(api, workers)
    workers[0].connection.close()
    assert workers[1].post("invocation/id-1/response") == ACCEPTED
    assert invocations[0].state == "running"
    assert workers[1].post("invocation/id-0/error", b"{}") == ACCEPTED


def test_all_processes_end_together(api: FakeRuntimeAPI, workers: list[Worker]) -> None:
    invocations = running(api, workers)
    queued = api.enqueue("queued")
    api.process_exited("Runtime exited with error: signal: killed")
    assert [invocation.wait().kind for invocation in invocations] == ["exit"] * 3
    assert invocations[1].wait().json() == {
        "errorType": "Runtime.ExitError",
        "errorMessage": "RequestId: id-1 Error: Runtime exited with error: signal: killed",
    }
    assert (api.state, queued.state) == ("Started", "queued")
    workers[0].poll()
    assert workers[0].take()[1] == b'"queued"'
    assert workers[0].post("invocation/id-1/response") == INVALID_ID


def test_closing_ends_all_that_is_in_flight(api: FakeRuntimeAPI, workers: list[Worker]) -> None:
    invocations = [*running(api, workers), api.enqueue("queued")]
    api.close()
    for invocation in invocations:
        with pytest.raises(ConnectionAbortedError):
            invocation.wait()
