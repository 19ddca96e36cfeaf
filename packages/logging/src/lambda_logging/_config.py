"""How this process logs: read from the environment once, and then the same for every record."""

from __future__ import annotations

import os
import sys
from _thread import RLock

from ._import_hook import when_imported
from ._request import current_request
from ._sink import TelemetryChannel, open_sink

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, MutableMapping
    from typing import Literal

    from ._platform import PlatformLog
    from ._protocols import RequestContext, Sink

    Level = Literal["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]
    Format = Literal["JSON", "Text", "Console"]

SEVERITY = {"TRACE": 5, "DEBUG": 10, "INFO": 20, "WARN": 30, "ERROR": 40, "FATAL": 50}
"""The platform's levels, by the standard library's numbers."""

MAX_BYTES = 256 * 1024 - 26
"""What every part of Lambda's way to CloudWatch lets through; 26 are counted for each event."""

_ALIASES = {"WARNING": "WARN", "CRITICAL": "FATAL", "EXCEPTION": "ERROR"}


class Settings:
    """What the writers of records share; there is one, `settings`."""

    __slots__ = (
        "add_location",
        "floor",
        "foreign_request",
        "format",
        "in_lambda",
        "level",
        "max_bytes",
        "mirror",
        "on_floor",
        "redact",
        "sink",
        "stdlib_level",
    )

    def __init__(self) -> None:
        self.sink: Sink | None = None
        """Where records go; None until `configure` is called."""
        self.format: Format = "Text"
        self.in_lambda = False
        self.level = 0
        """The lowest severity of `log`'s that is written."""
        self.floor = 0
        """The lowest severity that anything may come of: of an invocation, maybe, that wants more."""
        self.stdlib_level: int | None = None
        """The root logger's level, if one was configured."""
        self.max_bytes = MAX_BYTES
        self.add_location = False
        self.redact: frozenset[str] = frozenset()
        """The keys whose values are not written, in lower case."""
        self.mirror: Callable[..., None] | None = None
        """Hands records of `log` to other handlers of the standard library's; set with it."""
        self.on_floor: Callable[[int | None], None] | None = None
        """Lets the root logger follow `floor`; set with the standard library's `logging`."""
        self.foreign_request: Callable[[], RequestContext | None] | None = None
        """Finds the request under a runtime that does not set `current_request`."""

    def request(self) -> RequestContext | None:
        """Return the request in hand."""
        request = current_request.get()
        if request is None and self.foreign_request is not None:
            return self.foreign_request()
        return request


settings = Settings()
_lock = RLock()


def severity_of(level: str | int) -> int:
    """Return a level's number.

    Args:
        level: A name of the platform's or of the standard library's, in any case, or a number.

    Raises:
        ValueError: There is no such level.
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
    """Return a level's number, or None if there is no such level."""
    try:
        return severity_of(level)
    except ValueError:
        return None


def level_name(severity: int) -> str:
    """Return the platform's name for a number: that of the next level below."""
    if severity >= 40:
        return "FATAL" if severity >= 50 else "ERROR"
    if severity >= 20:
        return "WARN" if severity >= 30 else "INFO"
    return "DEBUG" if severity >= 10 else "TRACE"


def configure(
    environ: MutableMapping[str, str] | None = None,
    *,
    format: Format | None = None,  # noqa: A002 (its name everywhere)
    level: str | int | None = None,
    redact: Iterable[str] = (),
    location: bool = False,
    max_bytes: int = MAX_BYTES,
    sink: Sink | None = None,
) -> PlatformLog:
    """Set logging up for this process: `log`, the standard library's ``logging``, and ``warnings``.

    A runtime calls this at its start; without, the first use of `log` does. Calling it again
    replaces the settings, and keeps the framed channel that was found first. The standard library's
    ``logging`` is not imported: it is set up at once if it has been, or else as soon as it is.

    On Lambda, the root logger's handlers that write to standard output or standard error, AWS's
    own included, give way to one of ours; of later calls of ``logging.basicConfig`` the level
    counts, and ``force``. Elsewhere, a root logger that has handlers is left alone.

    Args:
        environ: ``AWS_LAMBDA_LOG_FORMAT``, ``AWS_LAMBDA_LOG_LEVEL``, ``AWS_LAMBDA_RUNTIME_API``
            and ``_LAMBDA_TELEMETRY_LOG_FD`` are read, and the last is removed;
            `os.environ` by default.
        format: ``"JSON"``, ``"Text"`` or ``"Console"`` (for people, coloured in a terminal),
            instead of what the environment says.
        level: The lowest level that is written, instead of what the environment says.
        redact: Keys whose values are replaced in every record, wherever they stand; in any case.
        location: Whether each record says which line of code it comes from.
        max_bytes: The size that longer records are cut to; at most 1 MB reaches CloudWatch.
        sink: Where records go, instead of what the environment says.

    Returns:
        The log for records of a runtime's own, through the same channel.

    Raises:
        ValueError: The level does not exist.

    Contract: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
    """
    from ._platform import PlatformLog

    if environ is None:
        environ = os.environ
    if level is None:
        severity = known_severity(environ.get("AWS_LAMBDA_LOG_LEVEL", ""))
    else:
        severity = severity_of(level)
    settings.in_lambda = "AWS_LAMBDA_RUNTIME_API" in environ
    settings.format = format or _format(environ)
    settings.stdlib_level = severity
    settings.level = settings.floor = SEVERITY["INFO"] if severity is None else severity
    settings.redact = frozenset(key.lower() for key in redact)
    settings.add_location = location
    settings.max_bytes = max_bytes
    sink = sink or _sink(environ)
    when_imported("logging", f"{__package__}._stdlib")
    if settings.in_lambda:
        when_imported("warnings", f"{__package__}._warnings")
    settings.sink = sink  # last: with it, other threads take all the rest for settled
    return PlatformLog(sink, json=settings.format == "JSON", level=level_name(settings.level))


def configured() -> Sink:
    """Return the sink; whoever asks first, of all threads, configures it."""
    with _lock:
        if settings.sink is None:
            configure()
        assert settings.sink is not None  # noqa: S101 (configure has set it)
        return settings.sink


def _format(environ: MutableMapping[str, str]) -> Format:
    name = environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper()
    if name == "JSON":
        return "JSON"
    return "Text" if name == "TEXT" or settings.in_lambda else "Console"


def _sink(environ: MutableMapping[str, str]) -> Sink:
    channel = settings.sink if isinstance(settings.sink, TelemetryChannel) else None
    aws = sys.modules.get("awslambdaric.bootstrap")
    if aws is not None:
        from ._aws_client import channel_of, request_of

        settings.foreign_request = request_of(aws)
        channel = channel or channel_of(sys.modules.get("logging"))
    if channel is not None and "_LAMBDA_TELEMETRY_LOG_FD" not in environ:
        return channel
    if settings.in_lambda or "_LAMBDA_TELEMETRY_LOG_FD" in environ:
        return open_sink(environ)
    from ._console import Console

    return Console()
