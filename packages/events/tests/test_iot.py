"""AWS IoT."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lambda_events import (
    EventDecodeError,
    IoT1ClickEvent,
    IoTButtonEvent,
    IoTCustomAuthorizerEvent,
    IoTCustomAuthorizerResponse,
    IoTPreProvisionHookResponse,
    IoTRegistryEvent,
    detect,
    loads,
    structure,
    unstructure,
)

HANDMADE = Path(__file__).parent / "handmade"
ARN = "arn:aws:iot:eu-west-1:123456789012:client/one"


def test_what_a_client_sends_is_secret() -> None:
    event = loads(
        (HANDMADE / "IoTCustomAuthorizerEvent-mqtt.json").read_bytes(), IoTCustomAuthorizerEvent
    )
    mqtt = event.protocol_data.mqtt
    assert mqtt is not None
    assert mqtt.password_bytes == b"secret"
    assert event.protocol_data.http is None
    assert event.token is None
    for hidden in ("c2VjcmV0", "hush"):
        assert hidden not in repr(event)
    mqtt.password = "hush!"
    with pytest.raises(EventDecodeError, match="password: expected base64, found") as caught:
        _ = mqtt.password_bytes
    assert "hush" not in str(caught.value)


def test_a_request_over_http_has_headers_in_any_case() -> None:
    http = {"headers": {"X-Token": "1"}, "queryString": "?token=hush"}
    value = {"token": "hush", "protocolData": {"http": http, "mqtt": {"password": "a"}}}
    event = structure(value, IoTCustomAuthorizerEvent)
    assert event.protocol_data.http is not None
    assert event.protocol_data.http.headers["x-token"] == "1"
    assert "hush" not in repr(event)
    assert event.protocol_data.mqtt is not None
    with pytest.raises(EventDecodeError, match="password"):
        event.protocol_data.mqtt.password_bytes  # noqa: B018


def test_a_client_is_let_in_with_a_policy() -> None:
    response = IoTCustomAuthorizerResponse.of("one", allow={"iot:Connect": ARN})
    assert unstructure(response) == {
        "isAuthenticated": True,
        "principalId": "one",
        "disconnectAfterInSeconds": 86400,
        "refreshAfterInSeconds": 300,
        "policyDocuments": [
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": ["iot:Connect"], "Resource": [ARN]}],
            }
        ],
    }


def test_a_client_is_refused() -> None:
    written = unstructure(IoTCustomAuthorizerResponse.refuse())
    assert written["isAuthenticated"] is False
    assert written["policyDocuments"] == []


def test_a_policy_may_be_text() -> None:
    value = {"isAuthenticated": True, "principalId": "one", "policyDocuments": [json.dumps({})]}
    response = structure(value, IoTCustomAuthorizerResponse)
    assert unstructure(response) == value


def test_a_provisioning_hook_says_yes_or_no() -> None:
    assert unstructure(IoTPreProvisionHookResponse(allow_provisioning=False)) == {
        "allowProvisioning": False
    }


def test_registry_events_of_all_types() -> None:
    paths = [*HANDMADE.glob("IoTRegistryEvent-*.json")]
    events = [loads(path.read_bytes(), IoTRegistryEvent) for path in paths]
    assert {event.event_type for event in events} == {
        "THING_EVENT",
        "THING_TYPE_EVENT",
        "THING_TYPE_ASSOCIATION_EVENT",
        "THING_GROUP_EVENT",
        "THING_GROUP_MEMBERSHIP_EVENT",
        "THING_GROUP_HIERARCHY_EVENT",
    }
    for event in events:
        assert event.timestamp_utc == datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
        if event.event_type == "THING_GROUP_EVENT":
            assert event.root_to_parent_thing_groups == []
            assert event.attributes == {}
        if event.event_type == "THING_TYPE_EVENT":
            assert event.deprecation_date_utc == datetime(2026, 3, 4, 5, 6, 6, tzinfo=UTC)


def test_any_other_message_is_no_registry_event() -> None:
    with pytest.raises(EventDecodeError, match="eventType"):
        structure({"temperature": 20}, IoTRegistryEvent)
    assert detect({"eventType": "connected", "eventId": "1", "operation": "x"}) is None


@pytest.mark.parametrize(
    ("text", "expected"), [("2000mV", 2000), ("2000 mV", 2000), ("full", None), ("", None)]
)
def test_a_battery(text: str, expected: int | None) -> None:
    event = structure({"clickType": "LONG", "batteryVoltage": text}, IoTButtonEvent)
    assert event.battery_millivolts == expected


def test_a_click() -> None:
    clicked = {"buttonClicked": {"reportedTime": "2018-05-04T23:26:33.747Z"}}
    event = structure({"deviceEvent": clicked}, IoT1ClickEvent)
    found = event.device_event.button_clicked.reported_time_utc
    assert found == datetime(2018, 5, 4, 23, 26, 33, 747000, tzinfo=UTC)
    assert event.placement_info.devices == {}
