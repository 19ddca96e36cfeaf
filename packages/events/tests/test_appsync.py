"""AppSync: resolvers, authorizers, Event APIs."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from lambda_events import (
    AppSyncAuthorizerEvent,
    AppSyncAuthorizerResponse,
    AppSyncBatchResolverEvent,
    AppSyncCognitoIdentity,
    AppSyncEventsEvent,
    AppSyncEventsResponse,
    AppSyncIAMIdentity,
    AppSyncLambdaIdentity,
    AppSyncOIDCIdentity,
    AppSyncResolverEvent,
    EventDecodeError,
    detect,
    structure,
    unstructure,
)


@attrs.define
class Arguments:
    id: str


def test_arguments_are_of_the_users_type() -> None:
    event = AppSyncResolverEvent.build("post", Arguments("1"), selection=["id"])
    assert event.arguments == Arguments("1")
    read = structure(unstructure(event), AppSyncResolverEvent[Arguments])
    assert read.arguments.id == "1"
    assert (read.parent_type, read.field_to_resolve) == ("Query", "post")
    assert detect(unstructure(event)) == "AppSyncResolverEvent"
    wrong = AppSyncResolverEvent.build("post", {"id": 5})
    with pytest.raises(EventDecodeError, match=r"arguments\.id"):
        _ = structure(unstructure(wrong), AppSyncResolverEvent[Arguments]).arguments


def test_amplify_names_the_field_at_the_top() -> None:
    value: dict[str, Any] = {
        "typeName": "Mutation",
        "fieldName": "save",
        "arguments": {},
        "identity": None,
    }
    event = structure(value, AppSyncResolverEvent)
    assert (event.parent_type, event.field_to_resolve) == ("Mutation", "save")
    assert event.info is None
    assert detect(value) == "AppSyncResolverEvent"


@pytest.mark.parametrize(
    ("identity", "kind"),
    [
        ({"sub": "1", "username": "u", "claims": {}, "groups": None}, AppSyncCognitoIdentity),
        (
            {"accountId": "1", "userArn": "arn:aws:iam::1:user/u", "username": "u"},
            AppSyncIAMIdentity,
        ),
        ({"claims": {}, "issuer": "i", "sub": "1"}, AppSyncOIDCIdentity),
        ({"resolverContext": {"a": 1}}, AppSyncLambdaIdentity),
        (None, type(None)),
        ("None", type(None)),
        ({}, type(None)),
    ],
)
def test_the_caller_is_known_by_how_it_was_authenticated(identity: Any, kind: type) -> None:
    value = {"arguments": {}, "identity": identity, "info": {"fieldName": "f"}}
    event = structure(value, AppSyncResolverEvent)
    assert type(event.caller) is kind
    assert unstructure(event) == value


def test_a_batch_is_an_array() -> None:
    one = unstructure(AppSyncResolverEvent.build("author", {"id": "1"}, source={"post": 1}))
    batch = structure([one, one], AppSyncBatchResolverEvent[Arguments])
    assert [item.arguments.id for item in batch.items] == ["1", "1"]
    assert unstructure(batch) == [one, one]
    assert detect([one, one]) == "AppSyncBatchResolverEvent"
    with pytest.raises(EventDecodeError, match="an array"):
        structure({}, AppSyncBatchResolverEvent)


def test_a_token_is_checked() -> None:
    event = AppSyncAuthorizerEvent.build("hush", operation_name="Q", variables={"a": 1})
    assert event.authorization_token == "hush"
    assert "hush" not in repr(event)
    assert event.request_context.variables == {"a": 1}
    assert detect(unstructure(event)) == "AppSyncAuthorizerEvent"
    response = AppSyncAuthorizerResponse(
        is_authorized=True, resolver_context={"a": 1}, ttl_override=0
    )
    assert unstructure(response) == {
        "isAuthorized": True,
        "resolverContext": {"a": 1},
        "ttlOverride": 0,
    }


def test_published_events_are_of_the_users_type() -> None:
    event = AppSyncEventsEvent.build([Arguments("1"), Arguments("2")], channel="/news/latest")
    assert event.info.operation == "PUBLISH"
    assert event.info.channel.segments == ["news", "latest"]
    assert event.events is not None
    assert [item.payload.id for item in event.events] == ["1", "2"]
    assert event.caller is None
    assert detect(unstructure(event)) == "AppSyncEventsEvent"
    response = AppSyncEventsResponse.of(
        (item.id, ValueError("no") if item.payload.id == "2" else {"ok": True})
        for item in event.events
    )
    first, second = (item.id for item in event.events)
    assert unstructure(response) == {
        "events": [
            {"id": first, "payload": {"ok": True}},
            {"id": second, "error": "ValueError - no"},
        ]
    }


def test_a_subscription_has_no_events() -> None:
    event = AppSyncEventsEvent.build_subscription(identity={"claims": {}, "sub": "1"})
    assert event.events is None
    assert event.info.operation == "SUBSCRIBE"
    assert isinstance(event.caller, AppSyncOIDCIdentity)
    assert unstructure(AppSyncEventsResponse(error="no")) == {"error": "no"}
