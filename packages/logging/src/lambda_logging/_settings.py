"""The state that every record depends on: the settings, and the current request.

They share a module because every cold start loads both.
"""

from __future__ import annotations

from _contextvars import ContextVar  # contextvars itself is this and one more import

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Literal

    from ._protocols import RequestContext, Sink

    Level = Literal["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]
    Format = Literal["JSON", "Text", "Console"]

SEVERITY = {"TRACE": 5, "DEBUG": 10, "INFO": 20, "WARN": 30, "ERROR": 40, "FATAL": 50}
"""The levels of the platform, by the numbers of the standard library."""

MAX_BYTES = 256 * 1024 - 26
"""The largest event that every step to CloudWatch takes; 26 bytes are counted for each event."""

_ALIASES = {"WARNING": "WARN", "CRITICAL": "FATAL", "EXCEPTION": "ERROR"}


class Settings:
    """The settings that all writers of records share; there is one instance, `settings`."""

    __slots__ = (
        "add_location",
        "floor",
        "foreign_request",
        "format",
        "in_lambda",
        "level",
        "max_bytes",
        "mirror",
        "more_fields",
        "on_floor",
        "only_request",
        "platform_levels",
        "redact",
        "sink",
        "stdlib_level",
    )

    def __init__(self) -> None:
        self.sink: Sink | None = None
        """The destination of records; None until `configure` is called."""
        self.format: Format = "Text"
        self.in_lambda = False
        self.level = 0
        """The lowest severity at which `log` writes records."""
        self.floor = 0
        """The lowest severity that is looked at; below `level` while an invocation wants more."""
        self.stdlib_level: int | None = None
        """The root logger's level, if one was configured."""
        self.max_bytes = MAX_BYTES
        self.add_location = False
        self.only_request: tuple[str, str | None, str | None] | None = None
        """The ids of the request, the tenant and the trace of the one invocation at present."""
        self.platform_levels = False
        """True if records of ``logging`` have the platform's level names in JSON."""
        self.redact: frozenset[str] = frozenset()
        """The keys whose values are not written, in lower case."""
        self.mirror: Callable[..., None] | None = None
        """Hands records of `log` to other handlers of ``logging``; set when that is imported."""
        self.more_fields: Callable[[], Mapping[str, Any]] | None = None
        """Returns fields for the record that is being written, such as ids of the current trace."""
        self.on_floor: Callable[[int | None], None] | None = None
        """Lets the root logger follow `floor`; set when ``logging`` is imported."""
        self.foreign_request: Callable[[], RequestContext | None] | None = None
        """Finds the request under a runtime that does not set `current_request`."""


settings = Settings()
"""The settings of this process; `configure` fills them in."""

current_request: ContextVar[RequestContext | None] = ContextVar("lambda_request", default=None)
"""The current request, or None outside of any. The runtime sets it for each invocation."""


def serve_alone(request: RequestContext) -> None:
    """Give a request to all threads, which have no request of their own.

    It is for runtimes that serve one invocation at a time; with several, a thread could not know
    whose it is.

    Args:
        request: The request; it counts until the next one is given.
    """
    settings.only_request = (request.aws_request_id, request.tenant_id, request.trace_id)


def request_in_hand() -> RequestContext | None:
    """Return the current request: of this context, or the only one of the process."""
    request = current_request.get()
    if request is None:
        if settings.only_request is not None:
            from ._aws_client import AwsRequestContext

            return AwsRequestContext(*settings.only_request)
        if settings.foreign_request is not None:
            return settings.foreign_request()
    return request


def severity_of(level: str | int) -> int:
    """Return the number of a level.

    Args:
        level: A name of the platform's or of the standard library's, in any case, or a number.

    Raises:
        ValueError: The level does not exist.
    """
    if isinstance(level, int):
        return level
    name = level.upper()
    try:
        return SEVERITY[_ALIASES.get(name, name)]
    except KeyError:
        raise ValueError(
            f"There is no level {level!r}: take one of {', '.join(SEVERITY)}, or a number"
        ) from None


def known_severity(level: str | int) -> int | None:
    """Return the number of a level, or None if the level does not exist."""
    try:
        return severity_of(level)
    except ValueError:
        return None


def level_name(severity: int) -> str:
    """Return the platform's name for a number: that of the next level at or below it."""
    if severity >= 40:
        return "FATAL" if severity >= 50 else "ERROR"
    if severity >= 20:
        return "WARN" if severity >= 30 else "INFO"
    return "DEBUG" if severity >= 10 else "TRACE"
