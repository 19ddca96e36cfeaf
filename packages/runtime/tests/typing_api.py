"""The public API as type checkers see it: none of it runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, assert_type

from lambda_runtime import Context, Outcome, function, register_observer, run

if TYPE_CHECKING:
    from collections.abc import Callable


@contextmanager
def lifespan() -> Generator[str]:
    yield "state"


def middleware(event: Any, context: Context, call_next: Callable[..., Any]) -> Any:
    return call_next(event, context)


def observer(event: Any, context: Context) -> Generator[None, Outcome]:
    outcome = yield
    assert_type(outcome, Outcome)
    assert_type(outcome.error, BaseException | None)
    assert_type(outcome.bytes_sent, int)


@function
def bare(event: dict[str, str], context: Context) -> str:
    return event["name"]


@function(lifespan=lifespan, middleware=[middleware], observers=[observer], deadline_margin=None)
async def with_options(event: int) -> list[int]:
    return [event]


@function(transport="stream", leftover_tasks="keep", graceful_shutdown=True, converter=None)
async def streaming(event: int) -> AsyncIterator[bytes]:
    yield b""


class Service:
    @function(observers=(observer,))
    def handle(self, event: int, context: Context) -> str:
        return str(event)

    def __call__(self, event: int) -> str:
        return str(event)


async def check(context: Context) -> None:
    assert_type(bare({"name": "Ada"}, context), str)
    assert_type(await with_options(1), list[int])
    assert_type(streaming(1), AsyncIterator[bytes])
    assert_type(Service().handle(1, context), str)
    assert_type(function(Service()), Service)
    assert_type(function(lifespan=lifespan)(Service())(1), str)
    assert_type(function(partial(bare, {"name": "Ada"}))(context), str)
    assert_type(register_observer(observer)(1, context), Generator[None, Outcome])


def wrong() -> None:
    function(lifespam=lifespan)  # type: ignore[call-overload] # pyright: ignore[reportCallIssue]
    function(transport="pigeon")(bare)  # type: ignore[call-overload] # pyright: ignore[reportCallIssue, reportArgumentType]
    function(observers=[middleware])  # type: ignore[list-item] # pyright: ignore[reportArgumentType]
    run(bare, leftover_tasks="drop")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
