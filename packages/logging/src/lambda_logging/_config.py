"""Sets logging up: from the environment, and from what the program says.

Modules of the standard library are set up when they are imported: one that is not costs nothing.
"""

from __future__ import annotations

import os
import sys
from _thread import RLock

from ._settings import MAX_BYTES, SEVERITY, known_severity, level_name, settings, severity_of
from ._sink import TelemetryChannel, open_sink

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, MutableMapping, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

    from ._platform import PlatformLog
    from ._protocols import Sink
    from ._settings import Format

_lock = RLock()


def configure(
    environ: MutableMapping[str, str] | None = None,
    *,
    format: Format | None = None,  # noqa: A002 (its name everywhere)
    level: str | int | None = None,
    redact: Iterable[str] = (),
    location: bool = False,
    max_bytes: int = MAX_BYTES,
    platform_levels: bool = False,
    sink: Sink | None = None,
) -> PlatformLog:
    """Set logging up for this process: `log`, the standard library's ``logging``, and ``warnings``.

    A runtime calls this at its start; without, the first use of `log` does. Calling it again
    replaces the settings, and keeps the framed channel that was found first. The standard library's
    ``logging`` is not imported: it is set up at once if it has been, or else as soon as it is.

    On Lambda, the root logger's handlers that write to standard output or standard error, AWS's
    own included, are replaced by `LambdaHandler`, which keeps a formatter that a program has set;
    later calls of ``logging.basicConfig`` do nothing without ``force``. Elsewhere, a root logger
    that has handlers is left alone.

    Args:
        environ: ``AWS_LAMBDA_LOG_FORMAT``, ``AWS_LAMBDA_LOG_LEVEL``, ``AWS_LAMBDA_RUNTIME_API``
            and ``_LAMBDA_TELEMETRY_LOG_FD`` are read, and the last one is removed;
            `os.environ` by default.
        format: ``"JSON"``, ``"Text"`` or ``"Console"`` (for people, coloured in a terminal),
            instead of what the environment says.
        level: The lowest level that is written, instead of what the environment says.
        redact: Keys whose values are replaced in every record, at any depth and in any case.
        location: True to name in each record the line of code that it comes from.
        max_bytes: The size that longer records are cut to; at most 1 MB reaches CloudWatch.
        platform_levels: True to give JSON records of ``logging`` the platform's names WARN and
            FATAL, as those of `log` have, and not WARNING and CRITICAL, as under AWS's runtime.
        sink: The destination of records, instead of the environment's.

    Returns:
        The log for a runtime's own records, through the same channel.

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
    settings.platform_levels = platform_levels
    sink = sink or _sink(environ)
    settings.sink = sink  # last: other threads take it to mean that all the rest is set
    # After it, because these write to the sink.
    _when_imported("logging", f"{__package__}._stdlib")
    if settings.in_lambda:
        _when_imported("warnings", f"{__package__}._warnings")
    return PlatformLog(sink, json=settings.format == "JSON", level=level_name(settings.level))


def configured() -> Sink:
    """Return the sink, and configure logging first if no thread has done so."""
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
    from ._console import ConsoleSink

    return ConsoleSink()


def _when_imported(module: str, setup: str) -> None:
    """Call ``set_up`` of one of our modules once another module has been imported.

    Args:
        module: The name of the module to wait for; if it is imported already, the call happens now.
        setup: The full name of the module that has ``set_up``.
    """
    if module in sys.modules:
        _run(setup)
        return
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)
    _finder.setups[module] = setup


class _Finder:
    """A finder that finds nothing itself, and wraps the loaders that others find."""

    def __init__(self) -> None:
        self.setups: dict[str, str] = {}

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        setup = self.setups.pop(name, None)
        if setup is None:
            return None
        if not self.setups:
            sys.meta_path.remove(self)
        for finder in sys.meta_path:
            find = None if finder is self else getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = find(name, path, target) if find is not None else None
            if spec is not None:
                loader: Any = _Loader(spec.loader, setup)
                spec.loader = loader
                return spec
        return None


_finder: Any = _Finder()


class _Loader:
    """Loads a module with its own loader, and then calls ``set_up``."""

    def __init__(self, loader: Any, setup: str) -> None:
        self._loader = loader
        self._setup = setup

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        _run(self._setup)


def _run(setup: str) -> None:
    try:
        __import__(setup, fromlist=("set_up",)).set_up()
    except Exception:  # noqa: BLE001 (a module of the function that has the same name)
        return
