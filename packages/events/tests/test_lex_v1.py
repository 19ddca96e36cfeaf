"""Amazon Lex V1."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lambda_events import EventDecodeError, LexV1Event, LexV1Response, loads, structure, unstructure

EVENT = Path(__file__).parent / "handmade" / "LexV1Event-null-slots.json"


@pytest.fixture
def event() -> LexV1Event:
    return loads(EVENT.read_bytes(), LexV1Event)


def test_slots_may_be_null_or_numbers(event: LexV1Event) -> None:
    assert event.current_intent.slots == {"City": None, "Nights": 4}
    assert event.current_intent.slot_details["City"] is None
    assert event.session_attributes == {}
    assert unstructure(event) == json.loads(EVENT.read_bytes())


def test_every_action_keeps_what_it_has_to(event: LexV1Event) -> None:
    event.session_attributes = {"a": "1"}
    slots = {"City": None, "Nights": 4}
    message = {"contentType": "PlainText", "content": "Hm?"}

    def action(response: LexV1Response) -> Any:
        written = unstructure(response)
        assert written["sessionAttributes"] == {"a": "1"}
        return written["dialogAction"]

    assert action(LexV1Response.close(event, "Hm?")) == {
        "type": "Close",
        "fulfillmentState": "Fulfilled",
        "message": message,
    }
    assert action(LexV1Response.close(event, failed=True))["fulfillmentState"] == "Failed"
    assert action(LexV1Response.delegate(event)) == {"type": "Delegate", "slots": slots}
    assert action(LexV1Response.elicit_intent(event, "Hm?")) == {
        "type": "ElicitIntent",
        "message": message,
    }
    assert action(LexV1Response.elicit_slot(event, "City")) == {
        "type": "ElicitSlot",
        "intentName": "Hotel",
        "slots": slots,
        "slotToElicit": "City",
    }
    assert action(LexV1Response.confirm_intent(event)) == {
        "type": "ConfirmIntent",
        "intentName": "Hotel",
        "slots": slots,
    }


def test_the_second_version_is_no_first_one() -> None:
    with pytest.raises(EventDecodeError, match="currentIntent"):
        structure({"sessionState": {}}, LexV1Event)
