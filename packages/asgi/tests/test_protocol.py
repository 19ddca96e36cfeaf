"""The messages of ASGI, with applications that do not keep to them."""

from __future__ import annotations

import asyncio
import copy
from typing import TYPE_CHECKING, Any

import pytest

from lambda_asgi import AsgiHandler

from .conftest import make_event

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambda_testing import Invoker, Result

START = {"type": "http.response.start", "status": 200, "headers": []}
END = {"type": "http.response.body", "body": b"end"}
MORE = {"type": "http.response.body", "body": b"more", "more_body": True}


def sends(*messages: Any) -> Any:
    """Return an application that sends messages."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        for message in messages:
            await send(message)

    return app


def start(**fields: Any) -> dict[str, Any]:
    return {**START, **fields}


def run(invoke: Invoker, app: Any, **options: Any) -> Result:
    return invoke(AsgiHandler(app, lifespan="off", **options), make_event(path="/x"))


HOSTILE = [
    ([], "returned without a response"),
    ([START], "returned before the end of its response"),
    ([END], "sent 'http.response.body' before 'http.response.start'"),
    ([START, START], "sent 'http.response.start' a second time"),
    ([{"type": "websocket.accept"}], "sent 'websocket.accept', which is not a message of an HTTP"),
    ([START, {"type": "http.response.pathsend", "path": "/"}], "sent 'http.response.pathsend'"),
    ([START, {"type": "http.response.trailers"}], "sent 'http.response.trailers'"),
    ([start(status=99)], "sent the status 99"),
    ([start(status="200")], "sent the status '200'"),
    ([start(status=600)], "sent the status 600"),
    ([start(headers=[("a", b"b")])], "it is not bytes"),
    ([start(headers=[(b"a", "b")])], "it is not bytes"),
    ([start(headers=[(b"a", b"b\r\nc: d")])], "which has a line break"),
    ([start(headers=[(b"a: b\nc", b"d")])], "which has a line break"),
    ([START, {"type": "http.response.body", "body": "text"}], "a body that is not bytes: str"),
    ([{}], "a message without a type"),
    ([None], "a message without a type"),
    ([{"type": "http.response.start"}], "sent the status None"),
    ([start(headers=[b"a"])], "it is not bytes"),
]


@pytest.mark.parametrize("streaming", [False, True])
@pytest.mark.parametrize(("messages", "problem"), HOSTILE)
def test_what_an_application_does_wrong_is_told(
    messages: list[Any], problem: str, streaming: bool, invoke: Invoker
) -> None:
    result = run(invoke, sends(*messages), streaming=streaming)
    if streaming:
        assert (result.prelude["statusCode"], result.content) == (500, b"Internal Server Error")
    else:
        assert (result.value["statusCode"], result.value["body"]) == (500, "Internal Server Error")
    log = "\n".join(map(str, result.logs))
    assert "GET /x failed" in log
    assert problem in log


def test_messages_after_the_end_are_told_and_the_response_stands(invoke: Invoker) -> None:
    for message, problem in ((END, "after the last one"), (START, "a second time")):
        result = run(invoke, sends(START, END, message))
        assert (result.value["statusCode"], result.value["body"]) == (200, "end")
        assert "failed after its response" in str(result.logs)
        assert problem in str(result.logs)


@pytest.mark.parametrize("streaming", [False, True])
def test_least_messages_and_odd_ones(streaming: bool, invoke: Invoker) -> None:
    for messages, expected in (
        ([{"type": "http.response.start", "status": 200}, {"type": "http.response.body"}], b""),
        ([START, MORE, MORE, END], b"moremoreend"),
        ([START, {**MORE, "body": b""}, END], b"end"),
        ([START, {**MORE, "body": bytearray(b"a")}, {**END, "body": memoryview(b"b")}], b"ab"),
        ([start(headers=((name, b"v") for name in [b"a"])), END], b"end"),
        ([start(headers=None), END], b"end"),
    ):
        result = run(invoke, sends(*messages), streaming=streaming)
        if streaming:
            assert (result.prelude["statusCode"], result.content) == (200, expected)
        else:
            assert result.value["body"] == expected.decode()
        assert result.logs == []


class OwnError(Exception):
    pass


@pytest.mark.parametrize("error", [OwnError("why"), asyncio.CancelledError(), OwnError()])
@pytest.mark.parametrize("before", [[], [START], [START, MORE]])
def test_an_exception_is_a_500_and_the_process_lives_on(
    before: list[Any], error: BaseException, invoke: Invoker
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        for message in before:
            await send(message)
        raise error

    result = run(invoke, app)
    assert (result.value["statusCode"], result.value["body"]) == (500, "Internal Server Error")
    log = "\n".join(result.logs)
    assert log.count("GET /x failed") == 1
    assert "after its response" not in log
    assert type(error).__name__ in log
    assert "in app" in log


def test_an_exit_ends_the_process_as_in_any_handler(invoke: Invoker) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise SystemExit(3)

    assert run(invoke, app).error.type == "SystemExit"


def test_the_request_comes_once_and_then_the_end_of_the_connection(invoke: Invoker) -> None:
    received: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        received.append(await receive())
        waiting = asyncio.ensure_future(receive())
        await asyncio.sleep(0)
        assert not waiting.done()
        await send(START)
        await send(END)
        received.append(await waiting)
        received.append(await receive())

    result = run(invoke, app)
    assert result.value["body"] == "end"
    assert result.logs == []
    disconnect = {"type": "http.disconnect"}
    assert received == [
        {"type": "http.request", "body": b"", "more_body": False},
        disconnect,
        disconnect,
    ]


def test_tasks_of_an_application_may_send(invoke: Invoker) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        async with asyncio.TaskGroup() as group:
            for _ in range(5):
                group.create_task(send(MORE))
        await send(END)

    for streaming in (False, True):
        content = run(invoke, app, streaming=streaming).content
        assert content.count(b"more") == 5


def test_a_failure_beside_a_task_that_has_sent_the_end_is_logged(invoke: Invoker) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        task = asyncio.ensure_future(send(END))
        await asyncio.sleep(0)
        raise OwnError(task)

    result = run(invoke, app)
    assert result.value["body"] == "end"
    assert "GET /x failed after its response" in result.output


def test_a_scope_is_the_application_s_own(invoke: Invoker) -> None:
    scopes: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scopes.append(copy.deepcopy({**scope, "aws.context": None}))
        scope["asgi"]["version"] = scope["state"]["x"] = "other"
        scope["headers"].clear()
        await sends(START, END)(scope, receive, send)

    handler = AsgiHandler(app, lifespan="off")
    for _ in range(2):
        invoke(handler, make_event())
    assert scopes[1]["asgi"]["version"] == "3.0"
    assert scopes[1]["state"] == {}
    assert scopes[1]["headers"]


def event_of(name: str) -> Any:
    records = {"Records": [{"eventSource": "aws:sqs", "body": "{}"}]}
    return {
        "queue": records,
        "topic": {"Records": [{"EventSource": "aws:sns"}]},
        "bus": {"detail-type": "Order Placed", "source": "shop", "detail": {}},
        "edge": {"Records": [{"cf": {"request": {}}}]},
        "websocket": {"requestContext": {"connectionId": "x", "eventType": "CONNECT"}},
        "authorizer": {"methodArn": "arn", "httpMethod": "GET", "path": "/", "requestContext": {}},
        "user": {"triggerSource": "PreSignUp_SignUp", "request": {}},
        "agent": {"actionGroup": "orders", "apiPath": "/orders", "httpMethod": "GET"},
        "own": {"name": "Ada"},
        "list": [1],
        "nothing": None,
        "empty": {},
    }[name]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("queue", "an event of aws:sqs"),
        ("topic", "an event of aws:sns"),
        ("bus", "an event of EventBridge: 'Order Placed' from 'shop'"),
        ("edge", "an event of Lambda@Edge"),
        ("websocket", "an event of a WebSocket API"),
        ("authorizer", "an event of a Lambda authorizer"),
        ("user", "an event of a Cognito trigger"),
        ("agent", "an event of a Bedrock agent"),
        ("own", "an event with 'name'"),
        ("list", "a JSON value of the type list"),
        ("nothing", "a JSON value of the type NoneType"),
        ("empty", "an event with no fields"),
    ],
)
def test_an_event_that_is_not_http_is_an_error_that_names_it(
    name: str, words: str, invoke: Invoker
) -> None:
    result = invoke(AsgiHandler(sends(START, END)), event_of(name))
    assert result.error.type == "Asgi.UnsupportedEvent"
    assert f"AsgiHandler serves HTTP requests, and this is {words}." in result.error.message


def handlers() -> dict[str, Callable[..., Any]]:
    def plain(event: Any, context: Any) -> Any:
        return [event, context.aws_request_id]

    async def asynchronous(event: Any) -> Any:
        await asyncio.sleep(0)
        return [event, "x"]

    def runs_a_loop(event: Any, context: Any) -> Any:
        return [asyncio.run(asynchronous(event))[0], context.aws_request_id]

    def yields(event: Any) -> Any:
        yield "streamed"

    async def yields_too(event: Any) -> Any:
        yield "streamed"

    def as_bytes(event: bytes) -> Any:
        return [event, "x"]

    found = (plain, asynchronous, runs_a_loop, yields, yields_too, as_bytes)
    return {each.__name__: each for each in found}


@pytest.mark.parametrize("name", handlers())
def test_other_events_go_to_a_handler_of_any_kind(name: str, invoke: Invoker) -> None:
    handler = AsgiHandler(sends(START, END), other=handlers()[name])
    result = invoke(handler, event_of("queue"), request_id="x")
    if name.startswith("yields"):
        assert result.content == b"streamed"
    elif name == "as_bytes":
        assert result.value == ['{"Records":[{"eventSource":"aws:sqs","body":"{}"}]}', "x"]
    else:
        assert result.value == [event_of("queue"), "x"]
    assert invoke(handler, make_event()).value["body"] == "end"


def test_what_cannot_be_served_is_refused_at_the_start() -> None:
    with pytest.raises(TypeError, match="is not an ASGI application"):
        AsgiHandler(object())  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="is not a handler"):
        AsgiHandler(sends(), other=1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="base_path=None is not a string"):
        AsgiHandler(sends(), base_path=None)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="choose one of auto, on, off"):
        AsgiHandler(sends(), lifespan="yes")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="takes a stream"):
        AsgiHandler(sends(), other=lambda event, stream, context: None)
