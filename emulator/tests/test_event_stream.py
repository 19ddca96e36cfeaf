"""Framing, against botocore's decoder and bytes recorded from it."""

import json

from botocore.eventstream import EventStreamBuffer
from hypothesis import given, strategies as st

from lambda_emulator._event_stream import (
    MAX_CHUNK_BYTES,
    encode_message,
    invoke_complete,
    payload_chunk,
)

HEADERS = st.dictionaries(
    st.text(st.characters(codec="ascii"), min_size=1, max_size=100), st.text(max_size=100)
)
HI = (
    "0000006c0000005ab25efdcf0b3a6576656e742d7479706507000c5061796c6f61644368756e6b0d3a636f6e74656e"
    "742d747970650700186170706c69636174696f6e2f6f637465742d73747265616d0d3a6d6573736167652d74797065"
    "0700056576656e7468691162e469"
)


def decode(data: bytes) -> list[tuple[dict[str, str], bytes]]:
    buffer = EventStreamBuffer()
    buffer.add_data(data)
    return [(message.headers, message.payload) for message in buffer]


def test_a_chunk_byte_by_byte() -> None:
    assert payload_chunk(b"hi").hex() == HI


@given(HEADERS, st.binary(max_size=1000))
def test_any_message_is_read_as_it_was_written(headers: dict[str, str], payload: bytes) -> None:
    assert decode(encode_message(headers, payload)) == [(headers, payload)]


def test_large_pieces_are_split() -> None:
    data = bytes(range(256)) * (2 * MAX_CHUNK_BYTES // 256) + b"!"
    messages = decode(payload_chunk(data))
    assert [len(payload) for _, payload in messages] == [MAX_CHUNK_BYTES, MAX_CHUNK_BYTES, 1]
    assert b"".join(payload for _, payload in messages) == data


def test_the_end() -> None:
    [(headers, payload)] = decode(invoke_complete("Runtime.Unknown", "{}", "bG9n"))
    assert headers[":event-type"] == "InvokeComplete"
    assert json.loads(payload) == {
        "ErrorCode": "Runtime.Unknown",
        "ErrorDetails": "{}",
        "LogResult": "bG9n",
    }
    assert decode(invoke_complete())[0][1] == b"{}"
