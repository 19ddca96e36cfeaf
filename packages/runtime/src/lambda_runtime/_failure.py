"""What the caller, the log and X-Ray are told of an exception.

Loaded when something fails: a function that works never pays for it.
"""

from __future__ import annotations

import json
import os
from traceback import extract_tb, format_list

from ._json import encode
from .errors import Fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

# Lambda keeps this much of a cause, and cuts a longer one without regard to what matters in it.
_MAX_CAUSE_BYTES = 64 * 1024
# A message of this size is read by nobody; beyond 6 MiB it would be refused with all the rest.
_MAX_MESSAGE_CHARS = 256 * 1024
_MAX_FRAMES = 100
# Lambda's server reads the headers behind a body from a buffer of 4 KiB, and base64 takes a third.
_MAX_TRAILER_BYTES = 2800
_PACKAGE = os.path.dirname(__file__) + os.sep  # noqa: PTH120 (pathlib is slow to import)


class Failure:
    """A failed invocation, or a failed start, in the words of the Runtime API."""

    def __init__(self, error: BaseException, request_id: str = "") -> None:
        """Describe an exception.

        Args:
            error: The exception.
            request_id: The invocation that failed, or empty for a failed start.
        """
        frames = _user_frames(error.__traceback__)
        error_type = cause_type = type(error).__name__
        stack_trace = format_list(frames)
        if isinstance(error, Fault):
            error_type, cause_type = error.error_type, "LambdaValidationError"
            stack_trace = error.stack_trace or stack_trace
        message = _message(error)
        self.error: dict[str, object] = {
            "errorMessage": message,
            "errorType": error_type,
            "requestId": request_id,
            "stackTrace": stack_trace,
        }
        """The error object that the caller gets."""
        self.error_type = _metric_type(error_type)
        """The type that Lambda's metrics count it under."""
        self.cause = _cause(cause_type, message, frames)
        """The X-Ray cause, JSON in ASCII."""

    @property
    def body(self) -> bytes:
        """The error object's JSON."""
        return encode(self.error)

    @property
    def short_body(self) -> bytes:
        """The error object's JSON, cut to what a trailer can hold."""
        error, trace = dict(self.error), list(self.error["stackTrace"])  # type: ignore[call-overload] # a list
        texts = {name: str(text) for name, text in error.items() if name != "stackTrace"}
        while len(body := encode(error)) > _MAX_TRAILER_BYTES:
            longest = max(texts, key=lambda name: len(texts[name]))
            if trace and len(texts[longest]) < _MAX_TRAILER_BYTES:
                trace.pop(0)  # the outermost: where it was raised says most
                error["stackTrace"] = trace
            else:
                texts[longest] = texts[longest][: len(texts[longest]) // 2]
                error[longest] = f"{texts[longest]}..."
        return body


_Frame = tuple[str, int, str, str]


def _user_frames(traceback: TracebackType | None) -> list[_Frame]:
    """Return the frames that are not the runtime's own."""
    while traceback and traceback.tb_frame.f_code.co_filename.startswith(_PACKAGE):
        traceback = traceback.tb_next
    return [
        (frame.filename, frame.lineno or 0, frame.name, frame.line or "")
        for frame in extract_tb(traceback)
        if not frame.filename.startswith(_PACKAGE)  # such as what stands between two middleware
    ]


def _message(error: BaseException) -> str:
    try:
        message = str(error)
    except Exception as unprintable:  # noqa: BLE001 (whatever a user's __str__ raises)
        return f"<{type(error).__name__} whose str() raises {type(unprintable).__name__}>"
    if len(message) <= _MAX_MESSAGE_CHARS:
        return message
    return f"{message[:_MAX_MESSAGE_CHARS]}... ({len(message)} characters)"


def _metric_type(error_type: str) -> str:
    """Return the type in the only form that Lambda does not count as Runtime.Unknown."""
    origin, dot, name = error_type.partition(".")
    if not dot or origin not in ("Runtime", "Function"):
        origin, name = "Function", error_type
    letters = "".join(letter for letter in name if letter.isascii() and letter.isalpha())[:100]
    return (
        f"{origin}.{letters[:1].upper()}{letters[1:]}" if len(letters) > 1 else "Function.Unknown"
    )


def _cause(cause_type: str, message: str, frames: list[_Frame]) -> str:
    """Return the X-Ray cause: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html."""
    try:
        directory = os.getcwd()  # noqa: PTH109 (pathlib is slow to import)
    except OSError:  # it was removed
        directory = ""
    for size in (len(message), 8192, 1024):
        kept = frames if size == len(message) else frames[-_MAX_FRAMES:]
        text = _ascii_json(
            {
                "working_directory": directory,
                "exceptions": [
                    {
                        "message": message[:size],
                        "type": cause_type,
                        "stack": [
                            {"label": name, "path": path, "line": line}
                            for path, line, name, _ in kept
                        ],
                    }
                ],
                "paths": sorted({path for path, *_ in kept}),
            }
        )
        if len(text) <= _MAX_CAUSE_BYTES:
            return text
    return ""


def _ascii_json(value: object) -> str:
    # DEL is ASCII, and the one control character that JSON lets stand; a header does not.
    return json.dumps(value, separators=(",", ":")).replace("\x7f", "\\u007f")
