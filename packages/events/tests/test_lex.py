"""Amazon Lex V2."""

from __future__ import annotations

from pathlib import Path

import pytest

from lambda_events import (
    EventDecodeError,
    LexV2Event,
    LexV2ImageResponseCard,
    LexV2Message,
    LexV2Response,
    LexV2SessionState,
    LexV2Slot,
    detect,
    loads,
    structure,
    unstructure,
)

COMPOSITE = Path(__file__).parent / "handmade" / "LexV2Event-composite.json"


def test_slots_of_all_shapes() -> None:
    event = loads(COMPOSITE.read_bytes(), LexV2Event)
    assert event.slot_values == {
        "Address": {"Street": "main street", "Number": None},
        "Size": None,
        "Toppings": ["olives", "corn"],
    }
    assert event.session_state.intent is not None
    assert event.session_state.intent.slots["Size"] is None


def test_a_slot_of_an_older_bot_has_no_shape() -> None:
    slot = structure({"value": {"interpretedValue": "a"}}, LexV2Slot)
    assert slot.interpreted == "a"
    assert structure({"value": None}, LexV2Slot).interpreted is None


@pytest.mark.parametrize(
    ("found", "expected"), [(0.5, 0.5), ({"score": 0.5}, 0.5), ({}, None), (None, None)]
)
def test_the_confidence_comes_in_two_forms(found: object, expected: float | None) -> None:
    value = {"sessionState": {}, "interpretations": [{"intent": {}, "nluConfidence": found}]}
    event = structure(value, LexV2Event)
    assert event.interpretations[0].confidence == expected
    assert unstructure(event) == value


def test_a_session_without_an_intent() -> None:
    event = structure({"sessionState": {}}, LexV2Event)
    assert event.slot_values == {}
    assert LexV2Response.close(event).session_state.intent is None


def test_an_event_is_built() -> None:
    event = LexV2Event.build("Order", {"Size": "small", "Colour": None})
    assert event.slot_values == {"Size": "small", "Colour": None}
    assert detect(unstructure(event)) == "LexV2Event"
    with pytest.raises(EventDecodeError, match="sessionState"):
        structure({"currentIntent": {}}, LexV2Event)


def test_close_ends_the_intent_and_keeps_the_session() -> None:
    event = LexV2Event.build("Order", {"Size": "small"}, session_attributes={"a": "1"})
    before = unstructure(event)
    written = unstructure(LexV2Response.close(event, "Done.", state="Failed"))
    assert written["messages"] == [{"contentType": "PlainText", "content": "Done."}]
    session = written["sessionState"]
    assert session["dialogAction"] == {"type": "Close"}
    assert session["intent"]["state"] == "Failed"
    assert session["intent"]["slots"] == before["sessionState"]["intent"]["slots"]
    assert session["sessionAttributes"] == {"a": "1"}
    assert unstructure(event) == before


def test_elicit_slot_asks_for_a_slot() -> None:
    event = LexV2Event.build("Order", {"Size": None})
    card = LexV2ImageResponseCard(title="Which size?")
    message = LexV2Message(content_type="ImageResponseCard", image_response_card=card)
    response = LexV2Response.elicit_slot(event, "Size", "Size?", message, style="SpellByWord")
    written = unstructure(response)
    assert written["sessionState"]["dialogAction"] == {
        "type": "ElicitSlot",
        "slotToElicit": "Size",
        "slotElicitationStyle": "SpellByWord",
    }
    assert written["sessionState"]["intent"]["state"] == "InProgress"
    assert written["messages"][1] == {
        "contentType": "ImageResponseCard",
        "imageResponseCard": {"title": "Which size?"},
    }


def test_elicit_intent_has_no_intent() -> None:
    written = unstructure(LexV2Response.elicit_intent(LexV2Event.build("Order"), "What else?"))
    assert written["sessionState"]["dialogAction"] == {"type": "ElicitIntent"}
    assert written["sessionState"].get("intent") is None


def test_delegate_and_confirm() -> None:
    event = LexV2Event.build("Order", invocation_source="DialogCodeHook")
    delegated = unstructure(LexV2Response.delegate(event))
    assert delegated["sessionState"]["dialogAction"] == {"type": "Delegate"}
    assert "messages" not in delegated
    confirmed = unstructure(LexV2Response.confirm_intent(event, "Really?"))
    assert confirmed["sessionState"]["dialogAction"] == {"type": "ConfirmIntent"}


def test_a_response_of_one_s_own() -> None:
    response = LexV2Response(session_state=LexV2SessionState(session_attributes={"a": "1"}))
    assert unstructure(response) == {"sessionState": {"sessionAttributes": {"a": "1"}}}
