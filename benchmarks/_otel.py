"""A span of each invocation: lambda-otel's, against that of OpenTelemetry's own instrumentation."""

from __future__ import annotations

from _compare import AWS, FIRST_POLL, OURS, PROCESSOR, WALL, Comparison
from _group import Group
from _server import Load

_CONTRIB = "traced_contrib.handler"
# The instrumentation replaces the function that this variable names.
_PEER = ("env", f"_HANDLER={_CONTRIB}", "AWS_LAMBDA_FUNCTION_NAME=f", *AWS, _CONTRIB)
_HANDLERS = {"`def`": "traced.handler", "`async def`": "traced_async.handler"}

GROUP = Group(
    title="Traced invocations",
    measurements=[
        Comparison(kind, (*OURS, handler), _PEER, load, figures)
        for load, figures in (
            (Load(), [FIRST_POLL]),
            (Load(event=b'{"name": "Ada"}', invocations=1000, warmup=100), [WALL, PROCESSOR]),
        )
        for kind, handler in _HANDLERS.items()
    ],
    peer="awslambdaric with the contrib instrumentation",
    distributions=(
        "lambda-otel",
        "lambda-runtime",
        "opentelemetry-sdk",
        "opentelemetry-instrumentation-aws-lambda",
        "awslambdaric",
    ),
)
