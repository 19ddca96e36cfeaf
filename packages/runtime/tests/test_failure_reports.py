"""Each exception, wherever it is raised, reaches the caller and the log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lambda_testing import FakeRuntimeAPI

    from .conftest import FunctionProcess

    Start = Callable[..., FunctionProcess]

DEFINE = ["def", "async def"]
WITHOUT_DESCRIPTORS = """
    import os, resource
    def exhaust():
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
        taken = []
        try:
            while True:
                taken.append(os.open("/dev/null", os.O_RDONLY))
        except OSError:
            return taken
"""
# Everything of the standard library that reporting an exception has ever loaded, and more.
SHADOWS = (
    *("ast", "bisect", "codecs", "contextlib", "copy", "decimal", "enum", "functools", "inspect"),
    *("json", "keyword", "linecache", "logging", "numbers", "operator", "random", "re", "signal"),
    *("select", "socket", "statistics", "string", "struct", "textwrap", "token", "tokenize"),
    *("traceback", "types", "typing", "warnings", "weakref", "collections", "datetime", "fcntl"),
    *("base64", "binascii", "dataclasses", "ujson", "queue", "threading", "reprlib", "calendar"),
)


@pytest.mark.parametrize("log_format", ["Text", "JSON"])
@pytest.mark.parametrize("define", DEFINE)
def test_without_a_file_descriptor_a_failure_is_told_and_the_process_lives(
    api: FakeRuntimeAPI, start: Start, define: str, log_format: str
) -> None:
    process = start(
        f"""{WITHOUT_DESCRIPTORS}
    {define} handler(event):
        global taken
        if event == "release":
            [os.close(descriptor) for descriptor in taken]
            return "released"
        taken = exhaust()
        raise ValueError("no descriptor")
    """,
        AWS_LAMBDA_LOG_FORMAT=log_format,
    )
    told = api.invoke({})
    assert told.json()["errorMessage"] == "no descriptor"
    assert told.json()["errorType"] == "ValueError"
    assert "in handler" in told.json()["stackTrace"][-1]
    assert told.error_type == "Function.ValueError"
    assert api.invoke("release").json() == "released"
    out = process.kill()
    assert out.count("\n") == 1
    assert "no descriptor" in out
    if log_format == "JSON":
        assert json.loads(out)["errorType"] == "ValueError"


@pytest.mark.parametrize("define", DEFINE)
def test_without_a_file_descriptor_any_result_is_sent(
    api: FakeRuntimeAPI, start: Start, define: str
) -> None:
    start(
        f"""{WITHOUT_DESCRIPTORS}
    from collections import namedtuple
    from decimal import Decimal
    Point = namedtuple("Point", "x y")
    taken = None
    {define} handler(event):
        global taken
        taken = taken or exhaust()
        if event == "large":
            return ["x" * 100_000, {{"a": 1}}]
        if event == "decimal":
            return {{"point": Point(1, Decimal("2.50"))}}
        return {{1, 2}}
    """
    )
    for _ in range(3):
        assert api.invoke("large").json() == ["x" * 100_000, {"a": 1}]
    assert api.invoke("decimal").body == b'{"point":{"x":1,"y":2.50}}'
    assert api.invoke("set").json()["errorType"] == "Runtime.MarshalError"
    assert api.invoke("large").json() == ["x" * 100_000, {"a": 1}]


@pytest.mark.parametrize("log_format", ["Text", "JSON"])
def test_files_named_like_the_standard_library_do_no_harm(
    api: FakeRuntimeAPI, start: Start, tmp_path: Path, log_format: str
) -> None:
    for name in SHADOWS:
        (tmp_path / f"{name}.py").write_text(f"raise RuntimeError('{name} of the function')\n")
    process = start(
        """
        def handler(event):
            if event == "large":
                return ["x" * 100_000]
            if event == "own":
                import statistics
            if event == "stream":
                return iter(["a", "b"])
            raise ValueError("told")
        """,
        *("-I", "-m", "lambda_runtime", "app.handler"),
        AWS_LAMBDA_LOG_FORMAT=log_format,
    )
    told = api.invoke({}).json()
    assert (told["errorType"], told["errorMessage"]) == ("ValueError", "told")
    assert 'raise ValueError("told")' in told["stackTrace"][-1]
    for _ in range(3):
        assert api.invoke("large").json() == ["x" * 100_000]
    assert api.invoke("own").json()["errorMessage"] == "statistics of the function"
    assert api.invoke("stream").body == b"ab"
    assert api.invoke(b"{").json()["errorType"] == "Runtime.UnmarshalError"
    out = process.kill()
    assert out.count("\n") == 3
    assert out.count("ERROR") == 3


def test_a_start_that_fails_is_told_beside_files_named_like_the_standard_library(
    api: FakeRuntimeAPI, start: Start, tmp_path: Path
) -> None:
    for name in SHADOWS:
        (tmp_path / f"{name}.py").write_text(f"raise RuntimeError('{name} of the function')\n")
    start("raise ValueError('told')", "-I", "-m", "lambda_runtime", "app.handler")
    assert api.wait_for_init_error().json()["errorMessage"] == "told"


def test_a_function_imports_its_own_modules_by_such_names(
    api: FakeRuntimeAPI, start: Start, tmp_path: Path
) -> None:
    for name in ("statistics", "token", "string", "traceback"):
        (tmp_path / f"{name}.py").write_text("MINE = True\n")
    start(
        """
        import statistics, string, token, traceback
        def handler(event):
            if event == "fail":
                raise ValueError("told")
            return [statistics.MINE, string.MINE, token.MINE, traceback.MINE]
        """
    )
    assert api.invoke({}).json() == [True] * 4
    assert api.invoke("fail").json()["errorMessage"] == "told"
    assert api.invoke({}).json() == [True] * 4


@pytest.mark.parametrize("define", DEFINE)
@pytest.mark.parametrize("raised", ["KeyboardInterrupt", "SystemExit(3)", "GeneratorExit", "Odd"])
@pytest.mark.parametrize(
    "method",
    [
        "def __str__(self)",
        "def __repr__(self)",
        "@property\n    def __class__(self)",
        "@property\n    def args(self)",
        "@property\n    def __cause__(self)",
        "@property\n    def __traceback__(self)",
        "@property\n    def __notes__(self)",
        "def __getattribute__(self, name)",
        "__bool__ = lambda self: 1 / 0\n    def __eq__(self, other)",
        "def __hash__(self)",
    ],
)
def test_an_exceptions_own_methods_may_raise_anything(
    api: FakeRuntimeAPI, start: Start, define: str, method: str, raised: str
) -> None:
    process = start(
        f"class Odd(BaseException): ...\n"
        f"class Broken(Exception):\n    {method}:\n        raise {raised}\n"
        f"{define} handler(event):\n"
        f"    if event == 'fail':\n        raise Broken('told')\n"
        f"    return event\n"
    )
    told = api.invoke("fail").json()
    assert told["errorType"] == "Broken"
    assert "in handler" in told["stackTrace"][-1]
    assert api.invoke("alive").json() == "alive"
    assert "Broken" in process.kill()


CAUSES = """
    import asyncio
    class Stock(Exception): ...
    def group():
        async def fail(error):
            raise error
        async def run():
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(fail(KeyError("first leaf")))
                tasks.create_task(fail(ValueError("second leaf")))
        return run()
    def cause():
        try:
            {}["the key"]
        except KeyError as error:
            raise Stock("none left") from error
    def context():
        try:
            {}["the key"]
        except KeyError:
            raise Stock("none left")
    def suppressed():
        try:
            {}["the key"]
        except KeyError:
            raise Stock("none left") from None
    def notes():
        error = Stock("none left")
        error.add_note("a note\\nof two lines")
        raise error
    def circle():
        one, two = Stock("one"), Stock("two")
        one.__cause__, two.__cause__ = two, one
        raise one
    def deep():
        error = None
        for number in range(1000):
            error = ExceptionGroup(f"{number}", [error or Stock("leaf"), Stock("x" * 100_000)])
        raise error
    async def handler(event):
        value = globals()[event]()
        if value is not None:
            await value
"""


@pytest.mark.parametrize("log_format", ["Text", "JSON"])
def test_the_cause_is_told(api: FakeRuntimeAPI, start: Start, log_format: str) -> None:
    process = start(CAUSES, AWS_LAMBDA_LOG_FORMAT=log_format)
    told: Any = api.invoke("group").json()
    assert told["errorMessage"] == "unhandled errors in a TaskGroup (2 sub-exceptions)"
    leaves = [(leaf["errorType"], leaf["errorMessage"]) for leaf in told["errorGroup"]]
    assert leaves == [("KeyError", "'first leaf'"), ("ValueError", "second leaf")]
    assert "in fail\n    raise error" in told["errorGroup"][0]["stackTrace"][-1]
    for how in ("cause", "context"):
        told = api.invoke(how).json()
        assert told["errorMessage"] == "none left"
        assert told["errorCause"]["errorType"] == "KeyError"
        assert told["errorCause"]["errorMessage"] == "'the key'"
        assert f"in {how}\n" in told["errorCause"]["stackTrace"][-1]
    assert "errorCause" not in api.invoke("suppressed").json()
    assert api.invoke("notes").json()["errorNotes"] == ["a note\nof two lines"]
    assert api.invoke("circle").json()["errorCause"]["errorMessage"] == "two"
    assert len(api.invoke("deep").body) < 1024 * 1024
    out = process.kill()
    assert out.count("\n") == 7
    lines = out.split("\n")
    for line, words in zip(
        lines, ["first leaf", "the key", "the key", "none left", "a note"], strict=False
    ):
        assert words in line
    if log_format == "JSON":
        assert json.loads(lines[1])["errorCause"]["errorType"] == "KeyError"
    else:
        assert "\r1. KeyError: 'first leaf'\r" in out
        assert "\rCaused by KeyError: 'the key'\r" in out


def test_the_leaves_of_a_group_fit_the_trailers_of_a_stream(
    api: FakeRuntimeAPI, start: Start
) -> None:
    start(
        """
        async def handler(event):
            yield "begun"
            leaves = [ValueError(f"leaf {number} " + "x" * 500) for number in range(20)]
            leaves[0].__cause__ = KeyError("y" * 5000)
            raise ExceptionGroup("several", leaves)
        """
    )
    error = api.invoke({}).stream_error
    assert error is not None
    told = error.body
    assert told["errorMessage"] == "several (20 sub-exceptions)"
    assert told["errorGroup"][0]["errorMessage"].startswith("leaf 0 ")


@pytest.mark.parametrize("log_format", ["Text", "JSON"])
def test_an_import_error_says_where(
    api: FakeRuntimeAPI, start: Start, tmp_path: Path, log_format: str
) -> None:
    (tmp_path / "orders").mkdir()
    (tmp_path / "orders" / "__init__.py").write_text("\nfrom . import stock\n")
    (tmp_path / "orders" / "stock.py").write_text("import json\n\nimport no_such_driver\n")
    process = start("import orders\ndef handler(event): ...", AWS_LAMBDA_LOG_FORMAT=log_format)
    told = api.wait_for_init_error().json()
    assert told["errorType"] == "Runtime.ImportModuleError"
    assert told["errorMessage"] == "Unable to import module 'app': No module named 'no_such_driver'"
    assert told["errorCause"]["errorType"] == "ModuleNotFoundError"
    assert told["errorCause"]["stackTrace"] == [
        f'  File "{tmp_path}/app.py", line 1, in <module>\n    import orders\n',
        f'  File "{tmp_path}/orders/__init__.py", line 2, in <module>\n    from . import stock\n',
        f'  File "{tmp_path}/orders/stock.py", line 3, in <module>\n    import no_such_driver\n',
    ]
    _, out, _ = process.wait()
    assert out.count("\n") == 2  # the platform's warning line, and the record
    assert "orders/stock.py" in out


def test_a_wrong_message_is_one_clear_record(api: FakeRuntimeAPI, start: Start) -> None:
    process = start(
        """
        from dataclasses import dataclass
        from lambda_events import SQSEvent
        @dataclass
        class Order:
            number: int
        def handler(event: SQSEvent[Order]):
            return [use(record) for record in event.records]
        def use(record):
            return record.payload
        """
    )
    record = {
        "messageId": "1",
        "receiptHandle": "r",
        "body": '{"number": "one"}',
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1",
            "SenderId": "s",
            "ApproximateFirstReceiveTimestamp": "1",
        },
        "messageAttributes": {},
        "md5OfBody": "m",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:orders",
        "awsRegion": "eu-west-1",
    }
    told = api.invoke({"Records": [record]}).json()
    assert told["errorType"] == "EventDecodeError"
    assert "number" in told["errorMessage"]
    assert "in use\n    return record.payload" in told["stackTrace"][-1]
    assert not [frame for frame in told["stackTrace"] if "lambda_" in frame or "attr" in frame]
    assert "errorCause" not in told
    out = process.kill()
    assert out.count("\n") == 1
    assert out.count("\r") < 12


def test_frames_of_our_decorators_are_left_out(api: FakeRuntimeAPI, start: Start) -> None:
    start(
        """
            from lambda_runtime import function
            def around(event, context, call_next):
                return call_next(event, context)
            @function(middleware=[around])
            def handler(event, context):
                raise ValueError
        """
    )
    frames = api.invoke({}).json()["stackTrace"]
    assert [frame.partition("\n")[0].rpartition(" ")[2] for frame in frames] == [
        "around",
        "handler",
    ]
