"""Lifespans: startup, state, shutdown, and applications that have none."""

from __future__ import annotations

import asyncio
import logging
import sys
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import pytest

from lambda_asgi import AsgiHandler
from lambda_runtime import function

from .conftest import make_event

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from lambda_testing import Invoker

COMPLETE = {"type": "lifespan.startup.complete"}
ENDED = {"type": "lifespan.shutdown.complete"}
chosen: ContextVar[str] = ContextVar("chosen")


class App:
    """An application that keeps what happens, and answers with the names in its state."""

    def __init__(self) -> None:
        self.steps: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self.live(scope, receive, send)
        else:
            self.steps.append("request")
            scope["state"]["own"] = True
            names = ",".join(sorted(map(str, scope["state"])))
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": names.encode()})

    async def live(self, scope: Any, receive: Any, send: Any) -> None:
        assert scope["asgi"] == {"version": "3.0", "spec_version": "2.0"}
        assert await receive() == {"type": "lifespan.startup"}
        self.steps.append("startup")
        scope["state"]["database"] = object()
        await send(COMPLETE)
        assert await receive() == {"type": "lifespan.shutdown"}
        self.steps.append("shutdown")
        await send(ENDED)


def body(invoke: Invoker, handler: Any) -> str:
    value: str = invoke(handler, make_event()).value["body"]
    return value


@pytest.mark.parametrize("mode", ["auto", "on"])
def test_a_lifespan_is_around_all_requests(mode: Any, invoke: Invoker) -> None:
    app = App()
    assert body(invoke, AsgiHandler(app, lifespan=mode)) == "database,own"
    assert app.steps == ["startup", "request", "shutdown"]


def test_a_lifespan_can_be_left_out(invoke: Invoker) -> None:
    app = App()
    assert body(invoke, AsgiHandler(app, lifespan="off")) == "own"
    assert app.steps == ["request"]


async def raises(scope: Any, receive: Any, send: Any) -> None:
    raise NotImplementedError("only HTTP")


async def returns(scope: Any, receive: Any, send: Any) -> None:
    pass


async def returns_late(scope: Any, receive: Any, send: Any) -> None:
    await receive()


async def answers_http(scope: Any, receive: Any, send: Any) -> None:
    (await receive()).get("body")
    await send({"type": "http.response.start", "status": 200})


async def asks_for_http(scope: Any, receive: Any, send: Any) -> None:
    _ = scope["path"]


WITHOUT = [raises, returns, returns_late, answers_http, asks_for_http]


@pytest.mark.parametrize("live", WITHOUT)
def test_an_application_without_lifespan_is_fine(live: Any, invoke: Invoker) -> None:
    app = App()
    app.live = live  # type: ignore[method-assign]
    result = invoke(AsgiHandler(app), make_event())
    assert (result.value["body"], result.logs) == ("own", [])


@pytest.mark.parametrize("live", WITHOUT)
def test_an_application_that_has_to_have_a_lifespan_has_one(live: Any, invoke: Invoker) -> None:
    app = App()
    app.live = live  # type: ignore[method-assign]
    with pytest.raises(RuntimeError, match='has no lifespan, and lifespan="on" asks for one'):
        body(invoke, AsgiHandler(app, lifespan="on"))


@pytest.mark.parametrize("told", ["no database", ""])
@pytest.mark.parametrize("raised", [True, False])
def test_a_startup_that_fails_is_a_start_that_fails(
    told: str, raised: bool, invoke: Invoker
) -> None:
    async def live(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", **({"message": told} if told else {})})
        if raised:
            raise OSError("refused")

    app = App()
    app.live = live  # type: ignore[method-assign]
    said = told or ("refused" if raised else "it does not say why")
    with pytest.raises(RuntimeError, match=f"startup failed: {said}") as caught:
        body(invoke, AsgiHandler(app))
    assert isinstance(caught.value.__cause__, OSError) is raised


def test_a_startup_that_raises_is_a_start_that_fails(invoke: Invoker) -> None:
    async def live(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        raise OSError("refused")

    app = App()
    app.live = live  # type: ignore[method-assign]
    with pytest.raises(RuntimeError, match=r"OSError\('refused'\).*lifespan=\"off\""):
        body(invoke, AsgiHandler(app))


def test_a_shutdown_that_fails_is_logged(invoke: Invoker) -> None:
    async def live(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send(COMPLETE)
        await receive()
        await ends[-1](send)

    async def tells(send: Any) -> None:
        await send({"type": "lifespan.shutdown.failed", "message": "still busy"})

    async def fails(send: Any) -> None:
        raise OSError("still busy")

    ends = [tells, fails]
    while ends:
        app = App()
        app.live = live  # type: ignore[method-assign]
        result = invoke(AsgiHandler(app), make_event())
        assert result.value["body"] == "own"
        assert "still busy" in result.output
        ends.pop()


def test_a_lifespan_that_ends_early_is_logged_at_once(invoke: Invoker) -> None:
    fail, seen = asyncio.Event(), asyncio.Event()

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.set()

    class Fragile(App):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                fail.set()
                await seen.wait()
            await super().__call__(scope, receive, send)

        async def live(self, scope: Any, receive: Any, send: Any) -> None:
            async def work() -> None:
                await fail.wait()
                raise OSError("connection lost")

            async with asyncio.TaskGroup() as group:
                group.create_task(work())
                await super().live(scope, receive, send)

    handler = Handler()
    logger = logging.getLogger("lambda_asgi")
    logger.addHandler(handler)
    try:
        result = invoke(AsgiHandler(Fragile()), make_event())
    finally:
        logger.removeHandler(handler)
    assert result.value["statusCode"] == 200
    assert result.output.count("The application's lifespan failed") == 1
    assert "connection lost" in result.output


def test_an_application_of_another_kind_is_refused_at_the_start(invoke: Invoker) -> None:
    def wsgi(environ: Any, start_response: Any) -> list[bytes]:
        return []

    def not_async(scope: Any, receive: Any, send: Any) -> None: ...

    for app, reason in ((wsgi, "takes 2 positional arguments"), (not_async, "await")):
        with pytest.raises(RuntimeError, match=rf"cannot be called as .*{reason}.* WsgiHandler"):
            body(invoke, AsgiHandler(app))  # type: ignore[arg-type]


def test_a_traceback_of_starlette_is_told_once(invoke: Invoker) -> None:
    from starlette.applications import Starlette

    async def connect() -> None:
        raise OSError("refused")

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None]:
        await connect()
        yield

    with pytest.raises(RuntimeError) as caught:
        body(invoke, AsgiHandler(Starlette(lifespan=lifespan)))
    assert str(caught.value) == "The application's startup failed: OSError('refused')"
    assert isinstance(caught.value.__cause__, OSError)


def test_what_a_lifespan_starts_lives_as_long_as_it(invoke: Invoker) -> None:
    ticks: list[int] = []

    async def live(scope: Any, receive: Any, send: Any) -> None:
        async def tick() -> None:
            while True:
                ticks.append(1)
                await asyncio.sleep(0)

        await receive()
        task = asyncio.create_task(tick())
        await send(COMPLETE)
        await receive()
        assert not task.done()
        task.cancel()
        await send(ENDED)

    app = App()
    app.live = live  # type: ignore[method-assign]
    result = invoke(AsgiHandler(app), make_event())
    assert (result.value["body"], result.logs) == ("own", [])
    assert ticks


def test_context_variables_of_a_startup_are_there_for_requests(invoke: Invoker) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            chosen.set("by the startup")
            await send(COMPLETE)
            await receive()
            await send(ENDED)
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": chosen.get("nothing").encode()})

    assert body(invoke, AsgiHandler(app)) == "by the startup"


def test_a_lifespan_of_one_s_own_stands_around_it(invoke: Invoker) -> None:
    app = App()
    handler = AsgiHandler(app)

    @asynccontextmanager
    async def around() -> AsyncGenerator[str]:
        app.steps.append("before")
        async with handler.lifespan():
            yield "own state"
        app.steps.append("after")

    function(lifespan=around)(handler)
    assert body(invoke, handler) == "database,own"
    assert app.steps == ["before", "startup", "request", "shutdown", "after"]


def calls(handler: AsgiHandler, *, asynchronous: bool) -> Callable[..., Any]:
    """Return a handler that calls another one."""

    def call(event: Any, context: Any) -> Any:
        return handler(event, context)

    async def await_call(event: Any, context: Any) -> Any:
        return (await asyncio.gather(*(handler(event, context) for _ in range(3))))[0]

    return await_call if asynchronous else call


@pytest.mark.parametrize("asynchronous", [False, True])
def test_the_first_request_starts_what_nothing_else_has(
    asynchronous: bool, invoke: Invoker
) -> None:
    class Ticks(App):
        async def live(self, scope: Any, receive: Any, send: Any) -> None:
            self.task = asyncio.create_task(asyncio.sleep(60))
            await super().live(scope, receive, send)

    app = Ticks()
    result = invoke(calls(AsgiHandler(app), asynchronous=asynchronous), make_event())
    assert (result.value["body"], result.logs) == ("database,own", [])
    assert app.steps.count("startup") == 1
    assert app.steps.count("request") == (3 if asynchronous else 1)


def test_a_late_startup_that_fails_is_tried_again(invoke: Invoker) -> None:
    async def fail(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        app.live = App.live.__get__(app)  # type: ignore[method-assign]
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    async def handler(event: Any, context: Any) -> Any:
        with pytest.raises(RuntimeError, match="no database"):
            await served(event, context)
        return await served(event, context)

    app = App()
    app.live = fail  # type: ignore[method-assign]
    served = AsgiHandler(app)
    assert body(invoke, handler) == "database,own"


def test_an_end_of_the_event_loop_is_a_shutdown_in_order() -> None:
    messages: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            messages.append(message["type"])
            await asyncio.sleep(0)
            await send({"type": f"{message['type']}.complete"})

    async def main() -> None:
        async with AsgiHandler(app).lifespan():
            asyncio.get_running_loop().call_soon(sys.exit)
            await asyncio.get_running_loop().create_future()

    with pytest.raises(SystemExit):
        asyncio.run(main())
    assert messages == ["lifespan.startup", "lifespan.shutdown"]
