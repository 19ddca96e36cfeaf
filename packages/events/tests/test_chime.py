"""Amazon Chime."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from lambda_events import ChimeBotEvent, EventDecodeError, loads, structure

HANDMADE = Path(__file__).parent / "handmade"


def test_the_address_for_answers_is_secret() -> None:
    event = loads((HANDMADE / "ChimeBotEvent-mention.json").read_bytes(), ChimeBotEvent)
    assert event.inbound_https_endpoint is not None
    assert event.inbound_https_endpoint.url.endswith("token=hush")
    assert "hush" not in repr(event)
    assert event.event_timestamp_utc == datetime(2026, 3, 4, 5, 6, 7, 181000, tzinfo=UTC)


def test_a_removed_bot_cannot_answer() -> None:
    event = loads((HANDMADE / "ChimeBotEvent-remove.json").read_bytes(), ChimeBotEvent)
    assert event.event_type == "Remove"
    assert event.inbound_https_endpoint is None
    assert event.message is None


def test_an_event_without_a_type_is_none() -> None:
    with pytest.raises(EventDecodeError, match="EventType"):
        structure({"Sender": {}}, ChimeBotEvent)
