"""SQS: what its API answers, and what tests of FIFO queues build."""

from __future__ import annotations

import attrs

from lambda_events import SQSApiMessages, SQSEvent, structure, unstructure


@attrs.define
class City:
    name: str


def test_messages_have_the_keys_of_the_api() -> None:
    value = {
        "Messages": [
            {
                "MessageId": "1",
                "ReceiptHandle": "h",
                "MD5OfBody": "m",
                "Body": '{"name": "a"}',
                "Attributes": {"SentTimestamp": "1523232000000"},
                "MessageAttributes": {"n": {"DataType": "Number", "StringValue": "1"}},
            },
            {"MessageId": "2", "Md5OfBody": "m", "Body": '{"name": "b"}'},
        ]
    }
    event = structure(value, SQSApiMessages[City])
    first, second = event.messages
    assert (first.payload, second.payload) == (City("a"), City("b"))
    assert first.md5_of_body == second.md5_of_body == "m"
    assert first.message_attributes["n"].string_value == "1"
    assert str(first.attributes.sent_timestamp_utc) == "2018-04-09 00:00:00+00:00"
    assert second.attributes.sent_timestamp_utc is None
    assert unstructure(event) == value


def test_a_fifo_queue_has_a_name_that_says_so() -> None:
    (record,) = SQSEvent.build(["a"], queue="q", message_group_id="g").records
    assert record.event_source_arn.resource == "q.fifo"
    assert record.attributes.message_group_id == "g"
    (plain,) = SQSEvent.build(["a"], queue="q").records
    assert plain.event_source_arn.resource == "q"
