"""``extra``: fields in records of ``logging``, put in and taken out."""

from __future__ import annotations

import logging
from functools import wraps
from itertools import islice

from ._settings import current_request, request_in_hand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from ._protocols import RequestContext

_EMPTY = logging.LogRecord("", 0, "", 0, "", (), None)
_COUNT = len(_EMPTY.__dict__)
_OWN_ATTRIBUTES = frozenset(
    (
        *_EMPTY.__dict__,
        "taskName",  # of Python 3.12 and later
        "message",  # other formatters leave it behind
        "asctime",
        "_frame_type",  # AWS's handler leaves it behind
        "aws_request_id",
        "lambda_request",  # keep_request adds it
    )
)

_make_record = logging.Logger.makeRecord
_PARAMETERS = _make_record.__code__.co_varnames[1 : _make_record.__code__.co_argcount]


@wraps(_make_record)
def make_record(logger: logging.Logger, *parts: Any, **named: Any) -> logging.LogRecord:
    """Make a record for any names in ``extra``; ``logging`` itself raises for ``name``.

    Args:
        logger: The logger; this becomes its method.
        parts: The arguments of ``Logger.makeRecord``.
        named: The other arguments.
    """
    try:
        record = _make_record(logger, *parts, **named)
    except KeyError:
        named.update(zip(_PARAMETERS, parts, strict=False))
        fields = named.pop("extra", None) or {}
        record = _make_record(logger, **named)
        add_fields(record, fields)
    add_request(record)
    return record


def add_request(record: logging.LogRecord) -> None:
    """Add the attributes to a record that AWS's runtime adds, for the formatters of any handler.

    Args:
        record: The record; attributes of these names that it has already stay.
    """
    request = current_request.get() or request_in_hand()
    # By attribute: to touch the record's __dict__ would make one of it, which takes longer.
    target: Any = record
    if not hasattr(target, "aws_request_id"):
        target.aws_request_id = "" if request is None else request.aws_request_id
    if not hasattr(target, "tenant_id"):
        target.tenant_id = None if request is None else request.tenant_id


def request_of(record: logging.LogRecord) -> RequestContext | None:
    """Return the request of a record that another thread has made, or None.

    Args:
        record: The record.
    """
    own = record.__dict__
    if "lambda_request" in own:
        request: RequestContext | None = own["lambda_request"]
        return request
    if current_request.get() is not None:
        return None
    request_id = own.get("aws_request_id")
    if not request_id or type(request_id) is not str:
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
    names: Iterable[str] = attributes
    if type(record) is logging.LogRecord:
        is_marked = "aws_request_id" in attributes and "tenant_id" in attributes
        if is_marked and len(attributes) == _COUNT + 2 and attributes["tenant_id"] is None:
            return {}  # there is nothing but the two of add_request
        names = islice(attributes, _COUNT, None)  # its own come first
    fields = {
        name: attributes[name]
        for name in names
        if name not in _OWN_ATTRIBUTES and attributes[name] is not None
    }
    if "tenant_id" in fields:
        request = request_in_hand()
        if request is not None and request.tenant_id == fields["tenant_id"]:
            del fields["tenant_id"]  # add_request has added it
    return fields
