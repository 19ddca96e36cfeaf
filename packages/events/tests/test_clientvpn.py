"""Client VPN."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lambda_events import (
    ClientVPNConnectionHandlerEvent,
    ClientVPNConnectionHandlerResponse,
    structure,
    unstructure,
)

HANDMADE = Path(__file__).parent / "handmade"


@pytest.mark.parametrize(
    ("version", "key"),
    [
        ("v1", "error-msg-on-failed-posture-compliance"),
        ("v3", "error-msg-on-denied-connection"),
    ],
)
def test_a_response_is_in_the_schema_of_the_request(version: str, key: str) -> None:
    value = json.loads((HANDMADE / "ClientVPNConnectionHandlerEvent-v3.json").read_bytes())
    event = structure({**value, "schema-version": version}, ClientVPNConnectionHandlerEvent)
    assert (event.username, event.client_openvpn_version) == ("jane", "3.8.4")
    allowed = ClientVPNConnectionHandlerResponse.of(event, allow=True)
    assert unstructure(allowed) == {
        "allow": True,
        "posture-compliance-statuses": [],
        "schema-version": version,
        key: "",
    }
    denied = ClientVPNConnectionHandlerResponse.of(
        event, allow=False, message="Update your device.", statuses=["outdated"]
    )
    assert unstructure(denied)[key] == "Update your device."
    assert unstructure(denied)["posture-compliance-statuses"] == ["outdated"]
