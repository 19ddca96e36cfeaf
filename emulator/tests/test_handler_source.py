"""Handlers that are read from their source, of which nothing is run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lambda_emulator import configure
from lambda_emulator._console_samples import find_sample
from lambda_emulator._handler_source import HandlerSource, read_handler

if TYPE_CHECKING:
    from pathlib import Path


def read(path: Path, source: str, handler: str = "handler") -> HandlerSource:
    (path / "app_of_test.py").write_text(f"raise SystemExit('it was run')\n{source}\n")
    return read_handler(configure(f"app_of_test.{handler}").program)


@pytest.fixture(autouse=True)
def _within(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("source", "sample"),
    [
        (
            "from lambda_events import SQSEvent\ndef handler(event: SQSEvent, context): ...",
            "SQSEvent",
        ),
        ("import lambda_events\ndef handler(event: lambda_events.SNSEvent): ...", "SNSEvent"),
        ("from lambda_events import S3Event as E\nasync def handler(event: E): ...", "S3Event"),
        ("def handler(event: 'SQSEvent[Order] | None'): ...", "SQSEvent"),
        ("def handler(event: Annotated[KinesisEvent, 1], /): ...", "KinesisEvent"),
        ("class Mine(DynamoDBEvent): ...\ndef handler(event: Mine): ...", "DynamoDBEvent"),
        ("Mine = EventBridgeEvent[Order]\ndef handler(event: Mine): ...", "EventBridgeEvent"),
        ("@event_source(data_class=ALBEvent)\ndef handler(event, _): ...", "ALBTargetGroupRequest"),
        ("def handler(event: APIGatewayProxyEventV2, _): ...", "APIGatewayV2HTTPEvent"),
        ("def handler(event: S3Model): ...", "S3Event"),
        ("def inner(event: SNSEvent): ...\nhandler = traced(inner)", "SNSEvent"),
        ("def inner(event: SNSEvent): ...\nhandler = inner", "SNSEvent"),
        ("try:\n  import x\nexcept ImportError:\n  def handler(event: SESEvent): ...", None),
        ("if True:\n  def handler(event: ScheduledEvent): ...", "ScheduledEvent"),
        (
            "from lambda_asgi import AsgiHandler\nhandler = AsgiHandler(app)",
            "LambdaFunctionURLEvent",
        ),
        ("def handler(event: dict[str, object], context): ...", None),
        ("def handler(event, context: SQSEvent): ...", None),
        ("def handler(): ...", None),
        ("handler = 1", None),
        ("", None),
        ("def handler(event: 'not an [annotation'): ...", None),
        ("def handler(:", None),
    ],
)
def test_the_annotation_names_a_sample(tmp_path: Path, source: str, sample: str | None) -> None:
    pytest.importorskip("lambda_events")
    assert find_sample(read(tmp_path, source).event_types) == sample


@pytest.mark.parametrize(
    ("source", "streams"),
    [
        ("def handler(event):\n  yield 1", True),
        ("async def handler(event):\n  for x in y:\n    yield x", True),
        ("def handler(event):\n  yield from other()", True),
        ("def handler(event) -> 'AsyncIterator[bytes]':\n  return other()", True),
        ("handler = AsgiHandler(app, streaming=True)", True),
        ("handler = AsgiHandler(app, streaming=False)", False),
        ("def handler(event):\n  def inner():\n    yield 1\n  return list(inner())", False),
        ("def handler(event):\n  return 1", False),
    ],
)
def test_a_generator_streams(tmp_path: Path, source: str, streams: bool) -> None:
    assert read(tmp_path, source).streams is streams


def test_a_handler_is_found_in_the_module_that_defines_it(tmp_path: Path) -> None:
    package = tmp_path / "orders_of_test"
    package.mkdir()
    (package / "__init__.py").write_text("from .inner import handle as handler")
    (package / "inner.py").write_text("def handle(event: SQSEvent): yield 1")
    found = read_handler(configure("orders_of_test.handler").program)
    assert found == HandlerSource("orders_of_test", "handler", ("SQSEvent",), streams=True)


PROGRAMS = {
    "import lambda_runtime\ndef go(e: SNSEvent): ...\nlambda_runtime.run(go)": (None, "go"),
    "from lambda_runtime import run\ndef go(e: SNSEvent): ...\n"
    "if __name__ == '__main__':\n  run(go)": ("main", "go"),
    "from other import go\nrun(go)": ("other", "go"),
    "import other\nrun(other.go)": ("other", "go"),
    "run('other.go')": ("other", "go"),
}


@pytest.mark.parametrize("source", PROGRAMS)
def test_a_program_runs_its_handler(tmp_path: Path, source: str) -> None:
    (tmp_path / "main.py").write_text(source)
    (tmp_path / "other.py").write_text("def go(e: SNSEvent): ...")
    found = read_handler(configure(tmp_path / "main.py").program)
    assert (found.module, found.name) == PROGRAMS[source]
    assert found.event_types == ("SNSEvent",)


def test_a_program_of_its_own_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("print('a loop of its own')")
    assert read_handler(configure(tmp_path / "main.py").program) == HandlerSource()
