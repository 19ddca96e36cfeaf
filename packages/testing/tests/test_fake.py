"""The fake as tests use it: with and without an event loop, and when things go wrong."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException

import pytest

from lambda_testing import FakeRuntimeAPI, Outcome

Connect = Callable[[], HTTPConnection]

RUNTIME = "/2018-06-01/runtime"


def echo(address: str) -> None:
    """Be a runtime whose function returns its event, until the server goes away."""
    connection = HTTPConnection(address, timeout=10)
    try:
        while True:
            connection.request("GET", f"{RUNTIME}/invocation/next")
            response = connection.getresponse()
            request_id = response.headers["Lambda-Runtime-Aws-Request-Id"]
            body = response.read()
            connection.request("POST", f"{RUNTIME}/invocation/{request_id}/response", body)
            connection.getresponse().read()
    except (OSError, HTTPException):
        pass
    finally:
        connection.close()


def test_without_an_event_loop() -> None:
    with ThreadPoolExecutor() as pool, FakeRuntimeAPI() as api:
        runtime = pool.submit(echo, api.address)
        assert api.invoke({"a": [1]}, tenant_id="t").json() == {"a": [1]}
        invocations = [api.enqueue(number) for number in range(3)]
        assert [invocation.wait().json() for invocation in invocations] == [0, 1, 2]
        api.wait_for_poll()
        assert api.state == "Ready"
    assert runtime.result() is None
    assert len(api.requests) == 9


def test_on_an_event_loop() -> None:
    async def test() -> None:
        async with FakeRuntimeAPI() as api:
            runtime = asyncio.create_task(asyncio.to_thread(echo, api.address))
            invocations = [api.enqueue(number) for number in range(3)]
            outcomes = await asyncio.gather(*invocations)
            assert [outcome.json() for outcome in outcomes] == [0, 1, 2]
            assert await invocations[0] is outcomes[0]
            await asyncio.to_thread(api.wait_for_poll)
        await runtime

    asyncio.run(test())


def test_one_outcome_for_waiters_of_every_kind(api: FakeRuntimeAPI) -> None:
    """Threads that block, and two event loops, wait for the same invocation."""
    invocation = api.enqueue("x")
    ready = threading.Barrier(3, timeout=10)

    def block() -> Outcome:
        ready.wait()
        return invocation.wait()

    async def wait() -> Outcome:
        ready.wait()
        return await invocation

    with ThreadPoolExecutor() as pool:
        waiters = [pool.submit(block), *(pool.submit(asyncio.run, wait()) for _ in range(2))]
        echoing = pool.submit(echo, api.address)
        outcomes = {id(waiter.result(10)) for waiter in waiters}
        api.close()
        echoing.result(10)
    assert len(outcomes) == 1


def test_who_stops_waiting_takes_nothing_from_the_others(api: FakeRuntimeAPI) -> None:
    invocation = api.enqueue("x")

    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(invocation, 0.01)

    asyncio.run(give_up())
    with ThreadPoolExecutor() as pool:
        pool.submit(echo, api.address)
        assert invocation.wait().json() == "x"
        api.close()


def test_a_timeout_tells_what_was_seen(api: FakeRuntimeAPI, connect: Connect) -> None:
    with pytest.raises(
        TimeoutError,
        match=r"invocation \S+ is still queued after 0\.01 s; the runtime is in state Started, "
        r"1 queued, 0 polls waiting; last requests: none",
    ):
        api.invoke(1, timeout=0.01)
    connection = connect()
    connection.request("GET", f"{RUNTIME}/invocation/next")
    connection.getresponse().read()
    seen = rf"state Running, 0 queued, .*last requests: GET {RUNTIME}/invocation/next$"
    with pytest.raises(TimeoutError, match=rf"waits for no invocation after 0\.01 s; .*{seen}"):
        api.wait_for_poll(timeout=0.01)
    with pytest.raises(TimeoutError, match=rf"reported no init error after 0\.01 s; .*{seen}"):
        api.wait_for_init_error(timeout=0.01)


def test_waiting_for_a_poll_ends_with_an_init_error(api: FakeRuntimeAPI, connect: Connect) -> None:
    connection = connect()
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(api.wait_for_poll)
        connection.request("POST", f"{RUNTIME}/init/error", b'{"errorType":"Runtime.Oops"}')
        connection.getresponse().read()
        with pytest.raises(RuntimeError, match=r"did not poll.*Runtime\.Oops"):
            waiting.result(10)


def test_waiting_for_a_poll_waits_for_what_is_queued(api: FakeRuntimeAPI) -> None:
    with ThreadPoolExecutor() as pool:
        pool.submit(echo, api.address)
        api.wait_for_poll()
        invocation = api.enqueue(1)
        api.wait_for_poll()
        assert invocation.state == "done"
        api.close()


def test_closing_ends_every_wait(api: FakeRuntimeAPI, connect: Connect) -> None:
    running, queued = api.enqueue(1), api.enqueue(2)
    connection = connect()
    connection.request("GET", f"{RUNTIME}/invocation/next")
    connection.getresponse().read()
    waits: list[Callable[[], object]] = [
        running.wait,
        queued.wait,
        api.wait_for_poll,
        api.wait_for_init_error,
    ]
    with ThreadPoolExecutor() as pool:
        waiting = [pool.submit(wait) for wait in waits]
        api.close()
        for wait in waiting:
            with pytest.raises(ConnectionAbortedError, match="closed"):
                wait.result(10)
    assert running.outcome is None
    with pytest.raises(ConnectionRefusedError):
        connect().connect()


def test_closing_ends_the_requests_in_progress(
    api: FakeRuntimeAPI, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    invocation = api.enqueue(1)
    sender = connect()
    sender.request("GET", f"{RUNTIME}/invocation/next")
    sender.getresponse().read()
    sender.putrequest("POST", f"{RUNTIME}/invocation/{invocation.request_id}/response")
    sender.putheader("Content-Length", "2")
    sender.endheaders(b"1")
    api.close()
    with pytest.raises(ConnectionError):  # RemoteDisconnected is one
        sender.getresponse()
    assert caplog.records == []


def test_closing_ends_a_parked_poll(
    api: FakeRuntimeAPI, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    poll = connect()
    poll.request("GET", f"{RUNTIME}/invocation/next")
    api.wait_for_poll()
    api.close()
    with pytest.raises(ConnectionError):
        poll.getresponse()
    assert caplog.records == []


def test_a_closed_fake_keeps_what_it_has_seen(api: FakeRuntimeAPI, connect: Connect) -> None:
    connection = connect()
    connection.request("POST", f"{RUNTIME}/init/error", b"{}")
    connection.getresponse().read()
    api.close()
    api.close()
    assert [request.path for request in api.requests] == [f"{RUNTIME}/init/error"]
    assert api.init_error is not None
    assert api.state == "InitError"
    uses: list[Callable[[], object]] = [
        lambda: api.enqueue(1),
        api.wait_for_poll,
        api.wait_for_init_error,
    ]
    for use in uses:
        with pytest.raises(ConnectionAbortedError, match="this FakeRuntimeAPI was closed"):
            use()


def test_a_fake_that_cannot_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_address: tuple[str, int]) -> None:
        raise OSError("no more sockets")

    monkeypatch.setattr(socket, "create_server", fail)
    with pytest.raises(OSError, match="no more sockets"):
        FakeRuntimeAPI()


def test_what_json_cannot_hold_is_refused_at_once(api: FakeRuntimeAPI) -> None:
    with pytest.raises(TypeError, match="set"):
        _ = api.enqueue({1})
    assert api.state == "Started"


def test_a_body_that_is_no_json_shows_itself(api: FakeRuntimeAPI, connect: Connect) -> None:
    invocation = api.enqueue(1)
    connection = connect()
    connection.request("GET", f"{RUNTIME}/invocation/next")
    connection.getresponse().read()
    path = f"{RUNTIME}/invocation/{invocation.request_id}/response"
    connection.request("POST", path, b"<html>")
    connection.getresponse().read()
    with pytest.raises(ValueError, match=r"body of this response is not JSON .*<html>"):
        invocation.wait().json()
