"""Records as text: lines in the format of the managed runtime, and descriptions for people."""

from __future__ import annotations

from ._cut import cut_text
from ._plain import plain, text
from ._record import timestamp
from ._scope import Scope
from ._settings import settings
from ._small_json import to_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ._record import Record

_NEEDS_QUOTES = frozenset(' "=\\')


def as_text(record: Record, line_end: str) -> bytes:
    """Return a record as one line of text.

    Args:
        record: The record.
        line_end: Separates the lines within the record.

    Returns:
        As `text_line` does.
    """
    words = described(record)
    level = record.shown_level or record.level
    request_id = "" if record.request is None else record.request.aws_request_id
    return text_line(record.time_ns, level, request_id, words, line_end)


def text_line(time_ns: int, level: str, request_id: str, words: str, line_end: str) -> bytes:
    r"""Return one line of text: ``[LEVEL]\ttime\trequest id\tmessage``.

    Args:
        time_ns: The time of the record.
        level: The name of its level.
        request_id: The invocation that it belongs to, or empty outside of any.
        words: The message and the fields; they may have several lines.
        line_end: Separates the lines within the record.

    Returns:
        UTF-8, with a line feed at the end, of at most `settings.max_bytes` bytes.
    """
    line = f"[{level}]\t{timestamp(time_ns)}\t{request_id}\t{words}"
    return cut_text(line.replace("\n", line_end), settings.max_bytes)


def described(record: Record) -> str:
    """Return a record in words: ``message key=value``, and then its traceback and its stack."""
    message, fields, request = record.message, record.fields, record.request
    if settings.redact:
        from ._redact import without_secrets

        message = without_secrets(message, settings.redact)
    if type(request) is Scope and request.fields:
        fields = {**request.fields, **fields}
    words = f"{text(message)} {_pairs(fields)}" if fields else text(message)
    if record.error is not None:
        from ._exception import traceback_text

        words = f"{words}\n{traceback_text(record.error)}"
    return words if record.stack is None else f"{words}\n{record.stack}"


def _pairs(fields: Mapping[str, Any]) -> str:
    """Return fields as ``key=value``; values that are not short words are in JSON."""
    safe = plain(fields)
    if settings.redact:
        from ._redact import redact

        safe = redact(safe, settings.redact)
    return " ".join(f"{key}={_word(value)}" for key, value in safe.items())


def _word(value: Any) -> str:
    if isinstance(value, str) and value.isprintable() and not _NEEDS_QUOTES.intersection(value):
        return value or '""'
    return to_json(value).decode()
