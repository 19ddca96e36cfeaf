"""Functions in processes of their own, with a collector beside them."""

from __future__ import annotations

import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

import lambda_otel
from lambda_testing import Function

if TYPE_CHECKING:
    from lambda_testing.plugin import StartProcess

    from .conftest import Collector

INSTRUMENTED = ["opentelemetry-instrument", sys.executable, "-m", "lambda_runtime"]
WRAPPER = Path(lambda_otel.__file__).with_name("otel-instrument")
APP = """
    import asyncio, sys, time
    from opentelemetry import trace

    tracer = trace.get_tracer("app")

    def plain(event, context):
        with tracer.start_as_current_span("child"):
            if "exit" in event:
                sys.exit(event["exit"])

    async def coroutine(event, context):
        with tracer.start_as_current_span("child"):
            await asyncio.sleep(0.02)
        return "answer"

    async def deep(event, context):
        async def task(number):
            with tracer.start_as_current_span(f"task of {event}"):
                await asyncio.sleep(0.01 * (number + event % 3))
                await asyncio.to_thread(lambda: tracer.start_span(f"thread of {event}").end())

        with tracer.start_as_current_span(f"handler of {event}"):
            await asyncio.gather(task(0), task(1))
        yield b"part"
        with tracer.start_as_current_span(f"stream of {event}"):
            await asyncio.sleep(0.01)

    def stuck(event, context):
        time.sleep(60)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(dedent(APP))
    return tmp_path


def environment(collector: Collector, **more: str) -> dict[str, str]:
    return {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_METRICS_EXPORTER": "none",
        "OTEL_LOGS_EXPORTER": "none",
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
        **more,
    }


def test_without_code_there_is_one_span_beside_the_contrib_instrumentation(
    folder: Path, own_collector: Collector, lambda_process: StartProcess
) -> None:
    variables = environment(own_collector, _HANDLER="app.plain")
    process = lambda_process([*INSTRUMENTED, "app.plain"], cwd=folder, env=variables)

    process.invoke({})
    process.invoke({"exit": 7})  # the process ends, and has exported
    own_collector.wait_for(lambda spans: len(spans) == 4)

    first, second = own_collector.roots
    assert first.tree == second.tree == ("test-function", [("child", [])])
    assert (first.status, second.attributes["error.type"]) == ("UNSET", "SystemExit")


def test_the_wrapper_script_names_the_service_and_the_answer_does_not_wait_for_the_export(
    folder: Path, own_collector: Collector, lambda_process: StartProcess
) -> None:
    command = [str(WRAPPER), sys.executable, "-m", "lambda_runtime", "app.coroutine"]
    process = lambda_process(command, cwd=folder, env=environment(own_collector))

    own_collector.hold = threading.Event()
    assert process.invoke({}).value == "answer"
    assert own_collector.spans == []
    own_collector.hold.set()
    own_collector.wait_for(lambda spans: len(spans) == 2)

    assert own_collector.root.tree == ("test-function", [("child", [])])
    (resource,) = own_collector.resources
    assert resource["service.name"] == resource["faas.name"] == "test-function"
    assert resource["cloud.platform"] == "aws_lambda"


def test_spans_of_the_start_are_exported_before_the_snapshot(
    tmp_path: Path, own_collector: Collector, lambda_process: StartProcess
) -> None:
    start = 'tracer.start_span("start").end()'
    (tmp_path / "app.py").write_text(dedent(APP) + start)
    process = lambda_process(
        [*INSTRUMENTED, "app.plain"],
        function=Function(snap_start=True),
        cwd=tmp_path,
        env=environment(own_collector, OTEL_BSP_SCHEDULE_DELAY="600000"),
    )

    process.api.wait_for_snapshot()
    assert [span.name for span in own_collector.spans] == ["start"]
    process.api.restore()
    process.invoke({})
    own_collector.wait_for(lambda spans: len(spans) >= 3)

    assert sorted(span.name for span in own_collector.spans) == ["child", "start", "test-function"]


def test_16_invocations_at_a_time_have_their_own_trees(
    folder: Path, own_collector: Collector, lambda_process: StartProcess
) -> None:
    process = lambda_process(
        [*INSTRUMENTED, "app.deep"],
        function=Function(max_concurrency=16),
        cwd=folder,
        env=environment(own_collector, OTEL_BSP_SCHEDULE_DELAY="100", _HANDLER="app.deep"),
    )
    trace_ids = [f"{number + 1:032x}" for number in range(48)]

    def invoke(number: int) -> Any:
        header = f"00-{trace_ids[number]}-{number + 1:016x}-01"
        return process.invoke(number, client_context={"w3c": {"traceparent": header}})

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(invoke, range(48)))
    own_collector.wait_for(lambda spans: len(spans) == 48 * 7)

    roots = {root.trace_id: root for root in own_collector.roots}
    assert sorted(roots) == trace_ids
    for number, trace_id in enumerate(trace_ids):
        root = roots[trace_id]
        assert root.parent_id == f"{number + 1:016x}"
        tasks: list[Any] = [(f"task of {number}", [(f"thread of {number}", [])])] * 2
        steps = [(f"handler of {number}", tasks), (f"stream of {number}", [])]
        assert root.tree == ("test-function", steps)


FORKED = """
    import os, time
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from lambda_otel import instrument
    from lambda_runtime import run

    instrument()
    provider = TracerProvider()  # it may be set later
    provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    tracer = trace.get_tracer("app")

    def handler(event, context):
        with tracer.start_as_current_span(f"child of {event}"):
            time.sleep(0.02)
        return os.getpid()

    run(handler)
"""


def test_workers_of_a_def_handler_that_are_forked_have_their_own_trees(
    tmp_path: Path, own_collector: Collector, lambda_process: StartProcess
) -> None:
    (tmp_path / "main.py").write_text(dedent(FORKED))
    process = lambda_process(
        [sys.executable, "main.py"],
        function=Function(max_concurrency=4),
        cwd=tmp_path,
        env=environment(own_collector),
    )

    process.api.wait_for_polls(4)  # or one worker might serve all before the others are up

    def invoke(number: int) -> Any:
        header = f"00-{number:032x}-{number:016x}-01"
        return process.invoke(number, client_context={"w3c": {"traceparent": header}}).value

    with ThreadPoolExecutor(4) as pool:
        workers = set(pool.map(invoke, range(1, 17)))
    own_collector.wait_for(lambda spans: len(spans) == 32)

    assert len(workers) > 1
    roots = sorted(own_collector.roots, key=lambda root: root.trace_id)
    for number, root in enumerate(roots, 1):
        assert (root.trace_id, root.parent_id) == (f"{number:032x}", f"{number:016x}")
        assert root.tree == ("test-function", [(f"child of {number}", [])])


def test_a_def_handler_that_lambda_ends_has_a_span(
    folder: Path, own_collector: Collector, lambda_process: StartProcess
) -> None:
    process = lambda_process(
        [*INSTRUMENTED, "app.stuck"],
        cwd=folder,
        env=environment(own_collector),
    )

    process.api.wait_for_poll()
    # It is ended a second after its deadline: a slow machine needs the time for the export.
    told = {"Lambda-Runtime-Deadline-Ms": str(time.time_ns() // 1_000_000 + 1000)}
    process.invoke({}, timeout=2, headers=told)
    own_collector.wait_for(lambda spans: len(spans) == 1)

    root = own_collector.root
    assert (root.status, root.attributes["error.type"]) == ("ERROR", "Sandbox.Timedout")
    ((_, exception),) = root.events
    assert "time.sleep(60)" in exception["exception.stacktrace"]
