"""Amazon Alexa."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from lambda_events import (
    AlexaSkillEvent,
    AlexaSmartHomeEvent,
    EventDecodeError,
    detect,
    loads,
    structure,
)

HANDMADE = Path(__file__).parent / "handmade"


@pytest.mark.parametrize("path", [*HANDMADE.glob("Alexa*.json")], ids=lambda path: path.stem)
def test_tokens_are_secret(path: Path) -> None:
    text = path.read_bytes()
    kind = AlexaSkillEvent if path.name.startswith("AlexaSkill") else AlexaSmartHomeEvent
    assert b"hush" in text
    assert "hush" not in repr(loads(text, kind))


def test_a_launch() -> None:
    event = loads((HANDMADE / "AlexaSkillEvent-launch.json").read_bytes(), AlexaSkillEvent)
    assert event.request.timestamp_utc == datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    assert event.request.intent is None
    assert event.session is not None
    assert event.session.attributes == {}
    assert event.context.extra == {"Extensions": {"available": {}}}
    assert event.context.system.api_access_token == "hush"


def test_an_event_of_the_audio_player_has_no_session() -> None:
    event = loads((HANDMADE / "AlexaSkillEvent-audio.json").read_bytes(), AlexaSkillEvent)
    assert event.session is None
    assert event.context.audio_player is not None
    assert event.context.audio_player.offset_in_milliseconds == 1500


def test_slots_of_an_intent() -> None:
    slots = {"Colour": {"name": "Colour", "value": "blue"}, "Size": {"name": "Size"}}
    value = {"request": {"type": "IntentRequest", "intent": {"name": "i", "slots": slots}}}
    intent = structure(value, AlexaSkillEvent).request.intent
    assert intent is not None
    assert intent.slot_values == {"Colour": "blue", "Size": None}


def test_both_versions_of_a_smart_home_message() -> None:
    header = {"namespace": "Alexa.PowerController", "name": "TurnOn"}
    new = structure({"directive": {"header": header, "payload": {}}}, AlexaSmartHomeEvent)
    old = structure({"header": header, "payload": {"accessToken": "x"}}, AlexaSmartHomeEvent)
    for event in (new, old):
        assert event.message.header is not None
        assert event.message.header.name == "TurnOn"
        assert event.message.payload is not None
    assert new.message is new.directive
    assert old.message is old


def test_another_header_is_none_of_alexa() -> None:
    assert detect({"header": {"namespace": "Alexander"}, "payload": {}}) is None
    with pytest.raises(EventDecodeError, match="request"):
        structure({"directive": {}}, AlexaSkillEvent)
