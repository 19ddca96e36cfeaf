"""Middleware, between the runtime and a handler."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambda_testing import FakeRuntimeAPI

    from .conftest import FunctionProcess

    Serve = Callable[..., FunctionProcess]


@pytest.fixture(params=["def", "async def"])
def define(request: pytest.FixtureRequest) -> str:
    define: str = request.param
    return define


@pytest.fixture
def serve(define: str, start: Callable[..., FunctionProcess]) -> Serve:
    """Start a program whose handler and middleware are both of one kind."""

    def serve(source: str, middleware: str) -> FunctionProcess:
        source = dedent(source)
        if define == "def":
            source = source.replace("async ", "").replace("await ", "")
        lines = (
            "import sys",
            "from functools import partial",
            "from lambda_runtime import HttpPrelude, current_context, run",
            source,
            f"run(handler, middleware=[{middleware}])",
        )
        return start("\n".join(lines), "app.py")

    return serve


def test_the_first_is_the_outermost(api: FakeRuntimeAPI, serve: Serve) -> None:
    process = serve(
        """
        async def outer(event, context, call_next):
            print("outer in", current_context() is context)
            result = await call_next(event, context)
            print("outer out")
            return result
        async def inner(event, context, call_next):
            print("inner in")
            result = await call_next(event, context)
            print("inner out")
            return result
        async def handler(event, context):
            print("handler", current_context() is context)
            return event
        """,
        "outer, inner",
    )
    assert api.invoke([1]).json() == [1]
    api.wait_for_poll()
    assert process.kill().splitlines() == [
        "outer in True",
        "inner in",
        "handler True",
        "inner out",
        "outer out",
    ]


def test_it_may_change_the_event_and_the_result(api: FakeRuntimeAPI, serve: Serve) -> None:
    serve(
        """
        async def double(event, context, call_next):
            return [await call_next(event * 2, context)]
        async def handler(event): return event + 1
        """,
        "double, double",
    )
    assert api.invoke(1).json() == [[5]]


def test_it_may_answer_itself(api: FakeRuntimeAPI, serve: Serve) -> None:
    process = serve(
        """
        async def guard(event, context, call_next):
            if event == "no": return "denied"
            return await call_next(event, context)
        async def handler(event, context):
            print("called")
            return event
        """,
        "guard",
    )
    assert api.invoke("no").json() == "denied"
    assert api.invoke("yes").json() == "yes"
    api.wait_for_poll()
    assert process.kill() == "called\n"


def test_it_may_call_the_handler_again(api: FakeRuntimeAPI, serve: Serve) -> None:
    serve(
        """
        async def retry(event, context, call_next):
            for attempt in range(3):
                try: return await call_next(attempt, context)
                except ValueError: pass
        async def handler(event):
            if event < 2: raise ValueError
            return event
        """,
        "retry",
    )
    assert api.invoke({}).json() == 2


def test_it_sees_what_the_handler_raises(api: FakeRuntimeAPI, serve: Serve) -> None:
    serve(
        """
        async def catch(event, context, call_next):
            try: return await call_next(event, context)
            except ValueError as error: return f"caught {error}"
        async def handler(event):
            if event == "value": raise ValueError(event)
            raise KeyError(event)
        """,
        "catch",
    )
    assert api.invoke("value").json() == "caught value"
    assert api.invoke("key").json()["errorType"] == "KeyError"


def test_what_it_raises_is_the_callers_error(api: FakeRuntimeAPI, serve: Serve) -> None:
    process = serve(
        """
        async def deny(event, context, call_next):
            if event == "exit": sys.exit(3)
            raise PermissionError("denied")
        async def handler(event): ...
        """,
        "deny",
    )
    assert api.invoke({}).json()["errorMessage"] == "denied"
    assert api.invoke("exit").json()["errorType"] == "SystemExit"
    assert process.wait()[0] == 3


def test_the_trace_of_an_error_is_the_users_code_only(api: FakeRuntimeAPI, serve: Serve) -> None:
    serve(
        """
        async def outer(event, context, call_next):
            return await call_next(event, context)
        async def inner(event, context, call_next):
            return await call_next(event, context)
        async def handler(event):
            raise ValueError
        """,
        "outer, inner",
    )
    frames = api.invoke({}).json()["stackTrace"]
    names = [frame.split(", ")[2].split("\n")[0] for frame in frames]
    assert names == ["in outer", "in inner", "in handler"]


@pytest.mark.parametrize(
    "handler",
    [
        "async def handler(event): yield event; yield 'b'",
        "async def handler(event, context): yield event; yield 'b'",
        """
class Handler:
    async def __call__(self, event): yield event; yield 'b'
handler = Handler()
""",
    ],
)
def test_around_a_generator_it_gets_the_generator(
    api: FakeRuntimeAPI, serve: Serve, handler: str
) -> None:
    source = """
        async def upper(parts):
            yield HttpPrelude(201)
            async for part in parts: yield part.upper()
        async def shout(event, context, call_next):
            return upper(await call_next(event, context))
    """
    serve(f"{dedent(source)}\n{handler}", "shout")
    outcome = api.invoke("a")
    assert outcome.prelude["statusCode"] == 201
    assert outcome.content == b"AB"


def test_it_may_stream_what_the_handler_returns(api: FakeRuntimeAPI, serve: Serve) -> None:
    serve(
        """
        async def parts(event, context, call_next):
            return iter(await call_next(event, context))
        async def handler(event): return event
        """,
        "parts",
    )
    outcome = api.invoke(["a", "b"])
    assert [chunk.data for chunk in outcome.chunks] == [b"a", b"b"]


def test_around_a_writer_it_has_the_stream_too(api: FakeRuntimeAPI, serve: Serve) -> None:
    serve(
        """
        async def frame(event, context, call_next):
            stream = context.response_stream
            stream.prelude = HttpPrelude(201)
            await stream.write("<")
            await call_next(event, context)
            await stream.write(">")
        async def handler(event, stream, context):
            assert stream is context.response_stream
            await stream.write(event)
        """,
        "frame",
    )
    outcome = api.invoke("a")
    assert outcome.prelude["statusCode"] == 201
    assert outcome.content == b"<a>"


def test_without_a_stream_there_is_none_in_the_context(api: FakeRuntimeAPI, serve: Serve) -> None:
    serve(
        """
        async def look(event, context, call_next): return context.response_stream is None
        async def handler(event): ...
        """,
        "look",
    )
    assert api.invoke({}).json() is True


def test_it_may_be_anything_that_is_called(api: FakeRuntimeAPI, serve: Serve) -> None:
    serve(
        """
        class Add:
            def __init__(self, what): self.what = what
            async def __call__(self, event, context, call_next):
                return await call_next([*event, self.what], context)
            async def method(self, event, context, call_next):
                return await call_next([*event, self.what + " by method"], context)
        async def add(what, event, context, call_next):
            return await call_next([*event, what], context)
        async def handler(event): return event
        """,
        "Add('a'), Add('b').method, partial(add, 'c')",
    )
    assert api.invoke([]).json() == ["a", "b by method", "c"]


def test_it_gets_the_event_that_the_handler_wants(api: FakeRuntimeAPI, serve: Serve) -> None:
    serve(
        """
        async def look(event, context, call_next):
            return [type(event).__name__, await call_next(event, context)]
        async def handler(event: str): return event
        """,
        "look",
    )
    assert api.invoke({"a": 1}).json() == ["str", '{"a":1}']


@pytest.mark.parametrize(
    ("middleware", "name"), [("around", "'around'"), ("Around()", "Around object at")]
)
def test_an_async_one_around_a_def_handler_is_a_failed_start(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess], middleware: str, name: str
) -> None:
    process = start(
        f"""
        from lambda_runtime import run
        async def around(event, context, call_next): ...
        class Around:
            async def __call__(self, event, context, call_next): ...
        def handler(event): ...
        run(handler, middleware=[{middleware}])
        """,
        "app.py",
    )
    told = api.wait_for_init_error().json()
    assert told["errorType"] == "ValueError"
    assert name in told["errorMessage"]
    assert told["errorMessage"].endswith("declare both alike")
    code, _, err = process.wait()
    assert (code, err) == (1, "")


def test_a_def_one_may_pass_an_async_handlers_awaitable_on(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    start(
        """
        from lambda_runtime import run
        def double(event, context, call_next): return call_next(event * 2, context)
        async def handler(event): return event
        run(handler, middleware=[double])
        """,
        "app.py",
    )
    assert api.invoke(1).json() == 2
