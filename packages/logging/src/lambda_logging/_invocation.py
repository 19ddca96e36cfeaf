"""A decorator for handlers that says more in the records of each invocation."""

from __future__ import annotations

import os
from threading import Lock

from ._aws_client import AwsRequestContext
from ._buffer import MAX_BYTES, Buffer
from ._config import configured
from ._decorate import wrapped
from ._log import log
from ._plain import plain
from ._redact import SECRETS, redact as redacted
from ._scope import Scope, restore
from ._settings import SEVERITY, current_request, request_in_hand, settings, severity_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _contextvars import Token
    from collections.abc import Callable, Iterable
    from typing import Any, TypeVar

    from ._protocols import RequestContext

    Handler = TypeVar("Handler", bound=Callable[..., Any])


def invocation(
    *,
    correlation_id: str | None = None,
    cold_start: bool = True,
    event: bool = False,
    redact: Iterable[str] = SECRETS,
    sample: float = 0.0,
    buffer: str | int | None = None,
    buffer_bytes: int = MAX_BYTES,
    seconds_before_timeout: float = 0.5,
) -> Callable[[Handler], Handler]:
    """Decorate a handler, so that its records say more about their invocation.

    It works for ``def``, ``async def`` and generator handlers, under any runtime whose context has
    ``aws_request_id``; the context is found among the handler's arguments.

    Args:
        correlation_id: The path in the event to the id that the logs of other services have too,
            such as ``"headers.x-correlation-id"``; names match in any case, and numbers are
            positions in lists. Records have it as ``correlationId``.
        cold_start: True to add ``coldStart`` to records, which is true in the first invocation of
            this process.
        event: True to log a copy of the event, at the level INFO.
        redact: The keys whose values are left out of that copy, in any case.
        sample: The share of invocations, from 0 to 1, whose DEBUG records are written although the
            configured level is higher.
        buffer: The lowest level of records to keep back until something goes wrong: they are
            written before a record of the level ERROR or above, when the handler raises, and before
            the invocation runs out of time; if all goes well, they are dropped.
        buffer_bytes: The largest size of the records that are kept back, in bytes.
        seconds_before_timeout: The seconds before the deadline at which they are written.

    Returns:
        The decorator.

    Raises:
        ValueError: The level of the buffer does not exist.
    """
    kept = None if buffer is None else severity_of(buffer)
    secrets = frozenset(key.lower() for key in redact)

    def begin(value: Any, arguments: tuple[Any, ...]) -> _InvocationScope:
        context = next((item for item in arguments if hasattr(item, "aws_request_id")), None)
        fields: dict[str, Any] = {}
        if cold_start:
            fields["coldStart"] = _is_cold()
        found = None if correlation_id is None else _find(value, correlation_id)
        if found is not None:
            fields["correlationId"] = found
        scope = Scope(
            _request(context),
            fields,
            severity=SEVERITY["DEBUG"] if _is_chosen(sample) else None,
            buffer=None
            if kept is None
            else Buffer(kept, buffer_bytes, _deadline(context, seconds_before_timeout), log.warn),
        )
        return _InvocationScope(scope, (lambda: redacted(plain(value), secrets)) if event else None)

    return lambda handler: wrapped(handler, begin)


class _InvocationScope:
    """The context around one invocation of a decorated handler."""

    def __init__(self, scope: Scope, event: Callable[[], Any] | None) -> None:
        self._scope = scope
        self._event = event
        self._token: Token[RequestContext | None] | None = None

    def __enter__(self) -> None:
        if settings.sink is None:
            configured()
        self._token = current_request.set(self._scope)
        _move_floor(self._scope, begins=True)
        if self._event is not None and log.is_enabled("INFO"):
            log.info("event", event=self._event())

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        buffer = self._scope.buffer
        if buffer is not None:
            if kind is not None and kind is not GeneratorExit:  # a stream whose reader stopped
                buffer.flush()
            buffer.close()
        _move_floor(self._scope, begins=False)
        if self._token is not None:
            restore(self._token)


_wanted: list[int] = []
_lock = Lock()


def _move_floor(scope: Scope, *, begins: bool) -> None:
    """Lower the floor while an invocation runs that wants records below the usual level."""
    levels = [scope.severity, scope.buffer.severity if scope.buffer is not None else None]
    severity = min((level for level in levels if level is not None), default=None)
    if severity is None:
        return
    with _lock:
        if begins:
            _wanted.append(severity)
        else:
            _wanted.remove(severity)
        settings.floor = min(settings.level, *_wanted) if _wanted else settings.level
        if settings.on_floor is not None:
            settings.on_floor(min(_wanted) if _wanted else None)


def _request(context: Any) -> RequestContext | None:
    request = request_in_hand()
    if context is None or (
        request is not None and request.aws_request_id == context.aws_request_id
    ):
        return request
    return AwsRequestContext(
        context.aws_request_id,
        getattr(context, "tenant_id", None),
        getattr(context, "trace_id", None) or os.environ.get("_X_AMZN_TRACE_ID"),
    )


def _deadline(context: Any, margin: float) -> Callable[[], float] | None:
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    return None if remaining is None else lambda: remaining() / 1000 - margin


_has_started = False


def _is_cold() -> bool:
    global _has_started
    first, _has_started = not _has_started, True
    # Provisioned concurrency starts the process before there is an invocation.
    return first and os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") != "provisioned-concurrency"


def _is_chosen(share: float) -> bool:
    # Not from `random`, whose generator the function may have seeded, and a snapshot repeats.
    return share > 0 and int.from_bytes(os.urandom(4), "big") < share * 2**32


def _find(value: Any, path: str) -> Any:
    """Return the value at a path in an event, or None."""
    try:
        for name in path.split("."):
            value = _step(value, name)
    except Exception:  # noqa: BLE001 (an event of another form, or a user's object)
        return None
    return plain(value)


def _step(value: Any, name: str) -> Any:
    if isinstance(value, (list, tuple)):
        return value[int(name)]
    if not hasattr(value, "items"):
        return getattr(value, name)
    if name in value:
        return value[name]
    return next(item for key, item in value.items() if str(key).lower() == name.lower())
