"""The restore phase of a function with SnapStart."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPResponse

import pytest

from lambda_testing import FakeRuntimeAPI, Function

Call = Callable[..., HTTPResponse]
Connect = Callable[[], HTTPConnection]
Until = Callable[[Callable[[], bool]], None]

ACCEPTED = (202, b'{"status":"OK"}\n')


def said(response: HTTPResponse) -> tuple[int, bytes]:
    return response.status, response.read()


def forbidden(state: str, wanted: str) -> tuple[int, bytes]:
    message = (
        f"State transition from {state} to {wanted} failed for runtime. "
        "Error: State transition is not allowed"
    )
    return 403, f'{{"errorMessage":"{message}","errorType":"InvalidStateTransition"}}\n'.encode()


@pytest.fixture
def function() -> Function:
    return Function(snap_start=True)


@pytest.fixture
def park(connect: Connect) -> Callable[[], HTTPConnection]:
    """Begin to wait for the restore."""

    def park() -> HTTPConnection:
        connection = connect()
        connection.request("GET", "/2018-06-01/runtime/restore/next")
        return connection

    return park


@pytest.mark.parametrize("function", [Function(), Function(max_concurrency=2)])
def test_other_functions_have_no_restore_phase(api: FakeRuntimeAPI, call: Call) -> None:
    assert call("GET", "restore/next").status == 404


@pytest.mark.parametrize("function", [Function(), Function(max_concurrency=2)])
def test_other_functions_cannot_be_restored(api: FakeRuntimeAPI) -> None:
    with pytest.raises(RuntimeError, match=r"no runtime waits to be restored.* state Started"):
        api.restore()


def test_a_runtime_is_restored_and_goes_on(api: FakeRuntimeAPI, park: Connect, call: Call) -> None:
    assert api.environment()["AWS_LAMBDA_INITIALIZATION_TYPE"] == "snap-start"
    invocation = api.enqueue(1)
    with pytest.raises(RuntimeError, match="wait_for_snapshot first"):
        api.restore()
    connection = park()
    api.wait_for_snapshot()
    assert (api.state, invocation.state) == ("RestoreReady", "queued")
    assert said(call("GET", "invocation/next")) == forbidden("RestoreReady", "Ready")
    assert said(call("POST", "init/error", b"{}")) == forbidden("RestoreReady", "InitError")
    assert said(call("GET", "restore/next")) == forbidden("RestoreReady", "RestoreReady")
    api.restore()
    assert said(connection.getresponse()) == (200, b"")
    assert api.state == "Restoring"
    assert said(call("GET", "invocation/next")) == (200, b"1")
    assert said(call("GET", "restore/next")) == forbidden("Running", "RestoreReady")
    assert said(call("POST", "restore/error", b"{}")) == forbidden(
        "Running", "RuntimeRestoreErrorState"
    )
    with pytest.raises(RuntimeError, match="no runtime waits"):
        api.restore()


def test_a_runtime_need_not_know_of_it(api: FakeRuntimeAPI, call: Call) -> None:
    _ = api.enqueue(1)
    assert said(call("GET", "invocation/next")) == (200, b"1")


def test_a_restore_that_fails_ends_everything(
    api: FakeRuntimeAPI, park: Connect, call: Call
) -> None:
    before = api.enqueue(1)
    assert said(call("POST", "restore/error", b"{}"))[0] == 403
    connection = park()
    api.wait_for_snapshot()
    api.restore()
    assert connection.getresponse().read() == b""
    body = b'{"errorType":"Runtime.AfterRestoreError"}'
    headers = {"Lambda-Runtime-Function-Error-Type": "Runtime.AfterRestoreError"}
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(api.wait_for_restore_error)
        assert said(call("POST", "restore/error", body, headers)) == ACCEPTED
        told = waiting.result(10)
    after = api.enqueue(2)
    seen = [api.restore_error]
    for outcome in (told, before.wait(), after.wait()):
        assert (outcome.kind, outcome.body) == ("restore_error", body)
        assert outcome.error_type == "Runtime.AfterRestoreError"
    assert said(call("GET", "invocation/next")) == forbidden("RuntimeRestoreErrorState", "Ready")
    path = f"invocation/{before.request_id}/response"
    assert said(call("POST", path, b"1")) == forbidden(
        "RuntimeRestoreErrorState", "InvocationResponse"
    )
    with pytest.raises(RuntimeError, match=r"the restore failed.*did not poll.*AfterRestoreError"):
        api.wait_for_poll()
    api.process_exited()
    seen.append(api.restore_error)
    assert (seen, api.state) == ([told, None], "Started")


def test_an_init_error_ends_the_wait_for_the_snapshot(api: FakeRuntimeAPI, call: Call) -> None:
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(api.wait_for_snapshot)
        assert said(call("POST", "init/error", b"{}")) == ACCEPTED
        with pytest.raises(RuntimeError, match=r"the init failed.*did not wait to be restored"):
            waiting.result(10)


def test_a_runtime_that_hangs_up_may_come_again(
    api: FakeRuntimeAPI, park: Connect, until: Until
) -> None:
    lost = park()
    api.wait_for_snapshot()
    lost.close()
    until(lambda: api.state == "Started")
    connection = park()
    api.wait_for_snapshot()
    api.restore()
    assert said(connection.getresponse()) == (200, b"")


def test_a_process_that_exits_waits_for_no_restore(api: FakeRuntimeAPI, park: Connect) -> None:
    first, second = api.enqueue(1), api.enqueue(2)
    connection = park()
    api.wait_for_snapshot()
    api.process_exited()
    assert (first.wait().kind, second.state) == ("exit", "queued")
    with pytest.raises(ConnectionError):
        connection.getresponse()
    assert api.state == "Started"
    park()
    api.wait_for_snapshot()


def test_waits_that_are_not_met_say_what_was_seen(api: FakeRuntimeAPI) -> None:
    with pytest.raises(TimeoutError, match=r"waits for no restore after 0\.01 s; .*Started"):
        api.wait_for_snapshot(timeout=0.01)
    with pytest.raises(TimeoutError, match=r"reported no restore error after 0\.01 s"):
        api.wait_for_restore_error(timeout=0.01)
