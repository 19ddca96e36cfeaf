"""CloudWatch Logs: what a subscription sends."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from pathlib import Path
from typing import Any

import attrs
import pytest

from lambda_events import (
    CloudWatchLogsData,
    CloudWatchLogsEvent,
    EventDecodeError,
    detect,
    loads,
    structure,
    unstructure,
)

HANDMADE = Path(__file__).parent / "handmade"
DATA = (HANDMADE / "CloudWatchLogsData.json").read_bytes()


@attrs.define
class Line:
    level: str
    order: int


def packed(data: bytes) -> dict[str, Any]:
    return {"awslogs": {"data": base64.b64encode(data).decode()}}


@pytest.mark.parametrize("compress", [gzip.compress, zlib.compress])
def test_logs_are_unpacked(compress: Any) -> None:
    event = structure(packed(compress(DATA)), CloudWatchLogsEvent[Line])
    assert event.logs is event.logs  # unpacked once
    assert unstructure(event.logs) == json.loads(DATA)
    structured, plain = event.logs.log_events
    assert structured.payload == Line("ERROR", 7)
    assert structured.extracted_fields == {"level": "ERROR", "order": "7"}
    assert str(structured.timestamp_utc) == "2026-01-02 00:00:00.123000+00:00"
    assert plain.message == "plain text"
    with pytest.raises(EventDecodeError, match=r"CloudWatchLogEvent\[Line\]: message"):
        _ = plain.payload
    assert event.logs.policy_level == "ACCOUNT_LEVEL_POLICY"
    assert not event.logs.is_control_message


def test_logs_that_come_in_several_parts_are_whole() -> None:
    event = structure(
        packed(gzip.compress(DATA[:50]) + gzip.compress(DATA[50:])), CloudWatchLogsEvent
    )
    assert unstructure(event.logs) == json.loads(DATA)
    cut = structure(packed(gzip.compress(DATA)[:-9]), CloudWatchLogsEvent)
    with pytest.raises(EventDecodeError, match="expected gzip or zlib data, found a part of it"):
        _ = cut.logs


def test_logs_follow_their_field() -> None:
    event = CloudWatchLogsEvent.build(["old"])
    assert event.logs.log_events[0].message == "old"
    event.awslogs.data = CloudWatchLogsEvent.build(["new"]).awslogs.data
    assert event.logs.log_events[0].message == "new"


def test_a_check_of_the_destination_is_no_log() -> None:
    data = loads((HANDMADE / "CloudWatchLogsData-control.json").read_bytes(), CloudWatchLogsData)
    assert data.is_control_message


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"awslogs": {"data": "a"}}, "base64"),
        ({"awslogs": {}}, "base64"),
        (packed(b"plain"), "gzip or zlib"),
        (packed(gzip.compress(b"[1]")), "an object"),
        (packed(gzip.compress(b"{}")), "logEvents"),
    ],
)
def test_what_are_no_logs_say_so(value: dict[str, Any], words: str) -> None:
    event = structure(value, CloudWatchLogsEvent)
    with pytest.raises(EventDecodeError, match=words):
        _ = event.logs


def test_a_built_event_reads_as_its_types() -> None:
    event = CloudWatchLogsEvent.build([Line("INFO", 1)], log_group="g", log_stream="s")
    assert event.logs.log_events[0].payload == Line("INFO", 1)
    assert (event.logs.log_group, event.logs.log_stream) == ("g", "s")
    assert detect(unstructure(event)) == "CloudWatchLogsEvent"
    assert CloudWatchLogsEvent.build(["a"]) == CloudWatchLogsEvent.build(["a"])
