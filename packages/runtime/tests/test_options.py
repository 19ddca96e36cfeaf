"""Options of a handler: `function` binds them, every way to serve the handler reads them."""

from __future__ import annotations

import copy
import functools
import inspect
import pickle
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import MagicMock, create_autospec

import pytest

from lambda_runtime import Context, function
from lambda_runtime.in_process import InProcess, Sent, make_context

from .test_in_process import invoke

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator

    from lambda_testing import FakeRuntimeAPI

    from .conftest import FunctionProcess


@contextmanager
def opened() -> Generator[str]:
    yield "opened"


@asynccontextmanager
async def opened_async() -> AsyncGenerator[str]:
    yield "opened"


def shout(event: Any, context: Context, call_next: Callable[..., Any]) -> Any:
    return f"{call_next(event, context)}!"


async def shout_async(event: Any, context: Context, call_next: Callable[..., Any]) -> Any:
    return f"{await call_next(event, context)}!"


def plain(event: Any, context: Context) -> Any:
    return context.state


class Service:
    @function(lifespan=opened)
    def bound_in_the_class(self, event: Any, context: Context) -> Any:
        return context.state

    def handle(self, event: Any, context: Context) -> Any:
        return context.state

    def __call__(self, event: Any, context: Context) -> Any:
        return context.state


class Slotted:
    __slots__ = ()

    def __call__(self, event: Any, context: Context) -> Any:
        return context.state


def with_a_prefix(prefix: str, event: Any, context: Context) -> Any:
    return context.state


class Catalogue(dict[str, Any]):
    """A handler that is false."""

    def __call__(self, event: Any, context: Context) -> Any:
        return context.state


class Refuses:
    """A handler that raises for whatever it is asked."""

    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> bool:
        raise RuntimeError("bool")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("eq")

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)

    @property
    def __wrapped__(self) -> Any:
        raise RuntimeError("wrapped")

    def __call__(self, event: Any, context: Context) -> Any:
        return context.state


class WrapsForEver:
    @property
    def __wrapped__(self) -> WrapsForEver:
        return WrapsForEver()

    def __call__(self, event: Any, context: Context) -> Any:
        return context.state


class AnswersAll(type):
    def __getattr__(cls, name: str) -> Any:
        return None


class OfOddClass(metaclass=AnswersAll):
    def __call__(self, event: Any, context: Context) -> Any:
        return context.state


def wraps_itself(event: str, context: Context) -> Any:
    return context.state


wraps_itself.__wrapped__ = wraps_itself  # type: ignore[attr-defined]

service = Service()
HANDLERS: dict[str, Any] = {
    "a function": function(lifespan=opened)(lambda event, context: context.state),
    "a method": function(lifespan=opened)(service.handle),
    "a method that the class decorates": service.bound_in_the_class,
    "an object": function(lifespan=opened)(Service()),
    "an object without room": function(lifespan=opened)(Slotted()),
    "a partial": function(lifespan=opened)(functools.partial(with_a_prefix, "x")),
    "a partial of a handler": functools.partial(
        function(lifespan=opened)(lambda prefix, event, context: context.state), "x"
    ),
    "a function that is cached": functools.cache(
        function(lifespan=opened)(lambda event, context: context.state)
    ),
    "both said at once": function(lambda event, context: context.state, lifespan=opened),
    "an object that is false": function(lifespan=opened)(Catalogue()),
    "an object that refuses": function(lifespan=opened)(Refuses()),
    "an object that wraps forever": function(lifespan=opened)(WrapsForEver()),
    "an object whose class has all attributes": function(lifespan=opened)(OfOddClass()),
    "a function that wraps itself": function(lifespan=opened)(wraps_itself),
}


@pytest.mark.parametrize("name", HANDLERS)
def test_every_kind_of_handler_has_its_options(name: str) -> None:
    assert invoke(HANDLERS[name], b'"x"').body == b'"opened"'


def test_a_method_is_the_same_handler_at_each_lookup() -> None:
    first, other = Service(), Service()
    function(lifespan=opened)(first.handle)
    assert invoke(first.handle).body == b'"opened"'
    assert invoke(other.handle).kind == "error"


@pytest.mark.parametrize("around", [False, True], ids=["inside", "outside"])
@pytest.mark.parametrize("kind", [staticmethod, classmethod])
def test_methods_of_a_class_have_their_options(kind: Any, around: bool) -> None:
    def handle(*args: Any) -> Any:
        return args[-1].state

    bind = function(lifespan=opened)
    decorated = bind(kind(handle)) if around else kind(bind(handle))
    owner: Any = type("Owner", (), {"handle": decorated})
    assert type(decorated) is kind
    assert invoke(owner.handle).body == b'"opened"'
    assert invoke(owner().handle).body == b'"opened"'


def test_a_proxy_hides_no_layer() -> None:
    wrapt = pytest.importorskip("wrapt")

    @wrapt.decorator  # type: ignore[untyped-decorator]
    def proxied(wrapped: Any, _: Any, args: Any, kwargs: Any) -> Any:
        return wrapped(*args, **kwargs)

    @functools.wraps(plain)
    def wrapper(event: Any, context: Context) -> Any:
        return plain(event, context)

    assert invoke(proxied(function(lifespan=opened)(wrapper))).body == b'"opened"'
    assert invoke(function(lifespan=opened)(proxied(wrapper))).body == b'"opened"'


def test_a_handler_stays_what_it_is() -> None:
    def handler(event: int, context: Context) -> int:
        return event + 1

    decorated = function(lifespan=opened, deadline_margin=None)(handler)
    assert decorated is handler
    assert decorated(1, None) == 2  # type: ignore[arg-type]
    assert vars(handler) == {}
    assert pickle.loads(pickle.dumps(plain)) is copy.deepcopy(function(plain)) is plain


def test_the_decorator_needs_no_options() -> None:
    @function
    def handler(event: Any) -> Any:
        return event

    assert invoke(handler, b"1").body == b"1"


def test_the_call_overrules_the_decorator_option_by_option() -> None:
    @contextmanager
    def another() -> Generator[str]:
        yield "another"

    handler = function(lifespan=opened, middleware=[shout])(lambda event, context: context.state)
    assert invoke(handler).body == b'"opened!"'
    assert invoke(handler, lifespan=another).body == b'"another!"'
    assert invoke(handler, middleware=[]).body == b'"opened"'
    assert invoke(handler, middleware=None).body == b'"opened"'
    assert invoke(handler, lifespan=None).kind == "error"


def test_an_outer_decorator_overrules_an_inner_one() -> None:
    @function(middleware=[])
    @function(lifespan=opened, middleware=[shout])
    def handler(event: Any, context: Context) -> Any:
        return context.state

    assert invoke(handler).body == b'"opened"'


def test_options_of_a_decorated_function_hold() -> None:
    @function(lifespan=opened)
    def handler(event: Any, context: Context) -> Any:
        return context.state

    @functools.wraps(handler)
    def wrapper(event: Any, context: Context) -> Any:
        return handler(event, context)

    @functools.wraps(wrapper)
    def outer(event: Any, context: Context) -> Any:
        return wrapper(event, context)

    assert invoke(outer).body == b'"opened"'
    assert invoke(function(middleware=[shout])(outer)).body == b'"opened!"'


def test_options_are_not_shared_by_functions_around_the_same_one() -> None:
    def handler(event: Any, context: Context) -> Any:
        return "plain"

    @function(middleware=[shout])
    @functools.wraps(handler)
    def loud(event: Any, context: Context) -> Any:
        return handler(event, context)

    @functools.wraps(loud)
    def quiet(event: Any, context: Context) -> Any:
        return "quiet"

    assert invoke(handler).body == b'"plain"'
    assert invoke(loud).body == b'"plain!"'


def test_async_handlers_have_options() -> None:
    @function(lifespan=opened_async, middleware=[shout_async], leftover_tasks="keep")
    async def handler(event: Any, context: Context) -> Any:
        return context.state

    assert invoke(handler).body == b'"opened!"'


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"transport": "pigeon"}, ValueError, "transport='pigeon': choose one of auto, socket"),
        ({"leftover_tasks": "drop"}, ValueError, "leftover_tasks='drop': choose one of cancel"),
        (
            {"middleware": plain},
            TypeError,
            r"middleware is not a sequence: write middleware=\[...\]",
        ),
        ({"observers": [1]}, TypeError, "observers holds 1, which cannot be called"),
        ({"lifespam": opened}, TypeError, "there is no option 'lifespam'"),
        ({"typed": True}, TypeError, "there is no option 'typed'"),
        ({"overruled_by": 1}, TypeError, "there is no option 'overruled_by'"),
        ({"__class__": 1}, TypeError, "there is no option '__class__'"),
        ({"deadline_margin": "1"}, TypeError, "deadline_margin='1' is not a number of seconds"),
    ],
)
def test_a_wrong_option_is_an_error_where_it_is_given(
    options: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        function(**options)
    with pytest.raises(error, match=message):
        InProcess(plain, **options)


@pytest.mark.parametrize("target", [None, "app.handler", 3, {}])
def test_only_handlers_are_decorated(target: Any) -> None:
    with pytest.raises(TypeError, match="decorates a handler"):
        function(target)
    with pytest.raises(TypeError, match="decorates a handler"):
        function(lifespan=opened)(target)


def test_mocks_have_no_options_of_their_own() -> None:
    mock = MagicMock(return_value="mocked")
    assert invoke(mock).body == b'"mocked"'
    assert invoke(function(middleware=[shout])(mock)).body == b'"mocked!"'


def test_the_state_of_a_function_without_a_lifespan_is_an_error() -> None:
    sent: Sent = invoke(plain)
    assert isinstance(sent.raised, AttributeError)
    assert "@function(lifespan=...)" in str(sent.raised)
    assert "run(handler, lifespan=...)" in str(sent.raised)


def test_a_context_without_state_can_be_looked_at_and_copied() -> None:
    context = make_context({"lambda-runtime-aws-request-id": "one"}, {})
    assert isinstance(create_autospec(context), Context)
    for each in (context, copy.copy(context), copy.deepcopy(context), pickled(context)):
        assert not hasattr(each, "state")
        assert getattr(each, "state", "default") == "default"
        assert dict(inspect.getmembers(each))["aws_request_id"] == "one"
    context.state = "set by a test"
    assert copy.deepcopy(context).state == context.state == "set by a test"
    assert not hasattr(pickled(context), "state")  # it may be anything, such as connections


def pickled(context: Context) -> Context:
    copied: Context = pickle.loads(pickle.dumps(context))
    return copied


def test_a_lifespan_may_yield_none() -> None:
    @contextmanager
    def nothing() -> Generator[None]:
        yield

    assert invoke(plain, lifespan=nothing).body == b"null"


APP = """
from contextlib import contextmanager
from lambda_runtime import function, run

@contextmanager
def opened():
    print("entered")
    yield "opened"
    print("left")

def shout(event, context, call_next):
    return call_next(event, context) + "!"

@function(lifespan=opened, middleware=[shout])
def handler(event, context):
    return context.state
"""


@pytest.mark.parametrize(
    ("command", "environment"),
    [
        (("-m", "lambda_runtime", "app.handler"), {}),
        (("-m", "lambda_runtime"), {"_HANDLER": "app.handler"}),
        (("-c", "from lambda_runtime import run; run()"), {"_HANDLER": "app.handler"}),
        (("-c", "from lambda_runtime import run; run('app.handler')"), {}),
        (("-c", "from lambda_runtime import run; from app import handler; run(handler)"), {}),
    ],
)
def test_every_start_reads_them(
    api: FakeRuntimeAPI,
    start: Callable[..., FunctionProcess],
    command: tuple[str, ...],
    environment: dict[str, str],
) -> None:
    process = start(APP, *command, **environment)
    assert api.invoke({}).json() == "opened!"
    api.wait_for_poll()
    process.popen.terminate()
    _, out, _ = process.wait()
    assert out.split() == ["entered", "left"]


def test_a_wrong_option_is_reported_as_a_failed_start(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    process = start(
        "from lambda_runtime import run\nrun(lambda event: event, transport='pigeon')", "app.py"
    )
    code, out, _ = process.wait()
    assert code == 1
    assert "transport='pigeon': choose one of auto, socket, stream, aiohttp" in out


def test_run_takes_the_handler_by_name_too(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    start("from lambda_runtime import run\nrun(handler=lambda event: event)", "app.py")
    assert api.invoke(5).json() == 5


def test_run_takes_a_handler_that_is_false(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    start(
        """
        from lambda_runtime import run
        class Routes(dict):
            def __call__(self, event): return event
        run(Routes())
        """,
        "app.py",
    )
    assert api.invoke(5).json() == 5
