"""Amazon Bedrock agents."""

from __future__ import annotations

import pytest

from lambda_events import (
    BedrockAgentEvent,
    BedrockAgentFunctionEvent,
    BedrockAgentFunctionResponse,
    BedrockAgentParameter,
    BedrockAgentResponse,
    EventDecodeError,
    detect,
    structure,
    unstructure,
)

VALUES = {"n": 2, "x": 0.5, "on": True, "tags": ["a", "é"], "name": "7", "where": {"city": "B"}}


def test_values_are_text_and_are_read_as_their_types_say() -> None:
    event = BedrockAgentEvent.build("POST", "/claims/{n}", parameters=VALUES, body=VALUES)
    assert [item.value for item in event.parameters] == [
        "2",
        "0.5",
        "true",
        '["a","é"]',
        "7",
        '{"city":"B"}',
    ]
    assert event.parameter_values == VALUES
    assert event.body_values == VALUES
    assert detect(unstructure(event)) == "BedrockAgentEvent"


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("integer", "-3", -3),
        ("number", "3", 3),
        ("number", "1e3", 1000.0),
        ("boolean", "False", False),
        ("array", "[a, b]", "[a, b]"),  # how agents write arrays of strings now and then
        ("object", "", ""),
        ("uuid", "1", "1"),
    ],
)
def test_a_value_of_a_type(kind: str, value: str, expected: object) -> None:
    found = BedrockAgentParameter(name="p", type=kind, value=value).value_decoded
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("kind", "value"), [("integer", "1.5"), ("number", "many"), ("boolean", "yes")]
)
def test_a_value_that_is_not_of_its_type(kind: str, value: str) -> None:
    event = BedrockAgentFunctionEvent.build("f", {"p": value})
    event.parameters[0].type = kind
    with pytest.raises(EventDecodeError) as caught:
        event.parameter_values  # noqa: B018
    assert (caught.value.path, caught.value.expected) == ("value", kind)


def test_an_event_may_lack_parameters_and_a_body() -> None:
    event = structure({"apiPath": "/"}, BedrockAgentEvent)
    assert event.parameter_values == {}
    assert event.body_values == {}
    assert event.session_attributes == {}


def test_a_response_repeats_the_operation_and_what_is_kept() -> None:
    event = BedrockAgentEvent.build("GET", "/now", session_attributes={"a": "1"})
    response = BedrockAgentResponse.of(event, {"now": 5}, status_code=201)
    assert unstructure(response) == {
        "messageVersion": "1.0",
        "response": {
            "actionGroup": event.action_group,
            "apiPath": "/now",
            "httpMethod": "GET",
            "httpStatusCode": 201,
            "responseBody": {"application/json": {"body": '{"now":5}'}},
        },
        "sessionAttributes": {"a": "1"},
        "promptSessionAttributes": {},
    }


def test_what_a_response_keeps_can_be_given() -> None:
    event = BedrockAgentEvent.build(session_attributes={"a": "1"})
    bases = [{"knowledgeBaseId": "KB1"}]
    response = BedrockAgentResponse.of(
        event,
        "hello",
        content_type="text/plain",
        session_attributes={},
        prompt_session_attributes={"b": "2"},
        knowledge_bases_configuration=bases,
    )
    written = unstructure(response)
    assert written["response"]["responseBody"] == {"text/plain": {"body": "hello"}}
    assert written["sessionAttributes"] == {}
    assert written["promptSessionAttributes"] == {"b": "2"}
    assert written["knowledgeBasesConfiguration"] == bases
    assert event.session_attributes == {"a": "1"}


def test_a_function_and_its_response() -> None:
    event = BedrockAgentFunctionEvent.build("book", {"days": 3})
    assert event.parameter_values == {"days": 3}
    assert detect(unstructure(event)) == "BedrockAgentFunctionEvent"
    response = BedrockAgentFunctionResponse.of(event, [1], response_state="REPROMPT")
    assert unstructure(response)["response"] == {
        "actionGroup": event.action_group,
        "function": "book",
        "functionResponse": {
            "responseState": "REPROMPT",
            "responseBody": {"TEXT": {"body": "[1]"}},
        },
    }
    fine = BedrockAgentFunctionResponse.of(event, "done")
    assert "responseState" not in unstructure(fine)["response"]["functionResponse"]


def test_the_two_kinds_of_action_groups_are_told_apart() -> None:
    function = unstructure(BedrockAgentFunctionEvent.build("book"))
    with pytest.raises(EventDecodeError, match="apiPath"):
        structure(function, BedrockAgentEvent)
    with pytest.raises(EventDecodeError, match="function"):
        structure(unstructure(BedrockAgentEvent.build()), BedrockAgentFunctionEvent)
