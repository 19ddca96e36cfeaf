"""Agents: the names of awslambdaric that they look for, patch and call; decorators that block."""

from __future__ import annotations

import gzip
import importlib.util
import json
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from textwrap import dedent
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

import lambda_logging
import lambda_runtime
from lambda_runtime import awaited
from lambda_testing import FakeRuntimeAPI, Function

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .conftest import FunctionProcess

    Start = Callable[..., FunctionProcess]

OURS = (lambda_logging, lambda_runtime)
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="awslambdaric is for Linux")

# As an agent that knows awslambdaric does, it wraps each place, and prints what it sees there.
PATCHES = """
import functools
from awslambdaric import bootstrap

def watch(owner, name):
    original = getattr(owner, name)
    def watching(*args, **kwargs):
        print(name, *[arg for arg in args if isinstance(arg, str)])
        return original(*args, **kwargs)
    setattr(owner, name, watching)

original = bootstrap.handle_event_request

def handle_event_request(client, request_handler, invoke_id, event_body, content_type, *rest):
    def watched(event, context):
        try:
            return request_handler(event, context)
        except Exception as error:
            print("agent saw", repr(error))
            raise
    print(f"handling {invoke_id == seen(rest)} {event_body} {content_type}")
    return original(client, watched, invoke_id, event_body, content_type, *rest)

def seen(rest):
    from lambda_runtime import current_context
    context = current_context()
    assert rest[2:4] == (context.invoked_function_arn, rest[3]), rest
    assert rest[3] > 1e12 and hasattr(rest[5], "log") and len(rest) == 7
    return context.aws_request_id

bootstrap.handle_event_request = handle_event_request
for name in ("post_invocation_result", "post_invocation_error", "post_init_error"):
    watch(bootstrap.LambdaRuntimeClient, name)
"""
HANDLERS = {
    "def": "def handler(event, context): return event['order']",
    "async def": "async def handler(event, context): return event['order']",
    "a def that streams": """
def handler(event, context):
    yield "a"
    yield event["order"]
""",
    "an async def that streams": """
async def handler(event, context):
    yield "a"
    yield event["order"]
""",
    "a def with a stream": """
def handler(event, stream, context):
    stream.write("a")
    stream.write(event["order"])
""",
    "an async def with a stream": """
async def handler(event, stream, context):
    await stream.write("a")
    await stream.write(event["order"])
""",
}


@pytest.mark.parametrize("handler", HANDLERS.values(), ids=HANDLERS)
def test_patches_are_called_around_each_invocation(
    handler: str, api: FakeRuntimeAPI, start: Start
) -> None:
    process = start(f"{PATCHES}\n{handler}")
    good = api.invoke({"order": "b"})
    assert good.body in {b'"b"', b"ab"}
    bad = api.invoke({})
    assert bad.kind in {"error", "stream_error"}
    assert api.invoke({"order": "b"}).body == good.body
    printed = process.kill()
    assert printed.count("handling True") == 3
    assert printed.count("post_invocation_result") == 2
    assert printed.count("agent saw KeyError('order')") == 1
    (error,) = [line for line in printed.splitlines() if "post_invocation_error" in line]
    assert '"errorType":"KeyError"' in error
    assert '"exceptions"' in error  # of the X-Ray cause


@pytest.mark.parametrize("kind", ["def", "async def"])
def test_patches_may_change_what_the_handler_gets_and_returns(
    kind: str, api: FakeRuntimeAPI, start: Start
) -> None:
    start(
        f"""
        from awslambdaric import bootstrap
        original = bootstrap.handle_event_request
        def handle(client, handler, *rest):
            original(client, lambda event, context: [handler(event + 1, context)], *rest)
        bootstrap.handle_event_request = handle
        {kind} handler(event, context): return event
        """
    )
    assert api.invoke(1).json() == [2]


@pytest.mark.parametrize("kind", ["def", "async def"])
def test_a_patch_that_fails_fails_the_invocation(
    kind: str, api: FakeRuntimeAPI, start: Start
) -> None:
    start(
        f"""
        from awslambdaric import bootstrap
        original = bootstrap.handle_event_request
        def handle(client, handler, invoke_id, body, *rest):
            if body == b"1": raise OSError("of the agent")
            if body == b"2": return
            original(client, handler, invoke_id, body, *rest)
        bootstrap.handle_event_request = handle
        {kind} handler(event, context): return event
        """
    )
    assert api.invoke(1).json()["errorType"] == "OSError"
    assert "has not called it" in api.invoke(2).json()["errorMessage"]
    assert api.invoke(3).json() == 3


AROUND_ASYNC = {
    "returns the coroutine": "return function(event, context)",
    "runs an event loop": "return asyncio.run(function(event, context))",
}


@pytest.mark.skipif(
    importlib.util.find_spec("lambda_runtime._event_loop") is None,
    reason="only an `async def` itself is awaited",
)
@pytest.mark.parametrize("body", AROUND_ASYNC.values(), ids=AROUND_ASYNC)
def test_patches_around_a_decorated_async_def(body: str, api: FakeRuntimeAPI, start: Start) -> None:
    process = start(
        f"""{PATCHES}
import asyncio
def decorator(function):
    @functools.wraps(function)
    def call(event, context):
        {body}
    return call
@decorator
async def handler(event, context):
    await asyncio.sleep(0)
    return event["order"]
"""
    )
    assert [api.invoke({"order": number}).json() for number in (1, 2)] == [1, 2]
    assert api.invoke({}).json()["errorType"] == "KeyError"
    assert process.kill().count("agent saw KeyError('order')") == 1


def test_patches_that_come_late_count_from_the_next_invocation_on(
    api: FakeRuntimeAPI, start: Start
) -> None:
    process = start(
        f"""
        def handler(event, context):
            if event == 1:
                exec({PATCHES!r}, globals())
            return event
        """
    )
    assert [api.invoke(number).json() for number in (1, 2)] == [1, 2]
    assert process.kill().count("handling True") == 1


def test_context_variables_of_an_agent_reach_the_handler(api: FakeRuntimeAPI, start: Start) -> None:
    start(
        """
        from contextvars import ContextVar
        from awslambdaric import bootstrap
        from lambda_runtime import current_context
        span = ContextVar("span", default=None)
        original = bootstrap.handle_event_request
        def handle(client, handler, invoke_id, *rest):
            span.set(invoke_id)
            original(client, handler, invoke_id, *rest)
        bootstrap.handle_event_request = handle
        async def handler(event, context):
            return [span.get() == context.aws_request_id, current_context() is context]
        """
    )
    assert api.invoke({}).json() == [True, True]


def test_many_invocations_at_a_time_go_through_agents(start: Start) -> None:
    source = """
import asyncio
waiting = []
async def handler(event, context):
    waiting.append(event)
    while len(waiting) < 4: await asyncio.sleep(0.01)
    return event["order"]
"""
    with FakeRuntimeAPI(function=Function(max_concurrency=16)) as api:
        process = start(PATCHES + source, **api.environment())
        api.wait_for_polls(16)  # or one process could take so many that few are left for another
        invocations = [api.enqueue({"order": number}) for number in range(16)]
        assert sorted(invocation.wait().json() for invocation in invocations) == [*range(16)]
        assert process.kill().count("handling True") == 16


@pytest.mark.parametrize(
    "source",
    ["1 / 0", "import missing", "pass"],
)
def test_a_failed_start_reaches_the_agent(source: str, api: FakeRuntimeAPI, start: Start) -> None:
    process = start(f"{PATCHES}\n{source}")
    code, out, _ = process.wait()
    assert code == 1
    assert "post_init_error" in out
    assert [request.path for request in api.requests] == ["/2018-06-01/runtime/init/error"]


def test_an_agent_that_fails_in_a_failed_start_changes_nothing(
    api: FakeRuntimeAPI, start: Start
) -> None:
    process = start(
        """
        from awslambdaric import bootstrap
        def fail(*args): raise SystemExit(5)
        bootstrap.LambdaRuntimeClient.post_init_error = fail
        raise OSError("of the function")
        """
    )
    assert process.wait()[0] == 1
    assert json.loads(api.requests[-1].body)["errorMessage"] == "of the function"


@on_linux
def test_the_names_are_ours_where_the_real_ones_are_installed(
    api: FakeRuntimeAPI, start: Start
) -> None:
    start(
        """
        import importlib.util, sys
        import awslambdaric
        from awslambdaric.bootstrap import _get_handler, to_json
        from awslambdaric.lambda_context import LambdaContext
        from awslambdaric.lambda_runtime_exception import FaultException
        import __main__
        def handler(event, context: LambdaContext):
            from lambda_runtime import __version__
            try:
                _get_handler("missing.handler")
            except FaultException as fault:
                failed = [fault.exception_type, fault.msg.partition(":")[0]]
            return [
                isinstance(context, LambdaContext),
                awslambdaric.__version__ == __version__,
                _get_handler("app.handler") is handler,
                to_json({"a": 1}),
                __main__.bootstrap is sys.modules["awslambdaric.bootstrap"],
                __main__.awslambdaricmain.bootstrap is __main__.bootstrap,
                hasattr(__main__, "other"),
                failed,
            ]
        """
    )
    assert api.invoke({}).json() == [
        *(True, True, True, '{"a":1}', True, True, False),
        ["Runtime.ImportModuleError", "Unable to import module 'missing'"],
    ]


def test_a_program_of_its_own_has_the_names(api: FakeRuntimeAPI, start: Start) -> None:
    start(
        """
        from lambda_runtime import run
        import __main__
        from awslambdaric.lambda_context import LambdaContext
        calls = []
        original = __main__.awslambdaricmain.bootstrap.handle_event_request
        def handle(*args):
            calls.append(1)
            original(*args)
        __main__.bootstrap.handle_event_request = handle
        async def handler(event, context): return [len(calls), isinstance(context, LambdaContext)]
        run(handler)
        """,
        "app.py",
    )
    assert api.invoke({}).json() == [1, True]


def test_a_function_without_agents_loads_none_of_it(api: FakeRuntimeAPI, start: Start) -> None:
    start("import sys\ndef handler(event): return [*sys.modules]")
    loaded = api.invoke({}).json()
    assert not [name for name in loaded if "awslambdaric" in name or "_agents" in name]


WRAPPED = {
    "a decorator with functools.wraps": """
def watch(function):
    @functools.wraps(function)
    def watching(event, context):
        try:
            return function(event, context)
        finally:
            print("after", *done)
    return watching
""",
    "a decorator without": """
def watch(function):
    def watching(event, context):
        try:
            return function(event, context)
        finally:
            print("after", *done)
    return watching
""",
    "an object": """
class watch:
    def __init__(self, function): self.function = function
    def __call__(self, event, context):
        try:
            return self.function(event, context)
        finally:
            print("after", *done)
""",
}


@pytest.mark.parametrize("watch", WRAPPED.values(), ids=WRAPPED)
def test_awaited_makes_blocking_decorators_wait(
    watch: str, api: FakeRuntimeAPI, start: Start
) -> None:
    process = start(
        f"""
import asyncio, functools, signal, threading
from lambda_runtime import awaited
done, loops = [], set()
{watch}
@watch
@awaited
async def handler(event, context):
    loops.add(id(asyncio.get_running_loop()))
    await asyncio.sleep(0.01)
    done.append(event)
    assert threading.current_thread() is threading.main_thread()
    assert not context.session.closed
    if event == 2: raise ValueError("of the handler")
    return [event, len(loops)]
"""
    )
    assert api.invoke(1).json() == [1, 1]
    assert api.invoke(2).json()["errorType"] == "ValueError"
    assert api.invoke(3).json() == [3, 1]
    assert process.kill().splitlines()[0] == "after 1"


def test_a_deadline_reaches_decorators_as_an_ordinary_exception(start: Start) -> None:
    with FakeRuntimeAPI(function=Function(timeout=1.05)) as api:
        process = start(
            """
            import asyncio
            from lambda_runtime import awaited
            def watch(function):
                def watching(event, context):
                    try:
                        return function(event, context)
                    except Exception as error:
                        print("saw", repr(error))
                        raise
                return watching
            @watch
            @awaited
            async def handler(event, context):
                if event: await asyncio.sleep(60)
            """,
            **api.environment(),
        )
        answer = api.invoke(1).json()
        assert answer["errorType"] == "Sandbox.Timedout"
        assert "asyncio.sleep(60)" in "".join(answer["stackTrace"])
        assert api.invoke(0).json() is None
        assert "saw TimeoutError" in process.kill()


def test_an_awaited_handler_may_end_the_process(api: FakeRuntimeAPI, start: Start) -> None:
    process = start(
        """
        import sys
        from lambda_runtime import awaited
        def watch(function): return lambda event, context: function(event, context)
        @watch
        @awaited
        async def handler(event, context): sys.exit(3)
        """
    )
    assert api.invoke({}).json()["errorType"] == "SystemExit"
    assert process.wait()[0] == 3


def test_blocking_decorators_may_set_signal_handlers(api: FakeRuntimeAPI, start: Start) -> None:
    start(
        """
        import asyncio, signal
        from lambda_runtime import awaited
        rung = []
        def alarmed(function):
            def call(event, context):
                signal.signal(signal.SIGALRM, lambda *_: rung.append(1))
                signal.setitimer(signal.ITIMER_REAL, 0.01)
                return function(event, context)
            return call
        @alarmed
        @awaited
        async def handler(event, context):
            while not rung: await asyncio.sleep(0.01)
            return len(rung)
        """
    )
    assert api.invoke({}).json() == 1


def test_awaited_alone_changes_nothing(api: FakeRuntimeAPI, start: Start) -> None:
    start(
        """
        import asyncio, threading
        from lambda_runtime import awaited
        @awaited
        async def handler(event: dict[str, int]):
            "The doc."
            await asyncio.sleep(0)
            return [event, handler.__name__, handler.__doc__, threading.active_count()]
        """
    )
    assert api.invoke({"a": 1}).json() == [{"a": 1}, "handler", "The doc.", 1]


@pytest.mark.anyio
async def test_an_awaited_function_is_called_like_any_async_def() -> None:
    @awaited
    async def handler(event: int) -> int:
        return event + 1

    assert await handler(1) == 2


def test_awaited_is_for_async_functions() -> None:
    with pytest.raises(TypeError, match="is not one"):
        awaited(lambda event: event)


@pytest.mark.parametrize("kind", ["def", "async def"])
@pytest.mark.parametrize("imports", ["import app", "pass"])
def test_a_redirected_handler(
    kind: str, imports: str, api: FakeRuntimeAPI, start: Start, tmp_path: Path
) -> None:
    (tmp_path / "agent.py").write_text(
        f"""
{imports}
def handler(event, context):
    from importlib import import_module
    try:
        return import_module("app").handler(event, context)
    except Exception as error:
        print("agent saw", repr(error))
        raise
""",
        "utf-8",
    )
    process = start(
        f"{kind} handler(event, context): return event['order']",
        *("-m", "lambda_runtime", "agent.handler"),
        DD_LAMBDA_HANDLER="app.handler",
    )
    assert api.invoke({"order": 1}).json() == 1
    assert api.invoke({}).json()["errorType"] == "KeyError"
    assert "agent saw KeyError('order')" in process.kill()


@pytest.fixture
def sentry() -> Iterator[tuple[str, list[bytes]]]:
    """Run a server that stands for Sentry's; return its DSN, and what it has got."""
    pytest.importorskip("sentry_sdk")
    got: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            packed = self.headers.get("Content-Encoding") == "gzip"
            got.append(gzip.decompress(body) if packed else body)
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://key@127.0.0.1:{server.server_port}/1", got
        server.shutdown()


IMPORT_SECONDS = 90  # Sentry imports much: on a busy machine, its start is the slowest of all
SENTRY = """
import sentry_sdk
from sentry_sdk.integrations.aws_lambda import AwsLambdaIntegration
# Without those that it enables by itself, which import each framework that is installed here.
sentry_sdk.init(integrations=[AwsLambdaIntegration()], auto_enabling_integrations=False)
"""


@pytest.mark.parametrize("handler", HANDLERS.values(), ids=HANDLERS)
def test_sentry_gets_exceptions_before_the_caller_does(
    handler: str, sentry: tuple[str, list[bytes]], api: FakeRuntimeAPI, start: Start
) -> None:
    dsn, got = sentry
    start(SENTRY + handler, SENTRY_DSN=dsn)
    api.wait_for_poll(IMPORT_SECONDS)
    assert api.invoke({"order": "b"}, request_id="good").kind == "response"
    assert got == []
    assert api.invoke({}, request_id="the-bad-one").kind in {"error", "stream_error"}
    envelopes = b"".join(got)
    assert b"KeyError" in envelopes
    assert b'"aws_request_id":"the-bad-one"' in envelopes.replace(b": ", b":")


@pytest.mark.parametrize("kind", ["def", "async def"])
def test_sentry_sends_what_a_handler_captures(
    kind: str, sentry: tuple[str, list[bytes]], api: FakeRuntimeAPI, start: Start
) -> None:
    dsn, got = sentry
    start(
        f"{SENTRY}\n{kind} handler(event, context): sentry_sdk.capture_message('mine')",
        SENTRY_DSN=dsn,
    )
    api.wait_for_poll(IMPORT_SECONDS)
    assert api.invoke({}, request_id="the-one").kind == "response"
    assert b"mine" in b"".join(got)
    assert b"the-one" in b"".join(got)


def test_sentry_gets_a_failed_start(
    sentry: tuple[str, list[bytes]], api: FakeRuntimeAPI, start: Start
) -> None:
    dsn, got = sentry
    process = start(f"{SENTRY}\nraise OSError('of the start')", SENTRY_DSN=dsn)
    assert process.wait()[0] == 1
    assert b"of the start" in b"".join(got)


# Without `site`, there are these packages and no awslambdaric.
WITHOUT = """
import sys
sys.path[:0] = {folders}
from lambda_runtime.compatibility import provide
provide()
from awslambdaric.lambda_context import *
from lambda_runtime import Context
from lambda_runtime.in_process import make_context
"""


def without_awslambdaric(code: str) -> str:
    """Run code where awslambdaric is not installed; return what it prints."""
    folders = sorted({str(Path(module.__file__ or "").parents[1]) for module in OURS})
    if any((Path(folder) / "awslambdaric").exists() for folder in folders):
        pytest.skip("awslambdaric is installed beside lambda-runtime")
    program = WITHOUT.format(folders=folders) + dedent(code)
    return subprocess.check_output(
        [sys.executable, "-S", "-c", program], text=True, timeout=30, cwd="/"
    )


def test_a_context_where_awslambdaric_is_not_installed() -> None:
    without_awslambdaric(
        """
        ours = make_context({"lambda-runtime-aws-request-id": "1"}, {})
        assert isinstance(ours, LambdaContext)
        assert not isinstance(object(), LambdaContext)
        made = LambdaContext("2", None, None, 0)
        assert isinstance(made, LambdaContext) and isinstance(made, Context)
        assert issubclass(LambdaContext, Context)
        assert isinstance(ours.identity, CognitoIdentity)
        assert CognitoIdentity().cognito_identity_id is None
        assert ClientContext().custom is None and Client().app_title is None
        assert make_obj_from_dict(ClientContext, {"custom": 1}).custom == 1
        assert make_obj_from_dict(ClientContext, None) is None
        """
    )


# Arguments of a context: in each, both have the same attributes.
CONTEXTS = [
    ("1", None, None, 0),
    ("1", None, None, 4102444800000, "arn:aws:lambda:us-east-1:123456789012:function:f"),
    ("1", {}, {}, 4102444800000, "arn", "tenant"),
    (
        "1",
        {"custom": {"a": [1]}, "env": {"b": 2}, "client": {"app_title": "t"}},
        {"cognitoIdentityId": "i", "cognitoIdentityPoolId": "p"},
        4102444800000,
    ),
    ("1", {"w3c": {"traceparent": "00", "other": "1"}, "custom": None}, None, 4102444800000),
]


@on_linux
@pytest.mark.parametrize("arguments", CONTEXTS)
def test_a_context_is_made_as_under_awslambdaric(arguments: tuple[Any, ...]) -> None:
    shown = """
def shown(part):
    names = getattr(type(part), "__slots__", None)
    return part if names is None else {name: shown(getattr(part, name)) for name in sorted(names)}
names = ["aws_request_id", "log_group_name", "log_stream_name", "function_name",
    "memory_limit_in_mb", "function_version", "invoked_function_arn", "tenant_id"]
context = LambdaContext(*%r)
values = [getattr(context, name) for name in names]
for part in (context.client_context, context.identity):
    values.append(part and {name: shown(getattr(part, name)) for name in
        ("custom", "env", "client", "cognito_identity_id", "cognito_identity_pool_id")
        if hasattr(part, name)})
client = context.client_context and context.client_context.client
values.append(client and client.app_title)
print(values, context.w3c(), context.get_remaining_time_in_millis() > 0)
"""
    code = shown % (arguments,)
    theirs = subprocess.check_output(
        [
            *(sys.executable, "-c"),
            f"from awslambdaric.lambda_context import LambdaContext\n{code}",
        ],
        text=True,
        timeout=30,
        cwd="/",
    )
    assert without_awslambdaric(code) == theirs


def test_an_awaited_handler_leaves_others_of_its_process_as_they_are() -> None:
    program = """
    from lambda_runtime import awaited
    from lambda_runtime.in_process import InProcess

    @awaited
    async def one(event): return event
    async def other(event): return event

    for handler in (one, other, lambda event: other(event), lambda event: event):
        print(InProcess(handler).invoke({"lambda-runtime-aws-request-id": "id"}, b"1").body)
    """
    done = subprocess.run(
        [sys.executable, "-c", dedent(program)], capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["b'1'"] * 4, done.stderr


def test_a_class_derived_from_the_context_is_its_own() -> None:
    without_awslambdaric(
        """
        class Mine(LambdaContext):
            def __init__(self):
                super().__init__("1", None, None, 0)
        ours = make_context({"lambda-runtime-aws-request-id": "1"}, {})
        assert isinstance(Mine(), Mine) and isinstance(Mine(), LambdaContext)
        assert not isinstance(ours, Mine)
        assert not isinstance(LambdaContext("2", None, None, 0), Mine)
        assert repr(Mine()).startswith("Mine([aws_request_id=1,")
        assert repr(ours).startswith("LambdaContext([")
        """
    )


def test_a_context_is_made_of_any_objects() -> None:
    without_awslambdaric(
        """
        anything = object()
        context = LambdaContext(
            "1", {"custom": {"a": anything}, "env": anything}, {"cognitoIdentityId": anything}, 0
        )
        assert context.client_context.custom["a"] is anything
        assert context.client_context.env is anything
        assert context.identity.cognito_identity_id is anything
        identity = CognitoIdentity()
        from awslambdaric.lambda_context import set_obj_from_dict
        set_obj_from_dict(identity, {"cognito_identity_id": "i"})
        assert (identity.cognito_identity_id, identity.cognito_identity_pool_id) == ("i", None)
        set_obj_from_dict(identity, {"cognito_identity_pool_id": "p"}, ["cognito_identity_pool_id"])
        assert (identity.cognito_identity_id, identity.cognito_identity_pool_id) == ("i", "p")
        """
    )


RECORDS = """
import logging, sys, time
formatter = JsonFormatter()
formatter.converter = time.gmtime
for severity in (0, 5, 10, 25, 30, 40, 50, 60):
    for added in ({}, {"aws_request_id": "r", "tenant_id": "t"}, {"at": {"x": object}, "no": None}):
        try:
            raise KeyError("é")
        except KeyError:
            failure = sys.exc_info() if severity == 40 else None
        message = {"a": "é"} if severity == 10 else "m %s"
        arguments = () if severity == 10 else ("é",)
        record = logging.LogRecord("name", severity, "p.py", 7, message, arguments, failure, "f")
        record.created = 1.5
        record.__dict__.pop("taskName", None)
        record.__dict__.update(added)
        sys.stdout.buffer.write(formatter.format(record).encode() + record._frame_type)
"""


def test_a_function_says_how_its_records_are_written(api: FakeRuntimeAPI, start: Start) -> None:
    process = start(
        """
        import logging
        from awslambdaric import lambda_runtime_log_utils

        def default(value):
            if isinstance(value, complex):
                return [value.real, value.imag]
            raise TypeError(type(value).__name__)

        lambda_runtime_log_utils._json_encoder.default = default

        def handler(event, context):
            logging.warning({"at": 1 + 2j}, extra={"to": 3j})
            logging.warning({"of": object})
            logging.warning("the last one")
        """,
        AWS_LAMBDA_LOG_FORMAT="JSON",
    )
    api.invoke(None).json()
    first, second, third = map(json.loads, process.kill().splitlines())
    assert (first["message"], first["to"]) == ({"at": [1.0, 2.0]}, [0.0, 3.0])
    assert second["logError"] == "TypeError: type"
    assert third["message"] == "the last one"


def test_the_names_of_the_log_in_awslambdaric(api: FakeRuntimeAPI, start: Start) -> None:
    process = start(
        """
        import logging, sys
        from awslambdaric.bootstrap import LambdaLoggerFilter, LambdaLoggerHandler

        (found,) = logging.getLogger().handlers
        assert isinstance(found, LambdaLoggerHandler)
        assert not isinstance(logging.NullHandler(), LambdaLoggerHandler)

        class Plain(logging.Handler):
            def handle(self, record):
                self.filter(record)
                print(record.__dict__["aws_request_id"], record.__dict__["tenant_id"])

        plain = Plain()
        plain.addFilter(LambdaLoggerFilter())
        logger = logging.getLogger("plain")
        logger.addHandler(plain)
        logger.propagate = False

        def handler(event, context):
            logger.warning("x")
        """
    )
    api.invoke(None, request_id="the-id", tenant_id="Ada")
    assert process.kill() == "the-id Ada\n"


@pytest.mark.parametrize(
    "serve",
    [
        "from awslambdaric.__main__ import main; main([None, 'app.handler'])",
        "from awslambdaric.bootstrap import run; run('app.handler', None)",
        "from awslambdaric import bootstrap; bootstrap.run(handler)",
        "from awslambdaric import bootstrap; bootstrap.run('.', 'app.handler', 'host')",
    ],
)
def test_a_program_that_starts_awslambdaric_itself(
    serve: str, api: FakeRuntimeAPI, start: Start
) -> None:
    source = f"""
        from lambda_runtime import run

        def handler(event, context):
            return event

        if __name__ == "__main__":
            {serve}
        """
    start(source, "app.py")
    assert api.invoke("Ada").json() == "Ada"


def test_a_module_that_also_starts_awslambdaric(api: FakeRuntimeAPI, start: Start) -> None:
    start(
        """
        from awslambdaric.__main__ import main

        def handler(event, context):
            return event

        if __name__ == "__main__":
            main(("app", "app.handler"))
        """
    )
    assert api.invoke("Ada").json() == "Ada"


@on_linux
def test_the_formatter_writes_what_that_of_awslambdaric_writes() -> None:
    theirs = subprocess.check_output(
        [
            *(sys.executable, "-c"),
            f"from awslambdaric.lambda_runtime_log_utils import JsonFormatter\n{RECORDS}",
        ],
        timeout=30,
        cwd="/",
    )
    folders = sorted({str(Path(module.__file__ or "").parents[1]) for module in OURS})
    names = (  # in one line: stack traces have the numbers of lines
        f"import sys; sys.path[:0] = {folders}",
        "from lambda_runtime.compatibility import provide",
        "provide()",
        "from awslambdaric.bootstrap import JsonFormatter, LogFormat",
        "assert (LogFormat.from_str('json'), LogFormat.from_str(None)) == (0, 1)",
    )
    ours = subprocess.check_output(
        [sys.executable, "-S", "-c", f"{'; '.join(names)}\n{RECORDS}"], timeout=30, cwd="/"
    )
    assert ours == theirs


def test_a_function_extends_the_formatter_of_json_logs(api: FakeRuntimeAPI, start: Start) -> None:
    process = start(
        """
        import json
        import logging
        from awslambdaric.lambda_runtime_log_utils import JsonFormatter

        class Mine(JsonFormatter):
            def format(self, record):
                return json.dumps(json.loads(super().format(record)) | {"mine": 1}) + "\\n"

        logging.getLogger().handlers[0].setFormatter(Mine())

        def handler(event, context):
            logging.getLogger().warning("hello %s", event, extra={"field": 2})
            return context.aws_request_id
        """
    )
    request_id = api.invoke("Ada").json()
    (line,) = [each for each in process.kill().splitlines() if "hello" in each]
    told = json.loads(line)
    assert told.pop("timestamp").endswith("Z")
    assert told == {
        "field": 2,
        "level": "WARNING",
        "logger": "root",
        "message": "hello Ada",
        "mine": 1,
        "requestId": request_id,
    }


@on_linux
@pytest.mark.parametrize("order", ["before", "after"])
def test_patches_of_a_sitecustomize(
    order: str, api: FakeRuntimeAPI, start: Start, tmp_path: Path
) -> None:
    first = "from lambda_runtime import run" if order == "after" else ""
    (tmp_path / "sitecustomize.py").write_text(
        f"""{first}
from awslambdaric import bootstrap
original = bootstrap.handle_event_request
def handle_event_request(*args):
    print("the agent was called")
    return original(*args)
bootstrap.handle_event_request = handle_event_request
""",
        "utf-8",
    )
    process = start("def handler(event, context): return event", PYTHONPATH=str(tmp_path))
    assert api.invoke(1).json() == 1
    printed = process.kill()
    assert printed.count("the agent was called") == (order == "after")
    assert printed.count("awslambdaric was imported before") == (order == "before")
