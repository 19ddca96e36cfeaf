"""The part of EventBridge's API by which events come: ``PutEvents`` and ``TestEventPattern``.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
"""

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from .hub import EventSources
from .pattern import PatternError, compile_pattern

_MAX_ENTRIES = 10


class ApiError(Exception):
    """A request is refused.

    Attributes:
        code: The name of the error.
    """

    def __init__(self, code: str, message: str) -> None:
        """Refuse a request.

        Args:
            code: The name of the error.
            message: Says why.
        """
        super().__init__(message)
        self.code = code


async def answer(sources: EventSources, operation: str, body: bytes) -> dict[str, Any]:
    """Answer a request to EventBridge.

    Args:
        sources: The event sources, whose rules get the events.
        operation: The name of the operation.
        body: The request, as JSON.

    Raises:
        ApiError: The request is refused.
    """
    try:
        request: Any = json.loads(body)
    except (ValueError, RecursionError):
        raise ApiError("SerializationException", "The request is not JSON.") from None
    if not isinstance(request, Mapping):
        raise ApiError("SerializationException", "The request is not an object of JSON.")
    if operation == "PutEvents":
        return await _put_events(sources, request)
    if operation == "TestEventPattern":
        return _test_event_pattern(request)
    raise ApiError(
        "UnknownOperationException", f"The emulator does not have {operation} of EventBridge."
    )


async def _put_events(sources: EventSources, request: Mapping[str, Any]) -> dict[str, Any]:
    entries = request.get("Entries")
    if not isinstance(entries, list) or not 1 <= len(entries) <= _MAX_ENTRIES:
        raise ApiError(
            "ValidationException",
            f"Entries must have between 1 and {_MAX_ENTRIES} elements.",
        )
    answers: list[dict[str, str]] = []
    for entry in entries:
        problem = _problem(entry)
        if problem is not None:
            answers.append({"ErrorCode": problem[0], "ErrorMessage": problem[1]})
            continue
        event = to_event(entry, sources.account, sources.region)
        bus = (entry.get("EventBusName") or "default").rpartition("/")[2]
        await sources.put_event(event, bus)
        answers.append({"EventId": event["id"]})
    failed = sum("ErrorCode" in each for each in answers)
    return {"FailedEntryCount": failed, "Entries": answers}


def to_event(entry: Mapping[str, Any], account: str, region: str) -> dict[str, Any]:
    """Return an entry of ``PutEvents`` as an event.

    Args:
        entry: The entry.
        account: The id of the account.
        region: The region.
    """
    moment = entry.get("Time")
    if isinstance(moment, int | float):
        moment = datetime.fromtimestamp(moment, UTC)
    elif not moment:
        moment = datetime.now(UTC)
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": entry["DetailType"],
        "source": entry["Source"],
        "account": account,
        "time": moment if isinstance(moment, str) else f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        "region": region,
        "resources": entry.get("Resources") or [],
        "detail": json.loads(entry["Detail"]),
    }


def _problem(entry: Any) -> tuple[str, str] | None:
    """Return the code and the message of what is wrong with an entry, or None."""
    if not isinstance(entry, Mapping):
        return "InvalidArgument", "The entry is not an object."
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name) or not isinstance(entry[name], str):
            reason = f"{name} is a required argument."
            return "InvalidArgument", f"Parameter {name} is not valid. Reason: {reason}"
    if entry["Source"].startswith("aws."):
        return "NotAuthorizedForSourceException", "Not authorized for the source."
    try:
        detail = json.loads(entry["Detail"])
    except (ValueError, RecursionError):
        detail = None
    return None if isinstance(detail, dict) else ("MalformedDetail", "Detail is malformed.")


def _test_event_pattern(request: Mapping[str, Any]) -> dict[str, Any]:
    try:
        matches = compile_pattern(str(request.get("EventPattern")))
    except PatternError as error:
        raise ApiError(
            "InvalidEventPatternException", f"Event pattern is not valid. Reason: {error}"
        ) from None
    try:
        event = json.loads(str(request.get("Event")))
    except (ValueError, RecursionError):
        raise ApiError("ValidationException", "Parameter Event is not valid.") from None
    return {"Result": matches(event)}
