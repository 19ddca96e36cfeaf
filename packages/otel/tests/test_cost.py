"""The cost of a span, counted in bytecodes of this package: they do not depend on the machine.

``uv run benchmarks otel`` measures the time, with what the SDK needs.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON

import lambda_otel
from lambda_otel import instrument, uninstrument
from lambda_runtime.in_process import InProcess

if TYPE_CHECKING:
    from types import FrameType

    from opentelemetry.sdk.trace.sampling import Sampler

OURS = str(Path(lambda_otel.__file__).parent)
PLAIN = b'{"name": "Ada"}'
REQUEST = b"""{
    "version": "2.0", "routeKey": "GET /pets/{id}", "rawPath": "/pets/10", "rawQueryString": "a=1",
    "headers": {"host": "example.com", "user-agent": "agent", "x-forwarded-proto": "https"},
    "requestContext": {"domainName": "example.com", "http": {
        "method": "GET", "path": "/pets/10", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"
    }}
}"""


def handler(event: Any) -> dict[str, int]:
    return {"statusCode": 200}


def bytecodes_of(function: InProcess, event: bytes) -> int:
    """Return the number of this package's bytecodes that a warm invocation runs."""
    count = 0

    def trace(frame: FrameType, kind: str, argument: object) -> Any:
        nonlocal count
        if not frame.f_code.co_filename.startswith(OURS):
            return None
        frame.f_trace_opcodes = True
        count += kind == "opcode"
        return trace

    headers = {
        "lambda-runtime-aws-request-id": "id",
        "lambda-runtime-deadline-ms": str(int(time.time() * 1000) + 600_000),
        "lambda-runtime-invoked-function-arn": "arn:aws:lambda:eu-west-1:123456789012:function:f",
        "lambda-runtime-trace-id": "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0",
    }
    for _ in range(3):
        function.invoke(headers, event)
    before = sys.gettrace()
    for _ in range(2):  # Python 3.12 traces no bytecodes the first time
        count = 0
        sys.settrace(trace)
        try:
            function.invoke(headers, event)
        finally:
            sys.settrace(before)
    return count


@pytest.mark.parametrize(
    ("event", "sampler", "most"),
    [
        (PLAIN, ALWAYS_ON, 720),
        (REQUEST, ALWAYS_ON, 1220),
        (PLAIN, ALWAYS_OFF, 630),
        (REQUEST, ALWAYS_OFF, 1060),
    ],
)
def test_a_warm_span_is_cheap(event: bytes, sampler: Sampler, most: int) -> None:
    provider = TracerProvider(sampler=sampler)
    with open("/dev/null", "w") as nowhere:  # noqa: PTH123 (a stream)
        provider.add_span_processor(BatchSpanProcessor(ConsoleSpanExporter(out=nowhere)))
        instrument(tracer_provider=provider)
        try:
            with InProcess(handler) as function:
                count = bytecodes_of(function, event)
        finally:
            uninstrument()
            provider.shutdown()

    assert 0 < count < most
