"""Event source mappings of a stack: the queues and streams that are polled for its functions."""

from collections.abc import Iterator
from typing import Literal

from lambda_emulator._project.arns import function_name
from lambda_emulator._project.description import EventSource, SourceKind
from lambda_emulator._project.malformed import read_all
from lambda_emulator._project.stack import Resource, Stack
from lambda_emulator._project.template_file import integer_or_none, text_of

_KINDS: dict[str, SourceKind] = {
    "sqs": "sqs",
    "dynamodb": "dynamodb",
    "kinesis": "kinesis",
    "kafka": "kafka",
}
_POSITIONS: dict[str, Literal["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"]] = {
    "TRIM_HORIZON": "TRIM_HORIZON",
    "LATEST": "LATEST",
    "AT_TIMESTAMP": "AT_TIMESTAMP",
}


def read_sources(stack: Stack) -> list[EventSource]:
    """Return the event source mappings of a stack.

    Args:
        stack: The stack.
    """
    return read_all(stack.of_kind("AWS::Lambda::EventSourceMapping"), _source)


def _source(resource: Resource) -> Iterator[EventSource]:
    arn = resource.text("EventSourceArn")
    brokers = [
        text_of(each)
        for each in resource.items("SelfManagedEventSource", "Endpoints", "KafkaBootstrapServers")
    ]
    service = "kafka" if brokers else [*arn.split(":"), "", "", ""][2]
    if (kind := _KINDS.get(service)) is None:
        resource.warn(
            f"The source {arn or resource.id} is not served: only queues of SQS, streams of"
            " DynamoDB and Kinesis, and Kafka are.",
            "EventSourceArn",
        )
        return
    topics = tuple(map(text_of, resource.items("Topics")))
    if kind == "kafka" and not brokers:
        name = next(iter(topics), "TOPIC")
        resource.warn(
            f"Only AWS knows the brokers of {arn}, so its topics are not polled: name them with"
            f" --source kafka={name},brokers=HOST:PORT.",
            "EventSourceArn",
        )
        return
    _warn_of_ignored(resource)
    yield EventSource(
        kind=kind,
        source=arn or next(iter(topics), ""),
        function=function_name(resource.text("FunctionName")),
        place=resource.place(),
        batch_size=integer_or_none(resource.get("BatchSize")),
        window=resource.number("MaximumBatchingWindowInSeconds") or 0,
        filters=tuple(_filters(resource)),
        starting_position=_POSITIONS.get(resource.text("StartingPosition"), "TRIM_HORIZON"),
        starting_timestamp=resource.number("StartingPositionTimestamp"),
        partial_failures="ReportBatchItemFailures" in resource.items("FunctionResponseTypes"),
        max_retries=resource.integer("MaximumRetryAttempts", default=-1),
        max_record_age=resource.integer("MaximumRecordAgeInSeconds", default=-1),
        bisect=resource.text("BisectBatchOnFunctionError") == "true",
        parallelization=resource.integer("ParallelizationFactor", default=1),
        tumbling_window=resource.integer("TumblingWindowInSeconds", default=0),
        max_concurrency=integer_or_none(resource.get("ScalingConfig", "MaximumConcurrency")),
        on_failure=resource.text("DestinationConfig", "OnFailure", "Destination") or None,
        brokers=tuple(brokers),
        topics=topics,
        enabled=resource.text("Enabled", default="true") == "true",
    )


def _warn_of_ignored(resource: Resource) -> None:
    if resource.get("SourceAccessConfigurations") is not None:
        resource.warn(
            "Its credentials are not used: brokers are reached without any.",
            "SourceAccessConfigurations",
        )
    for name in ("AmazonManagedKafkaEventSourceConfig", "SelfManagedKafkaEventSourceConfig"):
        if resource.get(name, "SchemaRegistryConfig") is not None:
            resource.warn(
                "No schema registry is asked: the function gets keys and values as they were sent.",
                name,
            )


def _filters(resource: Resource) -> Iterator[str]:
    for each in resource.tables("FilterCriteria", "Filters"):
        if "Pattern" in each:
            yield text_of(each["Pattern"])
