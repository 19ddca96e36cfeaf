"""Amazon Connect."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lambda_events import (
    ConnectContactFlowEvent,
    ConnectOutboundCampaignsEvent,
    ConnectResponse,
    EventDecodeError,
    dumps,
    structure,
    unstructure,
)


def contact(**data: object) -> ConnectContactFlowEvent:
    value = {"Name": "ContactFlowEvent", "Details": {"ContactData": data, "Parameters": {}}}
    event = structure(value, ConnectContactFlowEvent)
    assert unstructure(event) == value
    return event


def test_what_a_contact_lacks_is_null() -> None:
    data = contact(Queue=None, CustomerEndpoint=None, MediaStreams=None).details.contact_data
    assert data.queue is None
    assert data.customer_endpoint is None
    assert data.media_streams.customer.audio is None
    assert data.attributes == {}


def test_a_stream_knows_when_it_began() -> None:
    audio = {"StartTimestamp": "1565781909613", "StreamARN": "arn:aws:kinesisvideo:eu-west-1:1:s/x"}
    data = contact(MediaStreams={"Customer": {"Audio": audio}}).details.contact_data
    found = data.media_streams.customer.audio
    assert found is not None
    assert found.start_timestamp_utc == datetime(2019, 8, 14, 11, 25, 9, 613000, tzinfo=UTC)
    assert found.stop_timestamp_utc is None
    assert found.stream_arn is not None
    assert found.stream_arn.service == "kinesisvideo"


def test_a_queue_of_an_older_flow_is_its_name() -> None:
    data = contact(Queue="QueueName").details.contact_data
    assert str(data.queue) == "QueueName"


def test_a_response_is_a_map() -> None:
    response = ConnectResponse.of({"Name": "Ada", "Type": "Patient"})
    assert dumps(response) == b'{"Name":"Ada","Type":"Patient"}'
    response.extra["Type"] = "Doctor"
    assert unstructure(response) == {"Name": "Ada", "Type": "Doctor"}
    assert unstructure(ConnectResponse.of({})) == {}


def test_a_campaign_sends_customers_as_text() -> None:
    profiles = [{"CustomerData": '{"email":"a@example.com"}'}, {"CustomerData": "?"}]
    value = {"InvocationMetadata": {}, "Items": {"CustomerProfiles": profiles}}
    items = structure(value, ConnectOutboundCampaignsEvent).items.customer_profiles
    assert items[0].customer_data_decoded == {"email": "a@example.com"}
    with pytest.raises(EventDecodeError, match="CustomerData"):
        items[1].customer_data_decoded  # noqa: B018


def test_a_campaign_is_no_flow() -> None:
    with pytest.raises(EventDecodeError, match="Details"):
        structure({"InvocationMetadata": {}}, ConnectContactFlowEvent)
