"""The common behaviour of all models, shown on those of SQS and on some of our own."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
import sys
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

import lambda_events
from lambda_events import (
    ARN,
    APIGatewayProxyEvent,
    APIGatewayProxyResponse,
    EventDecodeError,
    Headers,
    Model,
    SESMail,
    SNSEvent,
    SNSNotification,
    SQSEvent,
    SQSRecord,
    structure,
    unstructure,
)
from lambda_events._field import EMPTY, field
from lambda_events._model import ModelType
from lambda_events._reader import _look_up
from lambda_events._typing import Generic, T


class Part(Model):
    name: str
    note: str | None = None


class Whole(Model, Generic[T], case="kebab", expects={"kind": "whole"}):
    kind: str = "whole"
    first_part: Part = EMPTY
    other: Part | None = None
    several: list[Part] = EMPTY
    by_name: dict[str, Part] = EMPTY
    lists: dict[str, list[Part]] = EMPTY
    tags: dict[str, str] = EMPTY
    token: str | None = field("aToken", default=None, secret=True)
    place: str | None = field("Url", also="URL", default=None)
    sent: Headers = EMPTY
    owner: ARN | None = None
    detail: T = EMPTY


class Change(Model, Generic[T]):
    before: T | None = None
    after: T | None = None


FULL: dict[str, Any] = {
    "kind": "whole",
    "unknown": {"a": [1, None]},
    "first-part": {"name": "a", "note": None, "more": 1},
    "other": None,
    "several": [{"name": "b"}, None, 7],
    "by-name": {"x": {"name": "c"}, "y": "wrong"},
    "lists": {"z": [{"name": "d"}, []], "w": None},
    "tags": None,
    "aToken": "secret!",
    "URL": "here",
    "sent": {"X-A": "1", "Authorization": "secret!"},
    "owner": "arn:aws-cn:s3:::bucket",
    "detail": {"n": 1},
}


def test_names_follow_the_case_or_what_is_declared() -> None:
    whole = structure(FULL, Whole)
    assert (whole.first_part.name, whole.first_part.note) == ("a", None)
    assert whole.first_part.extra == {"more": 1}
    assert whole.extra == {"unknown": {"a": [1, None]}}
    assert whole.place == "here"
    assert isinstance(whole.several[0], Part)
    assert whole.several[1:] == [None, 7]
    assert isinstance(whole.by_name["x"], Part)
    assert whole.by_name["y"] == "wrong"
    assert whole.lists["z"][0].name == "d"
    assert whole.owner is not None
    assert (whole.owner.aws_partition, whole.owner.resource) == ("aws-cn", "bucket")


def test_nothing_is_lost() -> None:
    assert json.dumps(unstructure(structure(FULL, Whole))) == json.dumps(FULL)


def test_what_is_absent_or_null_reads_as_nothing() -> None:
    for value in ({}, dict.fromkeys(Whole._wires)):
        whole = structure(value, Whole)
        assert isinstance(whole.first_part, Part)
        assert getattr(whole.first_part, "name", "") is None
        assert (whole.other, whole.token, whole.owner, whole.place) == (None,) * 4
        assert (whole.several, whole.by_name, whole.lists, whole.tags) == ([], {}, {}, {})
        assert dict(whole.sent) == {}
        assert unstructure(whole) == value


class Sparse(Model):
    first: str
    second: str
    third: str | None = None
    fourth: Part | None = None
    fifth: ARN | None = None
    sixth: str | None = field("Url", also="URL", default=None)


@given(
    st.dictionaries(
        st.sampled_from(["first", "second", "third", "fourth", "fifth", "Url", "URL", "other"]),
        st.none() | st.sampled_from(["x", "arn:aws:s3:::a"]) | st.builds(dict, name=st.text()),
    )
)
def test_any_keys_of_an_object_may_be_absent(value: dict[str, Any]) -> None:
    sparse: Any = structure(value, Sparse)
    expected = {name: value.get(name) for name in ["first", "second", "third", "fifth"]}
    assert {name: getattr(sparse, name) for name in expected} == expected
    assert sparse.sixth == value.get("Url", value.get("URL"))
    part = value.get("fourth")
    assert unstructure(sparse.fourth) == part
    assert isinstance(sparse.fourth, Part if isinstance(part, dict) else type(part))
    assert unstructure(sparse) == value


class Shared(Model):
    first: str = field("name")
    second: str | None = field("name", default=None)
    third: str | None = field("title", also="name", default=None)
    fourth: str | None = None
    fifth: str | None = None


def test_one_key_may_be_two_attributes() -> None:
    value = {"name": "x"}
    shared: Any = structure(value, Shared)
    assert (shared.first, shared.second, shared.third, shared.fourth) == ("x", "x", "x", None)
    assert unstructure(shared) == value


class Ordered(Model, Generic[T]):
    first: T | None = None
    second: T = EMPTY
    third: str | None = None
    fourth: str | None = None
    fifth: str | None = None


def test_the_first_payload_that_is_wrong_is_named() -> None:
    with pytest.raises(EventDecodeError, match="first: expected int"):
        structure({"first": "x", "second": "y"}, Ordered[int])


def test_a_model_may_have_a_name_of_this_package() -> None:
    class Headers(Model):
        name: str

    class Named(Model):
        whole: Headers
        several: list[Headers] = EMPTY
        own: dict[str, lambda_events.Headers] = EMPTY

    named: Any = structure(
        {"whole": {"name": "a"}, "several": [{"name": "b"}], "own": {"c": {"D": "e"}}}, Named
    )
    assert isinstance(named.whole, Headers)
    assert (named.whole.name, named.several[0].name) == ("a", "b")
    assert named.own["c"]["d"] == "e"


@pytest.mark.parametrize(
    "name", ["UNREAD", "args", "key", "model", "new", "part", "raw", "read", "self", "value"]
)
def test_models_and_attributes_may_have_any_name(name: str) -> None:
    inner: Any = ModelType(
        name, (Model,), {"__annotations__": {"day": "str"}, "__module__": __name__}
    )
    body = {
        "__module__": __name__,
        "__annotations__": {name: "Decimal", "items": f"list[{name}]", "lists": "dict[str, Items]"},
        name: field("odd"),
    }
    local = {name: inner, "Decimal": Decimal, "Items": list[inner]}
    exec(  # as a function does that defines both
        "outer = kind('Outer', (base,), body)",
        {"kind": ModelType, "base": Model, "body": body},
        local,
    )
    outer: Any = local["outer"]
    item = {"day": "Monday"}
    read = structure({"odd": "1.5", "items": [item], "lists": {"a": [item]}}, outer)
    assert getattr(read, name) == Decimal("1.5")
    assert read.items == read.lists["a"] == [structure(item, inner)]


@pytest.mark.parametrize("wrong", [1, "x", True, 1.5, [], [1], "", 0, False])
def test_what_is_of_a_wrong_type_is_kept(wrong: Any) -> None:
    value = {**dict.fromkeys(Whole._wires, wrong), "kind": "whole"}
    whole: Any = structure(value, Whole)
    for name in Whole._fields:
        if name not in {"kind", "tags", "several"}:
            assert getattr(whole, name) == wrong
    assert unstructure(whole) == value


def test_both_spellings_of_a_key_are_kept() -> None:
    value = {"URL": "old", "Url": "new"}
    whole = structure(value, Whole)
    assert whole.place == "new"
    whole.place = "newer"
    assert unstructure(whole) == {"URL": "old", "Url": "newer"}


def test_changes_are_written() -> None:
    whole = structure(FULL, Whole)
    whole.first_part.note = "new"
    whole.several[0].name = "changed"
    whole.several.append(Part(name="added"))
    whole.tags["a"] = "b"
    whole.sent["x-a"] = "2"
    whole.extra["unknown"] = 1
    whole.extra["more"] = [Part(name="in extra")]
    whole.other = Part(name="other")
    whole.token = None
    written = unstructure(whole)
    assert written["first-part"] == {"name": "a", "note": "new", "more": 1}
    assert written["several"] == [{"name": "changed"}, None, 7, {"name": "added"}]
    assert written["tags"] == {"a": "b"}
    assert written["sent"]["X-A"] == "2"
    assert (written["unknown"], written["more"]) == (1, [{"name": "in extra"}])
    assert written["other"] == {"name": "other"}
    assert written["aToken"] is None
    assert list(written) == [*FULL, "more"]
    del whole.extra["unknown"]
    assert "unknown" not in unstructure(whole)


def test_what_is_written_is_a_copy() -> None:
    value = copy.deepcopy(FULL)
    whole = structure(value, Whole)
    unstructure(whole)["unknown"]["a"].append(1)
    unstructure(whole)["first-part"]["name"] = "b"
    assert value == FULL


def test_deep_nesting_is_no_matter() -> None:
    deep: Any = []
    for _ in range(50_000):
        deep = [deep]
    whole = structure({"unknown": deep}, Whole)
    written = unstructure(whole)["unknown"]
    for _ in range(50_000):
        (written,) = written
    while deep:  # freeing it at once would need as much stack
        deep = deep.pop()


def test_models_are_made_by_keyword() -> None:
    part = Part(name="a")
    assert unstructure(part) == {"name": "a"}
    assert part == structure({"name": "a"}, Part)
    assert unstructure(Whole(tags={}, first_part=part, detail=1)) == {
        "tags": {},
        "first-part": {"name": "a"},
        "detail": 1,
        "kind": "whole",
    }
    assert unstructure(Whole(tags={}))["tags"] == {}  # given, and so not absent
    assert "several" not in unstructure(Whole(tags={}))
    assert unstructure(Part(name="a", extra={"b": 1})) == {"name": "a", "b": 1}
    make: Any = Part
    with pytest.raises(TypeError, match=r"Part\(...\) lacks \['name'\]"):
        make()
    with pytest.raises(TypeError, match=r"Part\(...\) does not know \['nome'\]"):
        make(name="a", nome="b")
    with pytest.raises(TypeError):
        make("a")


def test_models_are_equal_by_what_they_stand_for() -> None:
    assert structure(FULL, Whole) == structure(copy.deepcopy(FULL), Whole)
    assert structure(FULL, Whole) != structure({**FULL, "unknown": 2}, Whole)
    assert structure({}, Part) != structure({}, Whole)
    assert structure({"name": None}, Part) != structure({}, Part)
    assert structure({}, Part) != {}
    with pytest.raises(TypeError, match="unhashable"):
        hash(structure({}, Part))


def test_models_can_be_copied_and_pickled() -> None:
    whole = structure(FULL, Whole)
    whole.first_part.note = "changed"
    for copied in (copy.copy(whole), copy.deepcopy(whole), pickle.loads(pickle.dumps(whole))):
        assert copied == whole
        copied.first_part.note = "else"
        assert whole.first_part.note == "changed"
    typed = SQSEvent.build([1.5])
    assert pickle.loads(pickle.dumps(SQSEvent.build(["{}"]))).records[0].payload == "{}"
    assert typed.records[0].payload == 1.5


def test_evolve_keeps_what_a_constructor_cannot_say() -> None:
    whole = structure(FULL, Whole)
    changed = whole.evolve(place="there")
    assert unstructure(changed) == {**FULL, "URL": "there"}
    assert unstructure(whole) == FULL
    if sys.version_info >= (3, 13):
        assert copy.replace(whole, place="there") == changed


def test_repr_tells_what_is_there_without_secrets() -> None:
    shown = repr(structure(FULL, Whole))
    assert "secret!" not in shown
    assert "token=<hidden>" in shown
    assert "'Authorization': <hidden>" in shown
    assert "extra={'unknown': ...}" in shown
    assert repr(structure({"name": "a"}, Part)) == "Part(name='a')"
    assert repr(Part(name="a", note="b")) == "Part(name='a', note='b')"


def test_attrs_knows_models() -> None:
    known: Any = SQSEvent
    assert attrs.has(known)
    fields = attrs.fields_dict(SQSRecord)
    assert [*fields][:2] == ["message_id", "receipt_handle"]
    assert fields["event_source_arn"].alias == "eventSourceARN"
    assert fields["message_id"].default is attrs.NOTHING
    assert fields["md5_of_message_attributes"].default is None
    assert not attrs.fields_dict(Whole)["token"].repr
    event = SQSEvent.build(["a"])
    record: Any = event.records[0]
    assert attrs.evolve(record, body="b", message_id="c").body == "b"
    assert attrs.evolve(record).message_id == record.message_id
    assert attrs.asdict(event)["records"][0]["body"] == "a"
    assert not hasattr(record, "__dict__")


def test_a_class_may_extend_a_model() -> None:
    class Mine(APIGatewayProxyResponse):
        trace_id: str | None = None

    assert unstructure(Mine(trace_id="1")) == {"statusCode": 200, "traceId": "1"}
    with pytest.raises(TypeError, match=r"Wrong.name is not text: begin its module with from"):
        ModelType("Wrong", (Model,), {"__module__": __name__, "__annotations__": {"name": str}})


def test_what_tells_the_type_must_not_say_otherwise() -> None:
    assert structure({"kind": None}, Whole).kind is None
    with pytest.raises(EventDecodeError) as caught:
        structure({"kind": "part"}, Whole)
    error = caught.value
    assert (error.model, error.path) == ("Whole", "kind")
    assert (error.expected, error.found) == ("'whole'", "str 'part'")
    assert str(error) == "not a Whole: kind: expected 'whole', found str 'part'"
    with pytest.raises(EventDecodeError, match="expected an object, found an array"):
        structure([], Whole)
    with pytest.raises(EventDecodeError, match=r"Records is missing \(expected an array\)"):
        structure({}, SQSEvent)
    with pytest.raises(EventDecodeError, match=r"version: expected '1.0' or '1', found str '2.0"):
        structure({"version": "2.0"}, APIGatewayProxyEvent)
    assert pickle.loads(pickle.dumps(error)).path == "kind"


def test_a_helper_fails_in_one_way_where_a_part_is_not_what_it_should_be() -> None:
    record: Any = structure({"eventSourceARN": [], "body": 7}, SQSRecord)
    assert (record.event_source_arn, record.body) == ([], 7)
    with pytest.raises(
        EventDecodeError, match="not an SQSRecord: queue_url: expected parts of the"
    ):
        _ = record.queue_url
    with pytest.raises(EventDecodeError, match="body: expected JSON of any type, found int 7"):
        _ = record.payload
    assert inspect.getdoc(SQSRecord.queue_url) == "The queue's URL, for calls of SQS."
    mail = structure({"headers": ["x"]}, SESMail)
    with pytest.raises(EventDecodeError, match="not an SESMail: headers: expected parts"):
        mail.header_values("To")


def test_an_own_class_keeps_its_own_errors() -> None:
    class Mine(SQSRecord[T]):
        @property
        def broken(self) -> int:
            return self.missing  # type: ignore[attr-defined, no-any-return]  # what is tested

    with pytest.raises(AttributeError, match="missing"):
        _ = Mine.broken.fget(structure({}, Mine))  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="missing"):
        _ = structure({}, Mine).broken


def test_a_payload_that_may_be_null_keeps_what_its_class_does_not_know() -> None:
    @attrs.define
    class Order:
        id: int

    value: dict[str, Any] = {"before": {"id": 1, "more": 2}, "after": None}
    change = structure(value, Change[Order])
    assert (change.before, change.after) == (Order(1), None)
    assert unstructure(change) == value
    change.before = Order(3)
    assert unstructure(change) == {"before": {"id": 3}, "after": None}


def test_a_subclass_keeps_the_keys_of_its_base_and_its_own() -> None:
    body = unstructure(SNSNotification.build("a"))
    assert "SigningCertURL" in body
    assert structure(body, SNSNotification).signing_cert_url == body["SigningCertURL"]
    assert SNSEvent.build(["a"]).records[0].sns.signing_cert_url == body["SigningCertURL"]


def names() -> list[str]:
    return [name for name in dir(lambda_events) if not name.startswith("_")]


@pytest.mark.parametrize("name", names())
def test_every_annotation_names_something_known(name: str) -> None:
    """A name that is misspelt, or of a model that is not public, would read as plain JSON."""
    model = getattr(lambda_events, name)
    if not isinstance(model, ModelType):
        return
    module = sys.modules[model.__module__]
    for each in [model, *vars(module).values()]:
        if not isinstance(each, ModelType):
            continue
        for item in each._fields.values():
            text = item.annotation
            for mark in "[],|":
                text = text.replace(mark, " ")
            for word in text.split():
                if word[0].isupper() and word not in {"None", "Any", "T", "K", "V", "Mapping"}:
                    assert _look_up(word, item) is not None, f"{each.__name__}.{item.name}: {word}"
