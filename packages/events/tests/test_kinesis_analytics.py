"""Kinesis Data Analytics: records in, results out."""

from __future__ import annotations

from typing import Any

from lambda_events import (
    KinesisAnalyticsInputPreprocessingEvent,
    KinesisAnalyticsInputPreprocessingResponse,
    KinesisAnalyticsOutputDeliveryEvent,
    KinesisAnalyticsOutputDeliveryResponse,
    detect,
    structure,
    unstructure,
)

APPLICATION = "arn:aws:kinesisanalytics:eu-west-1:123456789012:application/a"
RECORD = {"recordId": "1", "data": "eyJhIjogMX0="}


def test_preprocessing_answers_every_record() -> None:
    value: dict[str, Any] = {
        "invocationId": "i",
        "applicationArn": APPLICATION,
        "streamArn": "arn:aws:kinesis:eu-west-1:123456789012:stream/s",
        "records": [
            {
                **RECORD,
                "kinesisStreamRecordMetadata": {
                    "shardId": "shardId-000000000000",
                    "partitionKey": "k",
                    "sequenceNumber": "1",
                    "approximateArrivalTimestamp": 1520280173000,
                },
            }
        ],
    }
    assert detect(value) == "KinesisAnalyticsInputPreprocessingEvent"
    (record,) = structure(value, KinesisAnalyticsInputPreprocessingEvent).records
    assert record.payload == {"a": 1}
    metadata = record.kinesis_stream_record_metadata
    assert metadata is not None
    assert str(metadata.approximate_arrival_timestamp_utc) == "2018-03-05 20:02:53+00:00"
    response = KinesisAnalyticsInputPreprocessingResponse(
        records=[record.transformed({"b": 2}), record.dropped(), record.failed()]
    )
    assert unstructure(response) == {
        "records": [
            {"recordId": "1", "result": "Ok", "data": "eyJiIjoyfQ=="},
            {"recordId": "1", "result": "Dropped", "data": RECORD["data"]},
            {"recordId": "1", "result": "ProcessingFailed", "data": RECORD["data"]},
        ]
    }


def test_delivery_answers_every_record() -> None:
    value: dict[str, Any] = {
        "invocationId": "i",
        "applicationArn": APPLICATION,
        "records": [{**RECORD, "lambdaDeliveryRecordMetadata": {"retryHint": 2}}],
    }
    assert detect(value) == "KinesisAnalyticsOutputDeliveryEvent"
    (record,) = structure(value, KinesisAnalyticsOutputDeliveryEvent).records
    assert record.data_text == '{"a": 1}'
    assert record.lambda_delivery_record_metadata is not None
    assert record.lambda_delivery_record_metadata.retry_hint == 2
    response = KinesisAnalyticsOutputDeliveryResponse(records=[record.delivered(), record.failed()])
    assert unstructure(response) == {
        "records": [
            {"recordId": "1", "result": "Ok"},
            {"recordId": "1", "result": "DeliveryFailed"},
        ]
    }
