"""OpenTelemetry's own instrumentation in the same process: never two spans, and never none."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

import pytest

from lambda_otel import instrument, uninstrument

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from opentelemetry.sdk.trace import TracerProvider

    from lambda_testing import Invoker

    from .conftest import Collector

APP = """
def plain(event, context):
    return "done"

async def coroutine(event, context):
    return "done"
"""
CONTRIB = "opentelemetry.instrumentation.aws_lambda"


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, invoke: Invoker) -> Iterator[Any]:
    (tmp_path / "traced_app.py").write_text(APP)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, CONTRIB, raising=False)
    yield importlib.import_module("traced_app")
    sys.modules.pop("traced_app", None)


@pytest.mark.parametrize("comes_first", [True, False])
@pytest.mark.parametrize("handler", ["plain", "coroutine"])
def test_an_invocation_has_one_span_whoever_comes_first(
    handler: str,
    comes_first: bool,
    app: Any,
    invoke: Invoker,
    collector: Collector,
    shared_providers: tuple[TracerProvider, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("_HANDLER", f"traced_app.{handler}")
    provider, _ = shared_providers

    def contrib() -> Any:
        instrumentor = importlib.import_module(CONTRIB).AwsLambdaInstrumentor()
        instrumentor.instrument(tracer_provider=provider)
        return instrumentor

    other: Any = contrib() if comes_first else None
    instrument(tracer_provider=provider)
    try:
        other = other or contrib()
        assert invoke(getattr(app, handler), {}).value == "done"
        assert len(collector.spans) == 1
    finally:
        uninstrument()
        other.uninstrument()


@pytest.mark.parametrize("variable", ["_HANDLER", "AWS_LAMBDA_FUNCTION_NAME"])
def test_it_has_found_no_handler(
    variable: str,
    app: Any,
    invoke: Invoker,
    collector: Collector,
    shared_providers: tuple[TracerProvider, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("_HANDLER", "traced_app.plain")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "shop")
    monkeypatch.delenv(variable)
    provider, _ = shared_providers
    importlib.import_module(CONTRIB).AwsLambdaInstrumentor().instrument(tracer_provider=provider)
    instrument(tracer_provider=provider)
    try:
        assert invoke(app.plain, {}).value == "done"
    finally:
        uninstrument()
    assert len(collector.spans) == 1


def test_it_does_its_work_where_there_is_no_span(
    app: Any,
    collector: Collector,
    shared_providers: tuple[TracerProvider, Any],
    make_lambda_context: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("_HANDLER", "traced_app.plain")
    provider, _ = shared_providers
    instrument(tracer_provider=provider)
    instrumentor = importlib.import_module(CONTRIB).AwsLambdaInstrumentor()
    instrumentor.instrument(tracer_provider=provider)
    try:
        assert app.plain({}, make_lambda_context()) == "done"
    finally:
        instrumentor.uninstrument()
        uninstrument()

    assert collector.root.name == "test-function"
