"""``uv run benchmarks/logging_records.py``: a log record's price, beside others', pair by pair.

Each record is JSON with a message, three fields and a request id, written to /dev/null through the
framed channel (structlog: to a file, as it has no such channel). The loggers take turns in one
process, in short rounds, so that all see the same weather; the ratio is the median over the rounds.
"""

from __future__ import annotations

import argparse
import logging
import os
import platform
import statistics
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from awslambdaric import bootstrap as aws

from lambda_logging import LambdaHandler, configure, log
from lambda_logging._request import current

if TYPE_CHECKING:
    from collections.abc import Callable

REQUEST_ID = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
FIELDS = {"order": 17, "customer": "Ada", "total": 12.5}


class Request:
    """An invocation, as a runtime describes it."""

    aws_request_id = REQUEST_ID
    tenant_id: str | None = None
    trace_id: str | None = None


PAIRS = [
    ("a record of `log`", "log", "aws", 0.4),
    ("a record of `log`, beside structlog", "log", "structlog", 0.5),
    ("a record of `logging`", "stdlib", "aws", 0.8),
    ("a level that is off", "log, off", "aws, off", 1.2),
    ("a level that is off, with fields", "log, off, fields", "aws, off, fields", 1.2),
]
IMPORTS = [
    ("import, and `configure()`", "import lambda_logging; lambda_logging.configure()"),
    ("import, and a first record", "from lambda_logging import log; log.info('m')"),
]
THEIR_IMPORT = "import awslambdaric.lambda_runtime_log_utils"


def loggers() -> dict[str, Callable[[], object]]:
    """Set the loggers up, and return what writes one record with each."""
    null = os.open(os.devnull, os.O_WRONLY)
    ours = _logger("ours", LambdaHandler())
    theirs = _logger("theirs", _aws_handler(null))
    # configure() would take the request id of AWS's runtime, if that were there.
    del sys.modules["awslambdaric.bootstrap"]
    channel = {"_LAMBDA_TELEMETRY_LOG_FD": str(null)}
    configure({"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_RUNTIME_API": "x", **channel})
    current.set(Request())
    other = _structlog()
    return {
        "log": lambda: log.info("an order was placed", order=17, customer="Ada", total=12.5),
        "stdlib": lambda: ours.info("an order was placed", extra=FIELDS),
        "aws": lambda: theirs.info("an order was placed", extra=FIELDS),
        "structlog": lambda: other.info(
            "an order was placed", order=17, customer="Ada", total=12.5
        ),
        "log, off": lambda: log.debug("an order was placed"),
        "aws, off": lambda: theirs.debug("an order was placed"),
        "log, off, fields": lambda: log.debug("an order was placed", order=17, customer="Ada"),
        "aws, off, fields": lambda: theirs.debug(
            "an order was placed", extra={"order": 17, "customer": "Ada"}
        ),
    }


def _logger(name: str, handler: logging.Handler) -> logging.Logger:
    logger = logging.getLogger(name)
    logger.propagate = False
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    return logger


def _aws_handler(fd: int) -> logging.Handler:
    sink = aws.FramedTelemetryLogSink(fd)
    sink.__enter__()
    aws._GLOBAL_AWS_REQUEST_ID = REQUEST_ID  # noqa: SLF001 (where it keeps it)
    handler: logging.Handler = aws.LambdaLoggerHandlerWithFrameType(sink)
    handler.setFormatter(aws.JsonFormatter())
    handler.addFilter(aws.LambdaLoggerFilter())
    return handler


def _structlog() -> Any:
    structlog.contextvars.bind_contextvars(requestId=REQUEST_ID)
    return structlog.wrap_logger(
        structlog.WriteLogger(Path(os.devnull).open("w", encoding="utf-8")),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    ).bind()


def nanoseconds(write: Callable[[], object], records: int) -> float:
    """Return the price of one record."""
    start = time.perf_counter_ns()
    for _ in range(records):
        write()
    return (time.perf_counter_ns() - start) / records


def milliseconds(code: str) -> float:
    """Return the time of a whole program."""
    start = time.perf_counter_ns()
    environ = {**os.environ, "AWS_LAMBDA_RUNTIME_API": "x", "AWS_LAMBDA_LOG_FORMAT": "JSON"}
    command = [sys.executable, "-c", code]
    subprocess.run(command, check=True, env=environ, stdout=subprocess.DEVNULL)
    return (time.perf_counter_ns() - start) / 1e6


def row(name: str, ours: list[float], theirs: list[float], unit: str, goal: float) -> str:
    """Return a row of the table."""
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    low, _, high = statistics.quantiles(ratios, n=4)
    return (
        f"| {name} | {statistics.median(ours):.1f} {unit} | {statistics.median(theirs):.1f} {unit} "
        f"| **{statistics.median(ratios):.2f}** | {low:.2f} to {high:.2f} | {goal} |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="logging_records.py", description=__doc__)
    parser.add_argument("--rounds", type=int, default=41, help="rounds of all loggers (41)")
    parser.add_argument("--records", type=int, default=1000, help="records in a round (1000)")
    options = parser.parse_args()
    print(
        f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}, "
        f"awslambdaric {version('awslambdaric')}, structlog {version('structlog')}, "
        f"{options.rounds} rounds of {options.records} records\n\n"
        "| what | lambda-logging | peer | ratio | middle half of the ratios | at most |\n"
        "|---|---|---|---|---|---|"
    )
    for name, code in IMPORTS:
        ours, theirs = [], []
        for _ in range(options.rounds):
            bare, mine, peer = (milliseconds(each) for each in ("pass", code, THEIR_IMPORT))
            ours.append(mine - bare)
            theirs.append(peer - bare)
        print(row(name, ours, theirs, "ms", 1), flush=True)
    writers = loggers()
    times: dict[str, list[float]] = {}
    for _ in range(options.rounds):
        for name, write in writers.items():
            times.setdefault(name, []).append(nanoseconds(write, options.records) / 1000)
    for name, our_side, their_side, goal in PAIRS:
        print(row(name, times[our_side][1:], times[their_side][1:], "us", goal), flush=True)


if __name__ == "__main__":
    main()
