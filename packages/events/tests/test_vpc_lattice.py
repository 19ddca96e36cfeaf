"""VPC Lattice."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from lambda_events import (
    EventDecodeError,
    VPCLatticeEvent,
    VPCLatticeResponse,
    VPCLatticeV2Event,
    detect,
    structure,
    unstructure,
)


def test_version_1_is_in_snake_case() -> None:
    value = {
        "raw_path": "/a",
        "method": "GET",
        "headers": {"cookie": "a=1"},
        "query_string_parameters": {"q": "1"},
        "body": "e30=",
        "is_base64_encoded": True,
    }
    event = structure(value, VPCLatticeEvent)
    assert event.query == {"q": ["1"]}
    assert event.cookies == {"a": "1"}
    assert event.json() == {}
    assert unstructure(event) == value
    assert detect(value) == "VPCLatticeEvent"


def test_version_2_has_lists_of_values() -> None:
    event = VPCLatticeV2Event.build(
        headers={"Accept": ["a", "b"], "Cookie": ["a=1", "b=2"]}, query={"q": ["1", "2"]}
    )
    assert event.headers["accept"] == ["a", "b"]
    assert event.query == {"q": ["1", "2"]}
    assert event.cookies == {"a": "1", "b": "2"}
    assert event.request_context.time_utc == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert event.request_context.service_arn.service == "vpc-lattice"
    assert event.is_base64_encoded is None
    assert detect(unstructure(event)) == "VPCLatticeV2Event"


@pytest.mark.parametrize("key", ["queryStringParameters", "query_string_parameters"])
def test_older_events_of_version_2_have_text(key: str) -> None:
    value: dict[str, Any] = {
        "version": "2.0",
        "path": "/",
        "method": "GET",
        "headers": {"cookie": "a=1; b=2"},
        key: {"q": "1"},
        "requestContext": {"identity": {"X509SanUri": "u", "x509SanDns": "d"}},
    }
    event = structure(value, VPCLatticeV2Event)
    assert event.query == {"q": ["1"]}
    assert event.cookies == {"a": "1", "b": "2"}
    identity = event.request_context.identity
    assert (identity.x509_san_uri, identity.x509_san_dns) == ("u", "d")
    assert unstructure(event) == value


def test_another_version_is_another_type() -> None:
    with pytest.raises(EventDecodeError, match="version"):
        structure({"version": "3.0"}, VPCLatticeV2Event)


def test_a_response() -> None:
    assert unstructure(VPCLatticeResponse.of("a", status_code=202)) == {
        "statusCode": 202,
        "headers": {},
        "body": "a",
        "isBase64Encoded": False,
    }
