"""Exceptions in records: the keys of the platform, and the causes, groups and notes."""

from __future__ import annotations

from traceback import format_exception, format_tb

from ._plain import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MAX_EXCEPTIONS = 32  # of a chain or of groups within groups


def describe(error: BaseException) -> dict[str, Any]:
    """Return the fields of a JSON record that describe an exception.

    Args:
        error: The exception.

    Returns:
        ``stackTrace`` (list of str), ``errorType`` and ``errorMessage``, as the managed runtime
        has them, and where there are any: ``errorNotes`` (list of str), ``errorCause`` (what the
        exception was raised from, described likewise) and ``errorGroup`` (a list of those).
    """
    return _describe(error, set())


def _describe(error: BaseException, seen: set[int]) -> dict[str, Any]:
    seen.add(id(error))
    fields: dict[str, Any] = {
        "stackTrace": _stack_trace(error),
        "errorType": type(error).__name__,
        "errorMessage": text(error),
    }
    notes = getattr(error, "__notes__", None)
    if isinstance(notes, (list, tuple)) and notes:
        fields["errorNotes"] = [text(note) for note in notes]
    cause = error.__cause__
    if cause is None and not error.__suppress_context__:
        cause = error.__context__
    if cause is not None and _is_new(cause, seen):
        fields["errorCause"] = _describe(cause, seen)
    if isinstance(error, BaseExceptionGroup):
        fields["errorGroup"] = [
            _describe(part, seen) for part in error.exceptions if _is_new(part, seen)
        ]
    return fields


def _is_new(error: BaseException, seen: set[int]) -> bool:
    return id(error) not in seen and len(seen) < _MAX_EXCEPTIONS


def _stack_trace(error: BaseException) -> list[str]:
    try:
        return format_tb(error.__traceback__)
    except Exception:  # noqa: BLE001 (a loader of source code may raise anything)
        return []


def traceback_text(error: BaseException) -> str:
    """Return an exception as Python prints it, without the last line end.

    Args:
        error: The exception.
    """
    try:
        return "".join(format_exception(error)).rstrip("\n")
    except Exception:  # noqa: BLE001 (its notes, or a loader of source code)
        return f"{type(error).__name__}: {text(error)}"
