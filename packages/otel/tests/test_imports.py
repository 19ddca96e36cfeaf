"""The modules that the start of a traced function loads."""

from __future__ import annotations

import json
import subprocess
import sys

PROGRAM = """
import importlib.metadata, json, sys
scans = []
importlib.metadata.entry_points = lambda **_: scans.append(1)
importlib.metadata.distributions = importlib.metadata.entry_points

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter
from lambda_otel import instrument

provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(ConsoleSpanExporter()))
instrument(tracer_provider=provider)
print(json.dumps([len(scans), sorted(sys.modules)]))
"""


def test_a_start_scans_nothing_and_loads_no_instrumentation() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=60
    )

    scans, modules = json.loads(done.stdout)
    assert scans == 0
    heavy = {"aiohttp", "asyncio", "opentelemetry.instrumentation", "pkg_resources", "wrapt"}
    assert heavy.isdisjoint(modules)
