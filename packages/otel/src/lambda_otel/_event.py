"""Reads the trigger of an invocation from its event."""

from __future__ import annotations

from . import _http_event, _message_event
from ._trigger import OTHER, Trigger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


# The fields of which events of the known services have at least one.
_MARKS = frozenset(
    (
        "Records",
        "detail-type",
        "eventSource",
        "headers",
        "httpMethod",
        "multiValueHeaders",
        "raw_path",
        "request",
        "requestContext",
    )
)


def trigger_of(event: Any) -> Trigger:
    """Return the trigger of an event.

    Args:
        event: The event, decoded from JSON. One that no known service has sent is of the kind
            "other", and may still have headers.
    """
    if type(event) is dict and _MARKS.isdisjoint(event):
        return OTHER  # nearly all of those that a program sends
    try:
        trigger = _read(event)
        if trigger is not None:
            return trigger
    except Exception:  # noqa: BLE001, S110 (it looks like an event of a service, and is none)
        pass
    headers = _http_event.headers_of(event)
    if headers is None and isinstance(event, dict) and "request" in event:
        headers = _http_event.headers_of(event.get("request"))  # of AppSync
    return OTHER if headers is None else Trigger("other", headers=headers)


def _read(event: Any) -> Trigger | None:
    if isinstance(event, list):  # of EventBridge Pipes
        return _message_event.of_records(event)
    if not isinstance(event, dict):
        return None
    if "requestContext" in event or "httpMethod" in event:
        return _http_event.of_gateway(event)
    if "Records" in event:
        return _message_event.of_records(event["Records"])
    if "detail-type" in event:
        return _message_event.of_event_bus(event)
    if "eventSource" in event:
        return _message_event.of_broker(event)
    if "raw_path" in event:
        return _http_event.of_lattice(event)
    return None
