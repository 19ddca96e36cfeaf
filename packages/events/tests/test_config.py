"""AWS Config: JSON in text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lambda_events import ConfigEvent, EventDecodeError, loads, structure

TEXT = (Path(__file__).parent / "handmade" / "ConfigEvent-proactive.json").read_bytes()


def event(**changes: Any) -> ConfigEvent:
    value = {"configRuleName": "r", "invokingEvent": "{}", "ruleParameters": "{}"}
    return structure({**value, **changes}, ConfigEvent)


def test_the_invoking_event_is_a_model() -> None:
    invoking = loads(TEXT, ConfigEvent).invoking_event_decoded
    assert invoking.message_type == "ConfigurationItemChangeNotification"
    assert str(invoking.notification_creation_time_utc) == "2026-01-02 00:00:01+00:00"
    item = invoking.configuration_item
    assert item is not None
    assert item.arn == "arn:aws:s3:::b"
    assert item.configuration is None
    assert item.tags == {}
    assert str(item.configuration_item_capture_time_utc) == "2026-01-02 00:00:00+00:00"
    assert item.resource_creation_time_utc is None
    assert invoking.configuration_item_summary is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [('{"a": "1"}', {"a": "1"}), ("{}", {}), ("", {}), (None, {})],
)
def test_rule_parameters_are_an_object(text: str | None, expected: dict[str, Any]) -> None:
    assert event(ruleParameters=text).rule_parameters_decoded == expected


def test_what_is_no_json_says_so() -> None:
    with pytest.raises(EventDecodeError, match="invokingEvent"):
        _ = event(invokingEvent="{").invoking_event_decoded
    with pytest.raises(EventDecodeError, match="ConfigInvokingEvent: invokingEvent"):
        _ = event(invokingEvent="[]").invoking_event_decoded
    with pytest.raises(EventDecodeError, match="ruleParameters"):
        _ = event(ruleParameters="{").rule_parameters_decoded


def test_the_token_is_hidden() -> None:
    assert "secret-token" not in repr(loads(TEXT, ConfigEvent))
