"""``extra``: fields in records of ``logging``, put in and taken out."""

from __future__ import annotations

import logging
from functools import wraps
from itertools import islice

from ._settings import current_request, request_in_hand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from ._protocols import RequestContext

_EMPTY = logging.LogRecord("", 0, "", 0, "", (), None)
BARE = len(_EMPTY.__dict__)
"""The number of attributes that ``logging`` itself gives a record, when it makes it."""
_OWN_ATTRIBUTES = frozenset(
    (
        *_EMPTY.__dict__,
        "message",  # other formatters leave it behind
        "asctime",
        "_frame_type",  # AWS's handler leaves it behind
        "aws_request_id",
        "lambda_request",  # keep_request adds it
    )
)


def make_record(
    self: logging.Logger,  # noqa: ARG001 (it is a method)
    name: str,
    level: int,
    fn: str,
    lno: int,
    msg: object,
    args: Any,
    exc_info: Any,
    func: str | None = None,
    extra: Mapping[str, Any] | None = None,
    sinfo: str | None = None,
) -> logging.LogRecord:
    """Make a record for any names in ``extra``; ``logging`` itself raises for ``name``.

    It becomes the method `logging.Logger.makeRecord`.
    """
    factory: Any = logging.getLogRecordFactory()
    record: logging.LogRecord = factory(name, level, fn, lno, msg, args, exc_info, func, sinfo)
    if extra is not None:
        add_fields(record, extra)
    return record


class _OfRequest:
    """An attribute of a record that is read from the current request, unless it has been stored."""

    def __init__(self, name: str, default: str | None) -> None:
        self._name = name
        self._default = default

    def __get__(self, record: object, kind: type) -> Any:
        if record is None:
            raise AttributeError(f"type object {kind.__name__!r} has no attribute {self._name!r}")
        request = request_in_hand()
        return self._default if request is None else getattr(request, self._name)


_ATTRIBUTES = {"aws_request_id": "", "tenant_id": None}
"""The attributes that AWS's runtime adds to a record, and their values outside of requests."""


def set_up() -> None:
    """Let all records have any ``extra``, and the attributes that AWS's runtime adds.

    To store them in each record would cost the handlers that do not want them. So they are read
    when somebody asks, and stored before a handler that is not ours gets the record: its formatter
    reads the record's dictionary, and it may pass the record on to other threads.
    """
    if "aws_request_id" in vars(logging.LogRecord):
        return
    logger: Any = logging.Logger
    is_patched = logger.makeRecord.__code__.co_filename != logger.handle.__code__.co_filename
    logger.makeRecord = _or_ours(logger.makeRecord) if is_patched else make_record
    for name, default in _ATTRIBUTES.items():
        setattr(logging.LogRecord, name, _OfRequest(name, default))
    for method in ("handle", "format"):
        setattr(logging.Handler, method, _after_storing(getattr(logging.Handler, method)))


def _or_ours(method: Callable[..., logging.LogRecord]) -> Callable[..., logging.LogRecord]:
    """Return the method of an agent, which has replaced that of ``logging``, for any ``extra``."""

    @wraps(method)
    def make(logger: logging.Logger, *parts: Any, **named: Any) -> logging.LogRecord:
        try:
            return method(logger, *parts, **named)
        except KeyError:
            return make_record(logger, *parts, **named)

    return make


def _after_storing(method: Callable[..., Any]) -> Callable[..., Any]:
    def store_and_do(handler: logging.Handler, record: logging.LogRecord) -> Any:
        own = record.__dict__
        if "aws_request_id" not in own:
            own["aws_request_id"] = getattr(record, "aws_request_id", "")
        # Formatters that write all attributes would write a null where there is no tenant.
        if "tenant_id" not in own and getattr(record, "tenant_id", None) is not None:
            store_request(record)
        return method(handler, record)

    # Handlers such as loguru's look for the frame of who logs behind those of `logging`.
    code = store_and_do.__code__
    store_and_do.__code__ = code.replace(co_filename=method.__code__.co_filename)
    return wraps(method)(store_and_do)


def store_request(record: logging.LogRecord) -> None:
    """Store the attributes in a record that AWS's runtime adds.

    Args:
        record: The record; attributes of these names that it has already stay.
    """
    own = record.__dict__
    for name, default in _ATTRIBUTES.items():
        if name not in own:
            own[name] = getattr(record, name, default)


def request_of(record: logging.LogRecord) -> RequestContext | None:
    """Return the request of a record that another thread has made, or None.

    Args:
        record: The record.
    """
    own = record.__dict__
    if "lambda_request" in own:
        request: RequestContext | None = own["lambda_request"]
        return request
    request_id = own.get("aws_request_id")
    if not request_id or type(request_id) is not str or current_request.get() is not None:
        return None
    request = request_in_hand()
    if request is not None and request.aws_request_id == request_id:
        return None
    from ._aws_client import AwsRequestContext

    return AwsRequestContext(request_id, own.get("tenant_id"), None)


def add_fields(record: logging.LogRecord, fields: Mapping[str, Any]) -> None:
    """Add fields to a record as ``extra`` does; one that has an attribute's name is renamed.

    Args:
        record: The record.
        fields: Names and values.
    """
    own = record.__dict__
    for key in fields:
        own[f"{key}_" if key in own or key in ("message", "asctime") else key] = fields[key]


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """Return the fields that were added to a record.

    Args:
        record: The record.

    Returns:
        Names and values, without those that are None.
    """
    attributes = record.__dict__
    if type(record) is not logging.LogRecord:
        return _fields(attributes, attributes)
    if len(attributes) == BARE:
        return {}
    return _fields(attributes, islice(attributes, BARE, None))  # its own come first


def _fields(attributes: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    fields = {
        name: attributes[name]
        for name in names
        if name not in _OWN_ATTRIBUTES and attributes[name] is not None
    }
    if "tenant_id" in fields:
        request = request_in_hand()
        if request is not None and request.tenant_id == fields["tenant_id"]:
            del fields["tenant_id"]  # store_request has added it
    return fields
