"""`lambda_logging.runtime`: what runtimes need of this package, and the shape of handlers."""

from __future__ import annotations

import asyncio
import functools
import inspect
import json
import logging
import operator
import sys
import types
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest

import lambda_logging.runtime
from lambda_logging import LambdaHandler
from lambda_logging.runtime import StandardOutput, root_handler, shape_of, write_json

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from .conftest import Program


def test_its_names_exist() -> None:
    for name in lambda_logging.runtime.__all__:
        assert getattr(lambda_logging.runtime, name) is not None
    assert dir(lambda_logging.runtime) == lambda_logging.runtime.__all__
    with pytest.raises(
        AttributeError, match=r"'lambda_logging\.runtime' has no attribute 'nothing'"
    ):
        _ = lambda_logging.runtime.nothing


def test_importing_it_loads_little(program: Program) -> None:
    code = (
        "import sys; before = set(sys.modules); import lambda_logging.runtime; "
        "print(*sorted(set(sys.modules) - before))"
    )
    assert set(program(code).split()) <= {
        *("__future__", "_contextvars", "_json", "lambda_logging"),
        *(
            "lambda_logging._settings",
            "lambda_logging._small_json",
            "lambda_logging.runtime",
        ),
    }


def test_its_parts_work_together(program: Program) -> None:
    code = (
        "from types import SimpleNamespace as Context\n"
        "from lambda_logging import configure, log\n"
        "from lambda_logging.runtime import StandardOutput, current_request, write_json\n"
        "configure(sink=StandardOutput())\n"
        "current_request.set(Context(aws_request_id='id-1', tenant_id=None, trace_id='t'))\n"
        "log.info('m')\n"
        "print(write_json({'a': [1, None, 'ü']}))\n"
    )
    line, written = program(
        code, AWS_LAMBDA_RUNTIME_API="x", AWS_LAMBDA_LOG_FORMAT="JSON"
    ).splitlines()
    assert json.loads(line)["requestId"] == "id-1"
    assert written == '{"a":[1,null,"ü"]}'


def test_the_root_handler_is_the_one_that_is_installed(start_log: Any) -> None:
    start_log("JSON")
    assert isinstance(root_handler, LambdaHandler)
    assert root_handler in logging.getLogger().handlers
    assert StandardOutput.line_end == "\r"


def test_small_json_refuses_what_it_does_not_know() -> None:
    with pytest.raises(TypeError, match="set is not JSON serializable"):
        write_json({1})
    with pytest.raises(ValueError, match="float"):
        write_json(float("nan"))


def one(event: Any) -> Any:
    return event


def two(event: Any, context: Any) -> Any: ...
def three(event: Any, stream: Any, context: Any) -> Any: ...
def four(event: Any, stream: Any, context: Any, client: Any) -> Any: ...
def five(event: Any, a: Any, b: Any, c: Any, d: Any) -> Any: ...
def none() -> Any: ...
def default(event: Any, context: Any = None) -> Any: ...
def option(event: Any, context: Any, client: Any = None) -> Any: ...
def stream_option(event: Any, stream: Any, context: Any, client: Any = None) -> Any: ...
def keyword_only(event: Any, *, client: Any = None) -> Any: ...
def keywords(event: Any, **others: Any) -> Any: ...
def positional_only(event: Any, context: Any, /) -> Any: ...
def rest(*arguments: Any) -> Any: ...
def event_and_rest(event: Any, *arguments: Any) -> Any: ...
def three_and_rest(event: Any, stream: Any, context: Any, *arguments: Any) -> Any: ...
def generator(event: Any) -> Iterator[bytes]:
    yield b""


async def coroutine(event: Any) -> Any:
    return event


async def coroutine_two(event: Any, context: Any) -> Any: ...
async def coroutine_three(event: Any, stream: Any, context: Any) -> Any: ...
async def async_generator(event: Any, context: Any) -> AsyncIterator[bytes]:
    yield b""


@types.coroutine
def awaitable_generator(event: Any) -> Iterator[Any]:
    yield


@functools.wraps(coroutine_two)
def wrapper(*arguments: Any, **named: Any) -> Any:
    return coroutine_two(*arguments, **named)


def compiled(event: Any, context: Any) -> Any: ...


class Handlers:
    def method(self, event: Any) -> Any: ...
    def stream(self, event: Any, stream: Any, context: Any) -> Any: ...
    async def coroutine(self, event: Any, context: Any) -> Any: ...
    def generator(self, event: Any) -> Iterator[bytes]:
        yield b""

    @classmethod
    def of_class(cls, event: Any) -> Any: ...
    @staticmethod
    def static(event: Any, context: Any) -> Any: ...
    @functools.cache  # noqa: B019 (a test's)
    def cached(self, event: Any) -> Any: ...

    partial = functools.partialmethod(stream, "event")
    partial_coroutine = functools.partialmethod(coroutine, context=None)


class Callable1:
    def __call__(self, event: Any) -> Any: ...


class AsyncCallable:
    async def __call__(self, event: Any, context: Any) -> Any: ...


class GeneratorCallable:
    def __call__(self, event: Any) -> Iterator[bytes]:
        yield b""


class AsyncGeneratorCallable:
    async def __call__(self, event: Any, stream: Any, context: Any) -> AsyncIterator[bytes]:
        yield b""


class StaticCallable:
    @staticmethod
    async def __call__(event: Any) -> Any: ...


class ClassCallable:
    @classmethod
    def __call__(cls, event: Any) -> Any: ...


class PartialCallable:
    def _run(self, client: Any, event: Any) -> Any: ...

    __call__ = functools.partialmethod(_run, "client")


class ObjectCallable:
    __call__ = AsyncCallable()


class Inherited(AsyncCallable):
    pass


class CatchAll:
    """An object with an answer for every name, as a client that is made up as it is used."""

    def __call__(self, event: Any) -> Any:
        return event

    def __getattr__(self, name: str) -> Any:
        return self


class FreshCatchAll:
    """One whose answers have answers, each another object."""

    async def __call__(self, event: Any, context: Any) -> Any: ...

    def __getattr__(self, name: str) -> Any:
        return FreshCatchAll()


class Forwarding:
    """An object that answers for a function, and is called in another way."""

    def __call__(self, event: Any) -> Any: ...

    def __getattr__(self, name: str) -> Any:
        return getattr(coroutine_three, name)


class Proxy:
    """A transparent proxy, as wrapt's are where its C code is missing."""

    def __init__(self, wrapped: Any) -> None:
        self.__wrapped__ = wrapped

    @property
    def __class__(self) -> Any:
        return self.__wrapped__.__class__

    @__class__.setter
    def __class__(self, _: Any) -> None: ...

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__wrapped__, name)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self.__wrapped__(*arguments, **named)


class Raising:
    """An object whose attributes are best left alone."""

    def __call__(self, event: Any, stream: Any, context: Any) -> Any: ...

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(name)


class Loop:
    """One that is called by being called."""


setattr(Loop, "__call__", Loop())  # noqa: B010 (no type that a checker would believe)


class PartialSubclass(functools.partial[Any]):
    pass


class OwnPartial(functools.partial[Any]):
    def __call__(self, event: Any) -> Any: ...


class HasPartialNames:
    func = coroutine_three
    args = ("event",)
    keywords: dict[str, Any] = {}  # noqa: RUF012 (never changed)

    def __call__(self, event: Any) -> Any: ...


class WithInit:
    func = args = keywords = None

    def __init__(self, event: Any) -> None: ...


def marked(handler: Any, name: str, module: str, mark: str) -> Any:
    setattr(handler, name, getattr(sys.modules[module], mark))
    return handler


def spied(event: Any, context: Any) -> Any: ...


S, A, G, AG = "", "async", "generator", "async generator"


@pytest.mark.parametrize(
    ("handler", "arity", "kind"),
    [
        (one, 1, S),
        (two, 2, S),
        (three, 3, S),
        (four, 2, S),
        (none, 2, S),
        (default, 2, S),
        (option, 2, S),
        (stream_option, 3, S),
        (keyword_only, 1, S),
        (keywords, 1, S),
        (positional_only, 2, S),
        (rest, 2, S),
        (event_and_rest, 2, S),
        (three_and_rest, 3, S),
        (lambda event: event, 1, S),
        (generator, 1, G),
        (coroutine, 1, A),
        (coroutine_two, 2, A),
        (coroutine_three, 3, A),
        (async_generator, 2, AG),
        (awaitable_generator, 1, A),
        (wrapper, 2, S),
        (Handlers().method, 1, S),
        (Handlers().stream, 3, S),
        (Handlers().coroutine, 2, A),
        (Handlers().generator, 1, G),
        (Handlers().of_class, 1, S),
        (Handlers.of_class, 1, S),
        (Handlers().static, 2, S),
        (Handlers.__dict__["static"], 2, S),
        (staticmethod(coroutine), 1, A),
        (Handlers().cached, 1, S),
        (Handlers().partial, 2, S),
        (Handlers().partial_coroutine, 1, A),
        (Callable1(), 1, S),
        (AsyncCallable(), 2, A),
        (GeneratorCallable(), 1, G),
        (AsyncGeneratorCallable(), 3, AG),
        (StaticCallable(), 1, A),
        (ClassCallable(), 1, S),
        (PartialCallable(), 1, S),
        (ObjectCallable(), 2, A),
        (Inherited(), 2, A),
        (Inherited().__call__, 2, A),
        (CatchAll(), 1, S),
        (FreshCatchAll(), 2, A),
        (Forwarding(), 1, S),
        (Loop(), 2, S),
        (Proxy(coroutine), 1, A),
        (Proxy(Handlers().method), 1, S),
        (Proxy(Proxy(AsyncGeneratorCallable())), 3, AG),
        (HasPartialNames(), 1, S),
        (functools.partial(two, "bound"), 1, S),
        (functools.partial(three, "bound"), 2, S),
        (functools.partial(three, context="named"), 2, S),
        (functools.partial(two, context="named"), 1, S),
        (functools.partial(four, client="named"), 3, S),
        (functools.partial(option, client="named"), 2, S),
        (functools.partial(keyword_only, client="named"), 1, S),
        (functools.partial(functools.partial(four, 1), client="named"), 2, S),
        (functools.partial(coroutine_two), 2, A),
        (functools.partial(Handlers().coroutine, context=None), 1, A),
        (functools.partial(AsyncGeneratorCallable(), "bound"), 2, AG),
        (PartialSubclass(two, "bound"), 1, S),
        (OwnPartial(coroutine_three), 1, S),
        (functools.cache(one), 1, S),
        (functools.cache(coroutine_three), 3, A),
        (functools.lru_cache(maxsize=2)(functools.partial(two, "bound")), 1, S),
        (functools.singledispatch(one), 2, S),
        (WithInit, 2, S),
        (Handlers, 2, S),
        (print, 2, S),
        (len, 2, S),
        (dict, 2, S),
        ({}.get, 2, S),
        (operator.itemgetter("name"), 2, S),
        (functools.partial(print, "bound"), 2, S),
        (mock.Mock(), 2, S),
        (mock.MagicMock(), 2, S),
        (mock.Mock(spec=one), 2, S),
        (mock.MagicMock(spec=Handlers().method), 2, S),
        (mock.Mock(spec=wrapper), 2, S),
        (mock.Mock(wraps=one), 2, S),
        (mock.AsyncMock(), 2, A),
        (mock.AsyncMock(spec=coroutine), 2, A),
        (mock.create_autospec(two), 2, S),
        (mock.create_autospec(coroutine_two), 2, A),
        (functools.partial(mock.AsyncMock(), client="named"), 2, A),
    ],
)
def test_a_handler_is_known_by_its_declaration(
    handler: Callable[..., Any], arity: int, kind: str
) -> None:
    shape = shape_of(handler)
    assert shape.arity == arity
    assert shape.is_async == (kind in {A, AG})
    assert shape.is_generator == (kind in {G, AG})
    assert shape.is_async_generator == (kind == AG)


def test_a_mark_makes_a_coroutine_function() -> None:
    def returns_a_coroutine(event: Any) -> Any:
        return coroutine(event)

    mark = asyncio.coroutines._is_coroutine  # type: ignore[attr-defined]
    returns_a_coroutine._is_coroutine = mark  # type: ignore[attr-defined]
    assert shape_of(returns_a_coroutine).is_async
    assert shape_of(returns_a_coroutine).arity == 1

    class Marked(Callable1):
        _is_coroutine = mark

    class Unmarked(Callable1):
        _is_coroutine = False  # an attribute of a user's own

    assert shape_of(Marked()).is_async
    assert not shape_of(Unmarked()).is_async


@pytest.mark.skipif(sys.version_info < (3, 12), reason="inspect has no such mark")
def test_a_mark_of_inspect_makes_a_coroutine_function() -> None:
    mark: Any = inspect.markcoroutinefunction  # type: ignore[attr-defined, unused-ignore]
    assert shape_of(mark(lambda event: one(event))).is_async  # noqa: PLW0108 (a mark stays)
    assert shape_of(functools.partial(mark(Callable1()))).is_async


@pytest.mark.skipif(sys.version_info < (3, 14), reason="functools has no placeholder")
def test_a_placeholder_leaves_a_place() -> None:
    blank: Any = functools.Placeholder  # type: ignore[attr-defined, unused-ignore]
    shape = shape_of(functools.partial(four, blank, "stream", blank, "client"))
    assert (shape.arity, shape.bound) == (2, 0)


@pytest.mark.parametrize(
    ("handler", "function", "bound"),
    [
        (two, two, 0),
        (functools.partial(two, "bound"), two, 1),
        (Handlers().method, Handlers.method, 1),
        (functools.partial(Handlers().stream, "bound"), Handlers.stream, 2),
        (Callable1(), Callable1.__call__, 1),
        (functools.cache(one), one, 0),
        (Handlers.__dict__["static"], Handlers.static, 0),
        (wrapper, wrapper, 0),
        (print, print, 0),
    ],
)
def test_a_shape_tells_the_function_and_what_is_bound(
    handler: Callable[..., Any], function: Any, bound: int
) -> None:
    shape = shape_of(handler)
    assert shape.function is function
    assert shape.bound == bound


def test_an_object_is_read_without_its_attributes() -> None:
    assert shape_of(Raising()).arity == 3


def test_reading_a_shape_calls_nothing() -> None:
    handler = mock.Mock()
    shape_of(handler)
    assert handler.mock_calls == []
