"""The formatter of JSON logs, which functions extend and set on handlers of ``logging``."""

from __future__ import annotations

import json
import logging
import os
import traceback
from enum import IntEnum

from lambda_logging.runtime import root_handler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["JsonFormatter", "LambdaLoggerFilter", "LogFormat"]

_RESERVED = frozenset(
    (
        *logging.LogRecord("", 0, "", 0, "", (), None).__dict__,
        "_frame_type",
        "aws_request_id",
        "tenant_id",
    )
) - {"taskName"}


class LogFormat(IntEnum):
    """The formats of the platform's log."""

    JSON = 0
    TEXT = 1

    @classmethod
    def from_str(cls, value: str | None) -> int:
        """Return a format.

        Args:
            value: ``JSON`` or ``TEXT``, as `AWS_LAMBDA_LOG_FORMAT` has it.
        """
        return (cls.JSON if value and value.upper() == "JSON" else cls.TEXT).value


class LambdaLoggerFilter(logging.Filter):
    """Gives a record the ids of its request, for handlers that the function adds."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let a record pass.

        Args:
            record: The record; it gets attributes.
        """
        record.aws_request_id = getattr(record, "aws_request_id", "")
        record.tenant_id = getattr(record, "tenant_id", None)
        return True


class _Encoder(json.JSONEncoder):
    """Writes a record, with the ``default`` that a function may put in place of `str`.

    The platform's own records have no place for it: from then on, they are written from here, too.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        is_json = LogFormat.from_str(os.environ.get("AWS_LAMBDA_LOG_FORMAT")) == LogFormat.JSON
        if name == "default" and value is not str and is_json:
            root_handler.setFormatter(JsonFormatter())


_json_encoder = _Encoder(ensure_ascii=False, default=str)


class JsonFormatter(logging.Formatter):
    """Writes a record as AWS's runtime does where the log is in JSON: one line for each."""

    def __init__(self) -> None:
        """Have the date format of the platform."""
        super().__init__(datefmt="%Y-%m-%dT%H:%M:%SZ")

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as a JSON object and a line end.

        Args:
            record: The record; attributes that ``extra`` has added become members.
        """
        severity = min(50, max(0, record.levelno)) // 10
        # The platform's handler reads here that the line is JSON.
        frame_type = 0xA55A0000 | (6 + 4 * severity if severity else 2)
        record._frame_type = frame_type.to_bytes(4, "big")  # noqa: SLF001 (its name in awslambdaric)
        is_dict = isinstance(record.msg, dict) and not record.args
        told: dict[str, Any] = {
            "timestamp": self.formatTime(record, self.datefmt),
            "level": logging.getLevelName(severity * 10),
            "message": record.msg if is_dict else record.getMessage(),
            "logger": record.name,
            "stackTrace": None,
            "errorType": None,
            "errorMessage": None,
            "requestId": getattr(record, "aws_request_id", None),
            "location": None,
        }
        if record.exc_info:
            kind, error, frames = record.exc_info
            told["stackTrace"] = traceback.format_tb(frames)
            told["errorType"] = None if kind is None else kind.__name__
            told["errorMessage"] = str(error)
            told["location"] = f"{record.pathname}:{record.funcName}:{record.lineno}"
        tenant = getattr(record, "tenant_id", None)
        if tenant is not None:
            told["tenantId"] = tenant
        told |= {
            name: value
            for name, value in record.__dict__.items()
            if name not in _RESERVED and name not in told
        }
        told = {name: value for name, value in told.items() if value is not None}
        return _json_encoder.encode(told) + "\n"
