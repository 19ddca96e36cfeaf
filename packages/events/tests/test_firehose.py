"""Firehose: data in, data out."""

from __future__ import annotations

import base64
import zlib

import attrs
import pytest

from lambda_events import (
    CloudWatchLogsData,
    CloudWatchLogsEvent,
    EventDecodeError,
    FirehoseEvent,
    FirehoseOTFMetadata,
    FirehoseResponse,
    MSKFirehoseEvent,
    MSKFirehoseResponse,
    detect,
    loads,
    structure,
    unstructure,
)


@attrs.define
class Order:
    number: int


def test_a_built_event_reads_as_its_types() -> None:
    event = FirehoseEvent.build([Order(1), Order(2)])
    assert [record.payload for record in event.records] == [Order(1), Order(2)]
    assert event.records[0].data_bytes == b'{"number":1}'
    assert event.records[0].data_text == '{"number":1}'
    assert event.delivery_stream_arn.resource_id == "my-stream"
    assert detect(unstructure(event)) == "FirehoseEvent"
    assert structure(unstructure(event), FirehoseEvent[Order]) == event


def test_every_record_comes_back() -> None:
    good, useless, bad = FirehoseEvent.build(["a", "b", "c"]).records
    response = FirehoseResponse(
        records=[
            good.transformed("A\n", partition_keys={"customer": "1"}),
            useless.dropped(),
            bad.failed(),
        ]
    )
    assert unstructure(response) == {
        "records": [
            {
                "recordId": good.record_id,
                "result": "Ok",
                "data": base64.b64encode(b"A\n").decode(),
                "metadata": {"partitionKeys": {"customer": "1"}},
            },
            {"recordId": useless.record_id, "result": "Dropped", "data": ""},
            {"recordId": bad.record_id, "result": "ProcessingFailed", "data": bad.data},
        ]
    }


@pytest.mark.parametrize(
    ("data", "expected"),
    [(b"\xff", b"\xff"), ("ü", "ü".encode()), ({"a": 1}, b'{"a":1}'), (Order(1), b'{"number":1}')],
)
def test_what_a_record_becomes_is_bytes_text_or_json(data: object, expected: bytes) -> None:
    (record,) = FirehoseEvent.build(["a"]).records
    made = record.transformed(data)
    assert base64.b64decode(made.data or "") == expected
    assert made.metadata is None


def test_a_record_may_go_to_a_table() -> None:
    (record,) = FirehoseEvent.build(["a"]).records
    table = FirehoseOTFMetadata(
        destination_database_name="d", destination_table_name="t", operation="update"
    )
    assert unstructure(record.transformed("", otf_metadata=table))["metadata"] == {
        "otfMetadata": {
            "destinationDatabaseName": "d",
            "destinationTableName": "t",
            "operation": "update",
        }
    }


def test_logs_come_compressed() -> None:
    logs = CloudWatchLogsEvent.build(["one", "two"]).logs
    packed = zlib.compress(str(unstructure(logs)).replace("'", '"').encode())
    (record,) = FirehoseEvent.build([packed]).records
    assert record.payload == packed
    assert CloudWatchLogsData.of(record.data_bytes) == logs
    typed = loads(record.data_decompressed, CloudWatchLogsData[str])
    assert [line.payload for line in typed.log_events] == ["one", "two"]
    assert record.data_decompressed.startswith(b"{")
    with pytest.raises(EventDecodeError, match="gzip or zlib"):
        CloudWatchLogsData.of(b"plain")


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (1495072949453, "2017-05-18 02:02:29.453000+00:00"),
        ("1495072949453", "2017-05-18 02:02:29.453000+00:00"),
        ("2012-04-23T18:25:43.511Z", "2012-04-23 18:25:43.511000+00:00"),
        ("soon", "None"),
        (None, "None"),
    ],
)
def test_times_are_utc_in_every_form_of_the_samples(time: object, expected: str) -> None:
    value = unstructure(FirehoseEvent.build(["a"]))
    value["records"][0]["approximateArrivalTimestamp"] = time
    (record,) = structure(value, FirehoseEvent).records
    assert str(record.approximate_arrival_timestamp_utc) == expected
    assert record.approximate_arrival_timestamp == time


def test_records_of_a_topic_have_keys_of_their_own() -> None:
    value = {
        "invocationId": "i",
        "sourceMSKArn": "arn:aws:kafka:eu-west-1:123456789012:cluster/c/1-2",
        "deliveryStreamArn": "arn:aws:firehose:eu-west-1:123456789012:deliverystream/s",
        "region": "eu-west-1",
        "records": [
            {
                "recordId": "0",
                "approximateArrivalTimestamp": 1716369573887,
                "mskRecordMetadata": {
                    "offset": "0",
                    "partitionId": "1",
                    "approximateArrivalTimestamp": "1716369573887",
                },
                "kafkaRecordValue": base64.b64encode(b'{"number": 1}').decode(),
            }
        ],
    }
    event = structure(value, MSKFirehoseEvent[Order])
    (record,) = event.records
    assert detect(value) == "MSKFirehoseEvent"
    assert event.source_msk_arn.resource_id == "c/1-2"
    assert record.payload == Order(1)
    assert record.value_bytes == b'{"number": 1}'
    assert record.msk_record_metadata.approximate_arrival_timestamp_utc is not None
    response = MSKFirehoseResponse(
        records=[record.transformed("x"), record.dropped(), record.failed()]
    )
    assert unstructure(response) == {
        "records": [
            {"recordId": "0", "result": "Ok", "kafkaRecordValue": "eA=="},
            {"recordId": "0", "result": "Dropped", "kafkaRecordValue": ""},
            {
                "recordId": "0",
                "result": "ProcessingFailed",
                "kafkaRecordValue": record.kafka_record_value,
            },
        ]
    }


def test_data_that_is_no_base64_is_one_failed_record() -> None:
    value = unstructure(FirehoseEvent.build([Order(1), Order(2)]))
    value["records"][0]["data"] = "a"
    bad, good = structure(value, FirehoseEvent[Order]).records
    with pytest.raises(EventDecodeError, match="FirehoseRecord: data: expected base64"):
        _ = bad.payload
    assert good.payload == Order(2)
