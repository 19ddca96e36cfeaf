"""Log records: what one costs, against awslambdaric's formatter and structlog.

Each record is JSON with a message, three fields and a request id, written to /dev/null through the
framed channel (structlog: to a file, as it has no such channel). All loggers are set up in
one process.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from _group import Group
from _rounds import Calls, Programs
from awslambdaric import bootstrap as aws

from lambda_logging import LambdaHandler, configure, log
from lambda_logging.runtime import current_request

if TYPE_CHECKING:
    from collections.abc import Callable

REQUEST_ID = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
FIELDS = {"order": 17, "customer": "Ada", "total": 12.5}


class Request:
    """An invocation, as a runtime describes it."""

    aws_request_id = REQUEST_ID
    tenant_id: str | None = None
    trace_id: str | None = None


def loggers() -> dict[str, Callable[[], object]]:
    """Set the loggers up, and return what writes one record with each."""
    null = os.open(os.devnull, os.O_WRONLY)
    ours = _logger("ours", LambdaHandler())
    theirs = _logger("theirs", _aws_handler(null))
    # configure() would take the request id of AWS's runtime, if that were there.
    del sys.modules["awslambdaric.bootstrap"]
    channel = {"_LAMBDA_TELEMETRY_LOG_FD": str(null)}
    configure({"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_RUNTIME_API": "x", **channel})
    current_request.set(Request())
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


_WRITERS = loggers()
_PAIRS = [
    ("a record of `log`", "log", "aws"),
    ("a record of `log`, against structlog", "log", "structlog"),
    ("a record of `logging`", "stdlib", "aws"),
    ("a level that is off", "log, off", "aws, off"),
    ("a level that is off, with fields", "log, off, fields", "aws, off, fields"),
]
_IMPORTS = [
    ("import, and `configure()`", "import lambda_logging; lambda_logging.configure()"),
    ("import, and a first record", "from lambda_logging import log; log.info('m')"),
]
GROUP = Group(
    title="Log records",
    measurements=[
        *(
            Programs(
                what,
                code,
                "import awslambdaric.lambda_runtime_log_utils",
                environment={"AWS_LAMBDA_RUNTIME_API": "x", "AWS_LAMBDA_LOG_FORMAT": "JSON"},
            )
            for what, code in _IMPORTS
        ),
        *(Calls(what, _WRITERS[ours], _WRITERS[peer]) for what, ours, peer in _PAIRS),
    ],
    ours="lambda-logging",
    distributions=("lambda-logging", "awslambdaric", "structlog"),
    pairs=41,
)
