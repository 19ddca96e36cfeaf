"""The framing of ``application/vnd.amazon.eventstream``, in which a streamed response is sent.

https://smithy.io/2.0/aws/amazon-eventstream.html
"""

import json
import struct
import zlib
from collections.abc import Mapping
from functools import cache

CONTENT_TYPE = "application/vnd.amazon.eventstream"
_PRELUDE = struct.Struct(">II")  # the lengths of all, and of the headers
_NUMBER = struct.Struct(">I")
_FRAME_BYTES = 16  # the prelude, its checksum, and the checksum of all
_STRING = 7  # the type of a header's value
MAX_CHUNK_BYTES = 1 << 20
"""The most bytes in one payload chunk; clients refuse messages of more than 24 MiB."""


def encode_message(headers: Mapping[str, str], payload: bytes) -> bytes:
    """Return a message.

    Args:
        headers: Names and values of at most 255 and 65,535 bytes in UTF-8.
        payload: The content.
    """
    return _frame(b"".join(_header(name, value) for name, value in headers.items()), payload)


def payload_chunk(data: bytes) -> bytes:
    """Return the messages that carry a piece of a response; a large one takes several.

    Args:
        data: The piece.
    """
    headers = _event_headers("PayloadChunk", "application/octet-stream")
    starts = range(0, len(data), MAX_CHUNK_BYTES)
    return b"".join(_frame(headers, data[start : start + MAX_CHUNK_BYTES]) for start in starts)


def invoke_complete(
    error_code: str | None = None, error_details: str | None = None, log_result: str | None = None
) -> bytes:
    """Return the message that ends a response.

    Args:
        error_code: The type of the error, or None.
        error_details: The error, as JSON in a text.
        log_result: The end of the log in base64, for a caller who asked for it.
    """
    fields = {"ErrorCode": error_code, "ErrorDetails": error_details, "LogResult": log_result}
    known = {name: value for name, value in fields.items() if value is not None}
    headers = _event_headers("InvokeComplete", "application/json")
    return _frame(headers, json.dumps(known).encode())


@cache
def _event_headers(event_type: str, content_type: str) -> bytes:
    headers = {
        ":event-type": event_type,
        ":content-type": content_type,
        ":message-type": "event",
    }
    return b"".join(_header(name, value) for name, value in headers.items())


def _header(name: str, value: str) -> bytes:
    key, text = name.encode(), value.encode()
    return bytes((len(key),)) + key + struct.pack(">BH", _STRING, len(text)) + text


def _frame(headers: bytes, payload: bytes) -> bytes:
    prelude = _PRELUDE.pack(_FRAME_BYTES + len(headers) + len(payload), len(headers))
    head = prelude + _NUMBER.pack(zlib.crc32(prelude)) + headers
    checksum = zlib.crc32(payload, zlib.crc32(head))
    return b"".join((head, payload, _NUMBER.pack(checksum)))
