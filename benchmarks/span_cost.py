"""The instructions of a warm span: ``uv run benchmarks/span_cost.py``.

A span is a few microseconds, and clocks are noisy: valgrind counts instructions instead, of an
invocation without a span, of one with a span, and of what OpenTelemetry's SDK alone needs for a
span with the same attributes and its export. The exporter drops the spans. It takes a minute, and
needs valgrind.
"""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextvars import copy_context
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opentelemetry.context import Context, attach
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON
from opentelemetry.trace import SpanKind, set_span_in_context

from lambda_otel import instrument, uninstrument
from lambda_runtime.in_process import InProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from opentelemetry.sdk.trace import ReadableSpan

INVOCATIONS = 60
MARK = "getpgrp"  # a function of the C library that nothing else calls
ARN = "arn:aws:lambda:eu-west-1:123456789012:function:f"
EVENTS = {
    "an event": b'{"name": "Ada"}',
    "a request": b"""{
        "version": "2.0", "routeKey": "GET /pets/{id}", "rawPath": "/pets/10",
        "rawQueryString": "a=1", "headers": {
            "accept": "*/*", "host": "example.com", "user-agent": "agent",
            "x-forwarded-for": "192.0.2.1", "x-forwarded-port": "443", "x-forwarded-proto": "https"
        },
        "requestContext": {"domainName": "example.com", "http": {
            "method": "GET", "path": "/pets/10", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"
        }}
    }""",
}


class Dropping(SpanExporter):
    """Takes spans, and keeps the attributes of the last one."""

    def __init__(self) -> None:
        self.attributes: dict[str, Any] = {}

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Drop spans."""
        self.attributes = dict(spans[-1].attributes or {})
        return SpanExportResult.SUCCESS


def main() -> None:
    """Run this program under valgrind, and print what it counts."""
    if sys.argv[1:] == ["--counted"]:
        run_all()
        return
    if shutil.which("valgrind") is None:
        sys.exit("valgrind, which counts instructions, is not installed: install its package.")
    with tempfile.TemporaryDirectory() as folder:
        counter = ["valgrind", "--tool=callgrind", f"--dump-before={MARK}"]
        output = f"--callgrind-out-file={folder}/count"
        program = [sys.executable, __file__, "--counted"]
        command = [*counter, output, *program]
        done = subprocess.run(command, capture_output=True, check=False, text=True)
        if done.returncode != 0:
            sys.exit(done.stderr)
        for number, name in enumerate(done.stdout.splitlines()):
            # A dump at each mark: one for what came before a phase, and one for the phase.
            instructions = count_in(Path(folder, f"count.{2 * number + 2}"))
            print(f"{instructions // INVOCATIONS:>9,} instructions: {name}")


def count_in(dump: Path) -> int:
    """Return the number of instructions that a dump of callgrind has."""
    lines = dump.read_text(errors="replace").splitlines()
    return int(next(line for line in reversed(lines) if line.startswith("totals:")).split()[1])


def run_all() -> None:
    """Run all phases, and print their names in their order."""
    gc.collect()
    gc.freeze()
    gc.disable()
    exporter, providers = Dropping(), {}
    for name, sampler in (("recorded", ALWAYS_ON), ("not sampled", ALWAYS_OFF)):
        providers[name] = TracerProvider(sampler=sampler, shutdown_on_exit=False)
        processor = BatchSpanProcessor(exporter, schedule_delay_millis=3_600_000)
        providers[name].add_span_processor(processor)
    run_handler("no span")
    for name, provider in providers.items():
        run_handler(name, provider, exporter)
    os._exit(0)


def run_handler(
    name: str, provider: TracerProvider | None = None, exporter: Dropping | None = None
) -> None:
    """Count the invocations of a handler for each event, and what the SDK does for its span."""
    headers = {
        "lambda-runtime-aws-request-id": "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
        "lambda-runtime-deadline-ms": str(int(time.time() * 1000) + 3_600_000),
        "lambda-runtime-invoked-function-arn": ARN,
        "lambda-runtime-trace-id": "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0",
    }
    for what, event in EVENTS.items():
        if provider is not None:
            instrument(tracer_provider=provider)
        with InProcess(lambda _: {"statusCode": 200}) as function:
            count(f"{what}, {name}", partial(function.invoke, headers, event))
        uninstrument()
        if provider is not None and exporter is not None and exporter.attributes:
            run_sdk(f"{what}, {name}: the SDK alone", provider, exporter)
            exporter.attributes = {}


def run_sdk(name: str, provider: TracerProvider, exporter: Dropping) -> None:
    """Count the SDK's part, of a span like the last one."""
    attributes, root, tracer = exporter.attributes, Context(), provider.get_tracer("span_cost")

    def make_span() -> None:
        span = tracer.start_span("f", root, SpanKind.SERVER, attributes)
        attach(set_span_in_context(span, root))
        span.end()
        provider.force_flush()

    count(name, lambda: copy_context().run(make_span))


def count(name: str, call: Callable[[], object]) -> None:
    """Call something often, between two marks."""
    for _ in range(150):
        call()
    os.getpgrp()
    for _ in range(INVOCATIONS):
        call()
    os.getpgrp()
    print(name, flush=True)


if __name__ == "__main__":
    main()
