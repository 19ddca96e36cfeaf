"""Reports of an exception: for the caller, the log and X-Ray.

Loaded when something fails: a function that works never pays for it. It loads nothing of the
standard library that a file of the function's folder could stand in for, and it never raises,
whatever an exception's own methods do.
"""

from __future__ import annotations

import os
import sys

from lambda_logging.runtime import write_json

from ._json import encode
from ._stack import formatted, frames_of
from .errors import Fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from ._stack import Frame

# Lambda keeps this much of a cause, and cuts a longer one without regard to what matters in it.
_MAX_CAUSE_BYTES = 64 * 1024
# A message of this size is read by nobody; beyond 6 MiB it would be refused with all the rest.
_MAX_MESSAGE_CHARS = 256 * 1024
_MAX_FRAMES = 100
# Lambda's server reads the headers behind a body from a buffer of 4 KiB, and base64 takes a third.
_MAX_TRAILER_BYTES = 2800
# Of the causes of the one that is reported, so that all fit what a caller may get.
_MAX_EXCEPTIONS = 32
_MAX_NESTED_CHARS = 8 * 1024
_MAX_NESTED_FRAMES = 20
_MAX_NOTES = 20
_OURS = ("lambda_runtime", "lambda_events", "lambda_logging")


class Failure:
    """A failed invocation, or a failed start, in the words of the Runtime API."""

    def __init__(self, error: BaseException, request_id: str = "") -> None:
        """Describe an exception.

        Args:
            error: The exception.
            request_id: The invocation that failed, or empty for a failed start.
        """
        frames = frames_of(_own(error, "__traceback__"))
        error_type = cause_type = _name(type(error))
        stack_trace = formatted(frames)
        if issubclass(type(error), Fault):
            error_type, cause_type = _fault_type(error), "LambdaValidationError"
            stack_trace = _fault_trace(error) or stack_trace
        message = _message(error, _MAX_MESSAGE_CHARS)
        self.error: dict[str, Any] = {
            "errorMessage": message,
            "errorType": error_type,
            "requestId": request_id,
            "stackTrace": stack_trace,
        }
        """The error object that the caller gets."""
        exceptions = [_XRayException(cause_type, message, frames)]
        self.error |= _behind(error, {id(error)}, exceptions)
        self.error_type = _metric_type(error_type)
        """The type that Lambda's metrics count it under."""
        self.cause = _cause(exceptions)
        """The X-Ray cause, JSON in ASCII."""

    @property
    def body(self) -> bytes:
        """The error object's JSON."""
        return encode(self.error)

    @property
    def short_body(self) -> bytes:
        """The error object's JSON, cut to what a trailer can hold.

        The frames and the texts of its causes go first, then outer frames, then the
        ends of texts.
        """
        error = _copy(self.error)
        while len(body := encode(error)) > _MAX_TRAILER_BYTES:
            whole = [*_exceptions(error)]
            nested = whole[1:]
            if any(part["stackTrace"] for part in nested):
                for part in nested:
                    part["stackTrace"] = []
                continue
            texts = [
                (len(part[name]), name, part)
                for part in whole
                for name in ("errorMessage", "errorType", "requestId")
                if name in part
            ]
            size, name, longest = max(texts, key=lambda text: text[0])
            trace = error["stackTrace"]
            if trace and size < _MAX_TRAILER_BYTES:
                trace.pop(0)  # the outermost: where it was raised says most
            elif any(part.pop("errorNotes", None) for part in whole):
                continue
            elif size > 100 or not nested:
                longest[name] = f"{longest[name][: size // 2]}..."
            else:
                _drop_last(error)
        return body


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copy(item) for name, item in value.items()}
    return [*map(_copy, value)] if isinstance(value, list) else value


def _exceptions(error: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a described exception, and its causes."""
    yield error
    for part in error.get("errorGroup", ()):
        yield from _exceptions(part)
    if "errorCause" in error:
        yield from _exceptions(error["errorCause"])


def _drop_last(error: dict[str, Any]) -> None:
    """Leave out one of the exceptions behind another one: the innermost cause, or the last part."""
    while True:
        if "errorCause" in error:
            behind = error["errorCause"]
        elif error.get("errorGroup"):
            behind = error["errorGroup"][-1]
        else:
            return
        if behind.get("errorGroup") or "errorCause" in behind:
            error = behind
        elif "errorCause" in error:
            del error["errorCause"]
            return
        else:
            error["errorGroup"].pop()
            return


class _XRayException:
    """One exception as X-Ray gets it; it has no groups, so the first part counts as the cause."""

    __slots__ = ("cause", "frames", "id", "kind", "message")

    def __init__(self, kind: str, message: str, frames: list[Frame]) -> None:
        self.id = os.urandom(8).hex()
        self.kind = kind
        self.message = message
        self.frames = frames
        self.cause: str | None = None

    def cut(self, max_chars: int, max_frames: int) -> dict[str, Any]:
        kept = self.frames[-max_frames:]
        cut: dict[str, Any] = {
            "message": self.message[:max_chars],
            "type": self.kind,
            "stack": [{"label": name, "path": path, "line": line} for path, line, name, _ in kept],
        }
        if len(kept) < len(self.frames):
            cut["truncated"] = len(self.frames) - len(kept)
        return cut


def _behind(
    error: BaseException, seen: set[int], exceptions: list[_XRayException]
) -> dict[str, Any]:
    """Return the rest of an exception's report: its notes, its cause, and its parts.

    Args:
        error: The exception, which is the last of those for X-Ray.
        seen: The ids of all exceptions that have been described.
        exceptions: Takes those behind this one, for X-Ray.
    """
    told: dict[str, Any] = {}
    own, count = exceptions[-1], len(exceptions)
    notes = _notes(error)
    if notes:
        told["errorNotes"] = notes
    if issubclass(type(error), BaseExceptionGroup):
        told["errorGroup"] = parts = []
        members = vars(BaseExceptionGroup)["exceptions"].__get__(error)
        for number, part in enumerate(members):
            if id(part) in seen or len(seen) >= _MAX_EXCEPTIONS:
                rest = len(members) - number
                parts.append(
                    {"errorMessage": f"and {rest} more", "errorType": "", "stackTrace": []}
                )
                break
            parts.append(_nested(part, seen, exceptions))
            own.cause = exceptions[count].id
    cause = _own(error, "__cause__")
    if cause is None and not _own(error, "__suppress_context__") and not _is_ours(type(error)):
        cause = _own(error, "__context__")
    if cause is not None and id(cause) not in seen and len(seen) < _MAX_EXCEPTIONS:
        count = len(exceptions)
        told["errorCause"] = _nested(cause, seen, exceptions)
        own.cause = exceptions[count].id
    return told


def _nested(
    error: BaseException, seen: set[int], exceptions: list[_XRayException]
) -> dict[str, Any]:
    seen.add(id(error))
    frames = frames_of(_own(error, "__traceback__"))
    message = _message(error, _MAX_NESTED_CHARS)
    kind = _fault_type(error) if issubclass(type(error), Fault) else _name(type(error))
    exceptions.append(_XRayException(kind, message, frames))
    return {
        "errorMessage": message,
        "errorType": kind,
        "stackTrace": formatted(frames[-_MAX_NESTED_FRAMES:]),
        **_behind(error, seen, exceptions),
    }


def _own(error: BaseException, name: str) -> Any:
    """Return an attribute as Python itself has it, whatever the exception's class says."""
    return BaseException.__dict__[name].__get__(error)


def _name(kind: type) -> str:
    name: str = type.__dict__["__name__"].__get__(kind)  # a metaclass may have another
    return name


def _is_ours(kind: type) -> bool:
    """Return True if an exception of ours says itself what it comes from."""
    return str(kind.__dict__.get("__module__")).partition(".")[0] in _OURS


def _notes(error: BaseException) -> list[str]:
    try:
        notes = object.__getattribute__(error, "__notes__")
        return [_text(note)[:_MAX_NESTED_CHARS] for note in [*notes][:_MAX_NOTES]]
    except BaseException:  # noqa: BLE001 (there are none, or they are not a list)
        return []


def _message(error: BaseException, limit: int) -> str:
    message = _text(error)
    if len(message) <= limit:
        return message
    return f"{message[:limit]}... ({len(message)} characters)"


def _text(value: object) -> str:
    try:
        return str.__str__(str(value))  # without what a subclass of str has of its own
    except BaseException as unprintable:  # noqa: BLE001 (whatever a user's __str__ raises)
        return f"<{_name(type(value))} whose str() raises {_name(type(unprintable))}>"


def _fault_type(error: Any) -> str:
    try:
        return _text(error.error_type)
    except BaseException:  # noqa: BLE001 (a class derived from Fault may do anything)
        return _name(type(error))


def _fault_trace(error: Any) -> list[str]:
    try:
        return [*map(_text, error.stack_trace)]
    except BaseException:  # noqa: BLE001 (a class derived from Fault may do anything)
        return []


def _metric_type(error_type: str) -> str:
    """Return the type in the only form that Lambda does not count as Runtime.Unknown."""
    origin, dot, name = error_type.partition(".")
    if not dot or origin not in ("Runtime", "Function"):
        origin, name = "Function", error_type
    letters = "".join(letter for letter in name if letter.isascii() and letter.isalpha())[:100]
    return (
        f"{origin}.{letters[:1].upper()}{letters[1:]}" if len(letters) > 1 else "Function.Unknown"
    )


# The messages' characters, the frames of each, and the exceptions that are kept, until all fits.
_CUTS = (
    (_MAX_MESSAGE_CHARS, sys.maxsize, _MAX_EXCEPTIONS),
    (8192, _MAX_FRAMES, _MAX_EXCEPTIONS),
    (1024, _MAX_NESTED_FRAMES, _MAX_EXCEPTIONS),
    (1024, _MAX_NESTED_FRAMES, 4),
    (8192, _MAX_FRAMES, 1),
    (1024, _MAX_FRAMES, 1),
)


def _cause(exceptions: list[_XRayException]) -> str:
    """Return the X-Ray cause: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html.

    Args:
        exceptions: The exception that is reported, and then its causes.
    """
    try:
        directory = os.getcwd()  # noqa: PTH109 (pathlib is slow to import)
    except OSError:  # it was removed
        directory = ""
    for max_chars, max_frames, count in _CUTS:
        kept = exceptions[:count]
        told = [each.cut(max_chars, max_frames) for each in kept]
        if len(kept) > 1:
            ids = {each.id for each in kept}
            for each, part in zip(kept, told, strict=True):
                part["id"] = each.id
                if each.cause in ids:
                    part["cause"] = each.cause
        paths = {frame["path"] for part in told for frame in part["stack"]}
        text = _ascii_json(
            {"working_directory": directory, "exceptions": told, "paths": sorted(paths)}
        )
        if len(text) <= _MAX_CAUSE_BYTES:
            return text
    return ""


def _ascii_json(value: object) -> str:
    text = write_json(value)
    # DEL is ASCII, and the one control character that JSON allows; a header does not.
    if text.isascii() and "\x7f" not in text:
        return text
    return "".join([char if char < "\x7f" else _escape(ord(char)) for char in text])


def _escape(number: int) -> str:
    if number < 0x10000:
        return f"\\u{number:04x}"
    number -= 0x10000
    return f"\\u{0xD800 + (number >> 10):04x}\\u{0xDC00 + (number & 0x3FF):04x}"
