"""Every event of a corpus: decoded, written back, recognised, pickled.

``LAMBDA_EVENTS_CORPUS`` names a folder with an INDEX.tsv (columns path, model, kind, source); the
hand-made events beside this file are always run.
"""

from __future__ import annotations

import csv
import json
import os
import pickle
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import lambda_events
from lambda_events import Model, detect, dumps, loads, structure, unstructure

if TYPE_CHECKING:
    from collections.abc import Iterator

HANDMADE = Path(__file__).parent / "handmade"
UNTOLD = {
    "cognito__base.json": "its triggerSource, which tells a user pool's events apart, is empty",
}
"""Events that do not say what they are, and why."""


def corpus() -> list[Any]:
    """List (model, kind, path) of every event."""
    found = [(path.stem.partition("-")[0], "event", path) for path in HANDMADE.glob("*.json")]
    folder = os.environ.get("LAMBDA_EVENTS_CORPUS")
    if folder:
        with (Path(folder) / "INDEX.tsv").open(newline="") as index:
            rows = csv.DictReader(index, delimiter="\t", quoting=csv.QUOTE_NONE)
            found += [(row["model"], row["kind"], Path(folder) / row["path"]) for row in rows]
    return [
        pytest.param(model, kind, path, id=f"{model}:{path.parent.name}/{path.name}")
        for model, kind, path in sorted(found)
    ]


CORPUS = corpus()


def model_of(name: str) -> Any:
    if not hasattr(lambda_events, name):
        pytest.skip(f"no model {name} yet")
    return getattr(lambda_events, name)


@pytest.mark.parametrize(("name", "kind", "path"), CORPUS)
def test_an_event_is_decoded_and_written_back(name: str, kind: str, path: Path) -> None:
    model = model_of(name)
    text = path.read_bytes()
    value = json.loads(text)
    if kind == "partial":
        try:
            event = structure(value, model)
        except lambda_events.EventDecodeError:
            return
    else:
        event = loads(text, model)
    assert type(event) is model
    written = unstructure(event)
    assert json.dumps(written) == json.dumps(value)  # the order of keys too
    assert json.loads(dumps(event)) == value
    # Not a copy of what came in, but what the attributes say.
    assert json.dumps(unstructure(touched(event))) == json.dumps(value)


def touched(value: Any) -> Any:
    """Ask for every attribute there is, and set it to what it was."""
    if isinstance(value, Model):
        for name in (*type(value)._fields, "extra"):
            setattr(value, name, touched(getattr(value, name)))
    elif isinstance(value, list):
        value = [touched(item) for item in value]
    elif isinstance(value, dict):
        value = {key: touched(item) for key, item in value.items()}
    return value


def parts(value: Any) -> Iterator[Model]:
    """List a model and all that are in it."""
    if isinstance(value, Model):
        yield value
        value = {name: getattr(value, name) for name in type(value)._fields}
    if isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from parts(item)


@pytest.mark.parametrize(("name", "kind", "path"), CORPUS)
def test_an_event_knows_its_own(name: str, kind: str, path: Path) -> None:
    model = model_of(name)
    if kind == "partial":
        pytest.skip("a part of an event")
    value = json.loads(path.read_bytes())
    event = structure(value, model)
    before = deepcopy(value)
    for copied in (pickle.loads(pickle.dumps(event)), deepcopy(event), event.evolve()):
        assert type(copied) is model
        assert copied == event
        assert unstructure(copied) == value
        assert repr(copied) == repr(event)
    for part in parts(event):
        for attribute in dir(part):
            if not attribute.startswith("_"):
                try:  # a helper fails, if it does, in one way
                    getattr(part, attribute)
                except lambda_events.EventDecodeError:
                    continue
    assert value == before
    assert unstructure(event) == value


def test_events_are_recognised() -> None:
    """Never as another; those that are not recognised are known by name, and one in a hundred."""
    unknown, full = set(), 0
    for name, kind, path in (parameters.values for parameters in CORPUS):
        if kind != "event" or not hasattr(lambda_events, name):
            continue
        full += 1
        found = detect(json.loads(path.read_bytes()))
        assert found in {name, None}, path
        if found is None:
            unknown.add(path.name)
    assert unknown <= {*UNTOLD}
    assert len(unknown) <= full * 0.01


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"state": {"reported": {"led": "on"}}, "version": 1}, id="a device's shadow"),
        pytest.param({"temperature": 21.5, "topic": "a/b"}, id="a rule of IoT"),
        pytest.param({"input": {"a": 1}, "TaskToken": "x"}, id="a task of Step Functions"),
        pytest.param([{"messageId": "1", "eventSource": "aws:sqs"}], id="a pipe of EventBridge"),
        pytest.param([], id="nothing"),
        pytest.param("text", id="text"),
    ],
)
def test_what_users_write_themselves_is_nobodys_event(value: Any) -> None:
    assert detect(value) is None
