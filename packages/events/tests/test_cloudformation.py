"""Custom resources of AWS CloudFormation."""

from __future__ import annotations

import attrs
import pytest

from lambda_events import (
    CDKCustomResourceProviderEvent,
    CDKCustomResourceProviderResponse,
    CloudFormationCustomResourceEvent,
    CloudFormationCustomResourceResponse,
    EventDecodeError,
    detect,
    structure,
    unstructure,
)


@attrs.define
class Database:
    Name: str
    Encrypted: str = "false"


def test_properties_are_of_the_type_that_was_asked_for() -> None:
    value = {
        "RequestType": "Update",
        "ResourceProperties": {"ServiceToken": "arn", "Name": "new", "Encrypted": "true"},
        "OldResourceProperties": {"ServiceToken": "arn", "Name": "old"},
    }
    event = structure(value, CloudFormationCustomResourceEvent[Database])
    assert event.resource_properties == Database("new", "true")
    assert event.old_properties == Database("old")
    assert unstructure(event) == value


def test_without_a_type_properties_are_json() -> None:
    event = CloudFormationCustomResourceEvent.build({"a": ["1"]}, request_type="Delete")
    assert event.resource_properties == {"a": ["1"]}
    assert event.old_properties is None
    assert event.old_resource_properties is None
    assert event.physical_resource_id == "my-resource-1"


def test_properties_that_are_not_of_the_type() -> None:
    value = {"ResourceProperties": {"Name": "new"}, "OldResourceProperties": {"Name": 1}}
    event = structure(value, CDKCustomResourceProviderEvent[Database])
    with pytest.raises(EventDecodeError, match=r"OldResourceProperties\.Name"):
        event.old_properties  # noqa: B018
    with pytest.raises(EventDecodeError, match=r"ResourceProperties\.Name"):
        structure({"ResourceProperties": {}}, CloudFormationCustomResourceEvent[Database])


def test_an_event_is_built_with_properties_of_a_type() -> None:
    event = CloudFormationCustomResourceEvent.build(
        Database("new"), request_type="Update", old_properties=Database("old")
    )
    assert event.resource_properties == Database("new")
    assert event.old_properties == Database("old")
    assert detect(unstructure(event)) == "CloudFormationCustomResourceEvent"


def test_the_url_of_the_answer_is_a_secret() -> None:
    event = CloudFormationCustomResourceEvent.build({"Name": "shop"})
    assert event.response_url.startswith("https://")
    assert event.response_url not in repr(event)


def test_an_answer_repeats_what_cloudformation_asks_for() -> None:
    event = CloudFormationCustomResourceEvent.build({"Name": "shop"})
    answer = CloudFormationCustomResourceResponse.of(event, data={"Port": 5432}, no_echo=True)
    assert unstructure(answer) == {
        "Status": "SUCCESS",
        "PhysicalResourceId": "my-stack-MyResource",
        "StackId": event.stack_id,
        "RequestId": event.request_id,
        "LogicalResourceId": "MyResource",
        "NoEcho": True,
        "Data": {"Port": 5432},
    }


def test_a_failed_answer_has_a_reason_and_the_id_of_the_request() -> None:
    event = CloudFormationCustomResourceEvent.build({"Name": "shop"}, request_type="Delete")
    written = unstructure(CloudFormationCustomResourceResponse.of(event, error="no such database"))
    assert (written["Status"], written["Reason"]) == ("FAILED", "no such database")
    assert written["PhysicalResourceId"] == "my-resource-1"
    assert "Data" not in written
    another = CloudFormationCustomResourceResponse.of(event, physical_resource_id="other")
    assert another.physical_resource_id == "other"


def test_a_request_of_another_type_is_none() -> None:
    with pytest.raises(EventDecodeError, match="RequestType"):
        structure({"RequestType": "Rename"}, CloudFormationCustomResourceEvent)


def test_a_provider_returns_what_it_has() -> None:
    assert unstructure(CDKCustomResourceProviderResponse()) == {}
    complete = CDKCustomResourceProviderResponse(is_complete=False)
    assert unstructure(complete) == {"IsComplete": False}
