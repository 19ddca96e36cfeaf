"""Damaged events: each is decoded, losslessly, or is an `EventDecodeError`."""

from __future__ import annotations

import json
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

import lambda_events
from lambda_events import EventDecodeError, Model, detect, dumps, loads, structure, unstructure

MODELS: list[Any] = [
    model
    for name in dir(lambda_events)
    if isinstance(model := getattr(lambda_events, name), type)
    and issubclass(model, Model)
    and model is not Model
]
EVENTS = [
    json.loads(dumps(model.build(*arguments)))
    for name, arguments in {
        "APIGatewayAuthorizerTokenEvent": (),
        "APIGatewayProxyEvent": ("POST", "/a"),
        "APIGatewayV2HTTPEvent": ("POST", "/a"),
        "APIGatewayWebSocketEvent": (),
        "EventBridgeEvent": ({"a": 1},),
        "KinesisEvent": (["a", "b"],),
        "S3Event": ("b", "k"),
        "SNSEvent": (["a"],),
        "SQSEvent": (["a", "b"],),
    }.items()
    if (model := getattr(lambda_events, name))
] + [
    json.loads(path.read_bytes())
    for path in sorted((Path(__file__).parent / "handmade").glob("*.json"))
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


def nodes(value: Any) -> list[tuple[Any, Any]]:
    """List the places of a JSON value: containers, and keys in them."""
    found: list[tuple[Any, Any]] = []
    pending = [value]
    while pending:
        node = pending.pop()
        if isinstance(node, (dict, list)):
            places: Any = [*node] if isinstance(node, dict) else range(len(node))
            found += [(node, place) for place in places]
            pending += [node[place] for place in places]
    return found


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    event = deepcopy(draw(st.sampled_from(EVENTS)))
    for _ in range(draw(st.integers(1, 4))):
        places = nodes(event)
        if not places:
            break
        node, place = places[draw(st.integers(0, len(places) - 1))]
        match draw(st.sampled_from(["drop", "null", "retype", "add"])):
            case "drop":
                del node[place]
            case "null":
                node[place] = None
            case "retype":
                node[place] = draw(JSON)
            case _ if isinstance(node, dict):
                node[draw(st.text(max_size=5))] = draw(JSON)
            case _:
                node.append(draw(JSON))
    return event


def ask(value: Any) -> None:
    """Ask a model, and all that are in it, for all they know; a helper fails in one way."""
    if isinstance(value, Model):
        for name in {*dir(type(value))} - {*dir(Model)}:
            with suppress(EventDecodeError):
                found = getattr(value, name)
                if name in type(value)._fields:
                    ask(found)
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            ask(item)


def check(value: Any, model: Any) -> None:
    before = deepcopy(value)
    try:
        event = structure(value, model)
    except EventDecodeError as error:
        str(error)
        return
    repr(event)
    ask(event)
    assert json.dumps(unstructure(event)) == json.dumps(before)
    assert event == structure(before, model)


@settings(max_examples=300, deadline=None)
@given(damaged(), st.data())
def test_damaged_events(value: Any, data: st.DataObject) -> None:
    name = detect(value)
    check(value, data.draw(st.sampled_from(MODELS)))
    if name is not None:
        check(value, getattr(lambda_events, name))


@settings(max_examples=300, deadline=None)
@given(JSON, st.sampled_from(MODELS))
def test_any_json(value: Any, model: Any) -> None:
    check(value, model)
    detect(value)


@settings(max_examples=300, deadline=None)
@given(st.binary() | st.text(), st.sampled_from(MODELS))
def test_any_document(document: bytes | str, model: Any) -> None:
    with suppress(EventDecodeError):
        loads(document, model)


@pytest.mark.parametrize("model", MODELS)
def test_nothing_but_what_tells_the_type_is_needed(model: Any) -> None:
    """An event that is empty, or all null, is decoded unless it lacks what tells its type."""
    needed = {path.partition("/")[0] for path in model._expects}
    for value in ({}, {key: None for key in model._wires if key not in needed}):
        if needed or "" in model._wires:
            check(value, model)
        else:
            assert unstructure(structure(deepcopy(value), model)) == value
