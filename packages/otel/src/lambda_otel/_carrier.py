"""Carriers: the trace context of a message's sender, as strings by lower-case name."""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_VALUE_NAMES = ("stringValue", "Value", "StringValue")


def strings(fields: Mapping[str, Any]) -> dict[str, str]:
    """Return those fields that are strings.

    Args:
        fields: Any values by name.
    """
    return {name.lower(): value for name, value in fields.items() if isinstance(value, str)}


def from_attributes(attributes: Any) -> dict[str, str]:
    """Return the carrier of message attributes, in the form of SQS or of SNS.

    Args:
        attributes: Attributes by name, each with its value and its type; or None.
    """
    carrier: dict[str, str] = {}
    if isinstance(attributes, dict):
        for name, attribute in attributes.items():
            if isinstance(attribute, dict):
                for field in _VALUE_NAMES:
                    if isinstance(attribute.get(field), str):
                        carrier[name.lower()] = attribute[field]
    return carrier


def from_text(text: Any, *, base64: bool = False) -> dict[str, str]:
    """Return the carrier inside a message of JSON, where another service has wrapped the first one.

    That is SNS in a queue, EventBridge in a queue or a topic, or a producer that writes the fields
    of W3C into its own message.

    Args:
        text: The message.
        base64: True if it is in base64, as in Kinesis.
    """
    try:
        if base64:
            from binascii import a2b_base64

            data = a2b_base64(text)
        else:
            data = text.encode()
        if b"traceparent" not in data:  # nearly always: nothing is decoded for it
            return {}
        fields = json.loads(data)
        for carrier in (
            from_attributes(fields.get("MessageAttributes")),
            strings(fields["detail"]) if isinstance(fields.get("detail"), dict) else {},
            strings(fields),
            from_text(fields.get("Message")),  # of SNS
        ):
            if "traceparent" in carrier:
                return carrier
    except (AttributeError, TypeError, ValueError, RecursionError):
        pass
    return {}


def from_kafka(headers: Any) -> dict[str, str]:
    """Return the carrier of a record's headers.

    Args:
        headers: A list of objects, with a list of bytes by name; or None.
    """
    carrier: dict[str, str] = {}
    for header in headers or ():
        try:
            for name, value in header.items():
                data = bytes(byte & 0xFF for byte in value)
                carrier[name.lower()] = data.decode("utf-8", "replace")
        except (AttributeError, TypeError):
            continue  # made by hand
    return carrier


def from_bytes(headers: dict[str, Any]) -> dict[str, str]:
    """Return the carrier of a message of RabbitMQ.

    Args:
        headers: Values by name, of which text is an object with a list of ``bytes``.
    """
    carrier = strings(headers)
    for name, value in headers.items():
        if isinstance(value, dict) and isinstance(value.get("bytes"), list):
            carrier[name.lower()] = bytes(value["bytes"]).decode("utf-8", "replace")
    return carrier
