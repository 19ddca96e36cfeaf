"""Event source mappings and triggers of a stack, which bring events to its functions."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

from lambda_emulator._project.arns import function_name
from lambda_emulator._project.description import EventSource, SourceKind, TargetKind, Trigger
from lambda_emulator._project.stack import Resource, Stack
from lambda_emulator._project.template_file import integer_or_none, text_of
from lambda_emulator._sources.topic_rule import check_sql, select_all

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
_LISTENED_TO: dict[TargetKind, str] = {
    "sns": "the topic",
    "logs": "the log group",
    "iot": "the rule of IoT",
}
_MORE_WAYS: dict[TargetKind, str] = {
    "sns": ", or from an HTTP subscription to /_events/notifications",
}


def read_sources(stack: Stack) -> list[EventSource]:
    """Return the event source mappings of a stack.

    Args:
        stack: The stack.
    """
    found = map(_source, stack.of_kind("AWS::Lambda::EventSourceMapping"))
    return [each for each in found if each is not None]


def read_triggers(stack: Stack) -> list[Trigger]:
    """Return what is pushed to the functions of a stack.

    Args:
        stack: The stack.
    """
    return [
        *(each for rule in stack.of_kind("AWS::Events::Rule") for each in _rule(rule)),
        *(
            each
            for schedule in stack.of_kind("AWS::Scheduler::Schedule")
            for each in _schedule(schedule)
        ),
        *(each for bucket in stack.of_kind("AWS::S3::Bucket") for each in _bucket(bucket)),
        *(
            each
            for resource in stack.of_kind("Custom::S3BucketNotifications")
            for each in _notifications(resource)
        ),
        *(
            each
            for subscription in stack.of_kind("AWS::SNS::Subscription")
            for each in _subscription(subscription)
        ),
        *(each for topic in stack.of_kind("AWS::SNS::Topic") for each in _topic(topic)),
        *(
            each
            for log in stack.of_kind("AWS::Logs::SubscriptionFilter")
            for each in _sent_only(log, "logs", log.text("LogGroupName"), "DestinationArn")
        ),
        *(each for rule in stack.of_kind("AWS::IoT::TopicRule") for each in _iot_rule(rule)),
    ]


def _source(resource: Resource) -> EventSource | None:
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
        return None
    topics = tuple(map(text_of, resource.items("Topics")))
    if kind == "kafka" and not brokers:
        name = next(iter(topics), "TOPIC")
        resource.warn(
            f"Only AWS knows the brokers of {arn}, so its topics are not polled: name them with"
            f" --source kafka={name},brokers=HOST:PORT.",
            "EventSourceArn",
        )
        return None
    return EventSource(
        kind=kind,
        source=arn or next(iter(topics), ""),
        function=function_name(resource.text("FunctionName")),
        place=resource.place(),
        batch_size=None
        if resource.raw("BatchSize") is None
        else resource.integer("BatchSize", default=10),
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


def _filters(resource: Resource) -> Iterator[str]:
    for each in resource.items("FilterCriteria", "Filters"):
        if isinstance(each, Mapping) and "Pattern" in each:
            yield text_of(each["Pattern"])


def _rule(rule: Resource) -> Iterator[Trigger]:
    pattern = rule.get("EventPattern")
    expression = rule.text("ScheduleExpression")
    bus = rule.text("EventBusName", default="default").rpartition("/")[2]
    for number, target in enumerate(rule.items("Targets")):
        arn = text_of(target.get("Arn", "")) if isinstance(target, Mapping) else ""
        function = function_name(arn) if ":function:" in arn else ""
        if not function:
            rule.warn(
                f"The target {arn} is not a function, and gets nothing.", "Targets", str(number)
            )
            continue
        shared: dict[str, Any] = {
            "name": rule.name,
            "function": function,
            "place": rule.place(),
            "bus": bus,
            "enabled": rule.text("State", default="ENABLED") != "DISABLED",
            **_delivery(target),
        }
        if expression:
            yield Trigger(kind="schedule", expression=expression, **shared)
        if pattern is not None:
            text = pattern if isinstance(pattern, str) else json.dumps(pattern)
            yield Trigger(kind="rule", pattern=text, **shared)


def _schedule(schedule: Resource) -> Iterator[Trigger]:
    target = schedule.get("Target", default={})
    arn = text_of(target.get("Arn", ""))
    if ":function:" not in arn:
        schedule.warn(f"The target {arn} is not a function, and gets nothing.", "Target")
        return
    yield Trigger(
        kind="schedule",
        name=schedule.name,
        function=function_name(arn),
        place=schedule.place(),
        expression=schedule.text("ScheduleExpression"),
        timezone=schedule.text("ScheduleExpressionTimezone", default="UTC"),
        scheduler=True,
        group=schedule.text("GroupName", default="default"),
        start=schedule.text("StartDate"),
        end=schedule.text("EndDate"),
        flexible_window=schedule.integer("FlexibleTimeWindow", "MaximumWindowInMinutes", default=0),
        enabled=schedule.text("State", default="ENABLED") != "DISABLED",
        **_delivery(target),
    )


def _delivery(target: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a target gets, and what happens when it fails."""
    given, path = target.get("Input"), target.get("InputPath")
    transformer = target.get("InputTransformer") or {}
    template = transformer.get("InputTemplate")
    paths = transformer.get("InputPathsMap") or {}
    queue = (target.get("DeadLetterConfig") or {}).get("Arn")
    return {
        "input": None if given is None else text_of(given),
        "input_path": None if path is None else text_of(path),
        "input_template": None if template is None else (paths, text_of(template)),
        "max_retries": integer_or_none(
            (target.get("RetryPolicy") or {}).get("MaximumRetryAttempts")
        ),
        "dead_letter_queue": None if queue is None else text_of(queue),
    }


def _bucket(bucket: Resource) -> Iterator[Trigger]:
    for each in bucket.items("NotificationConfiguration", "LambdaConfigurations"):
        rules = ((each.get("Filter") or {}).get("S3Key") or {}).get("Rules") or []
        yield _notification(bucket, bucket.name, each.get("Function"), [each.get("Event")], rules)


def _notifications(resource: Resource) -> Iterator[Trigger]:
    """Yield what CDK configures by a resource of its own."""
    bucket = resource.text("BucketName")
    for each in resource.items("NotificationConfiguration", "LambdaFunctionConfigurations"):
        rules = ((each.get("Filter") or {}).get("Key") or {}).get("FilterRules") or []
        function = each.get("LambdaFunctionArn")
        yield _notification(resource, bucket, function, each.get("Events") or [], rules)


def _notification(
    resource: Resource, bucket: str, function: Any, events: list[Any], rules: list[Any]
) -> Trigger:
    filters = {text_of(each.get("Name", "")).lower(): each.get("Value", "") for each in rules}
    return Trigger(
        kind="s3",
        name=bucket,
        function=function_name(text_of(function)),
        place=resource.place(),
        bucket=bucket,
        events=tuple(map(text_of, events)),
        prefix=text_of(filters.get("prefix", "")),
        suffix=text_of(filters.get("suffix", "")),
    )


def _subscription(subscription: Resource) -> Iterator[Trigger]:
    yield from _subscribed(subscription, subscription.text("TopicArn"), subscription.get())


def _topic(topic: Resource) -> Iterator[Trigger]:
    for number, table in enumerate(topic.items("Subscription")):
        yield from _subscribed(topic, topic.name, table, "Subscription", str(number))


def _subscribed(
    resource: Resource, topic: str, table: Mapping[str, Any], *keys: str
) -> Iterator[Trigger]:
    name = topic.rpartition(":")[2]
    endpoint = text_of(table.get("Endpoint", ""))
    if text_of(table.get("Protocol", "")).startswith("http"):
        resource.warn(f"Messages of the topic {name} do not go to {endpoint} here.", *keys)
    if ":function:" not in endpoint:
        return  # a queue, which the services fill
    policy = table.get("FilterPolicy")
    scope = text_of(table.get("FilterPolicyScope", "MessageAttributes"))
    yield replace(
        _sent_trigger(resource, "sns", name, endpoint),
        pattern="" if policy is None else policy if isinstance(policy, str) else json.dumps(policy),
        filter_scope="MessageBody" if scope == "MessageBody" else "MessageAttributes",
    )


def _iot_rule(rule: Resource) -> Iterator[Trigger]:
    sql = rule.text("TopicRulePayload", "Sql")
    if reason := check_sql(sql):
        rule.warn(
            f"Its SQL is not evaluated, so its functions get each message of its topics: {reason}.",
            "TopicRulePayload",
            "Sql",
        )
        sql = select_all(sql)
    for action in rule.items("TopicRulePayload", "Actions"):
        function = (action.get("Lambda") or {}).get("FunctionArn") if action else None
        if function is not None:
            yield replace(
                _sent_trigger(rule, "iot", rule.name, text_of(function)),
                sql=sql,
                enabled=rule.text("TopicRulePayload", "RuleDisabled") != "true",
            )


def _sent_only(resource: Resource, kind: TargetKind, name: str, key: str) -> Iterator[Trigger]:
    """Yield a trigger whose events only ``lambda-emulator send`` brings."""
    arn = resource.text(key)
    if ":function:" in arn:
        yield _sent_trigger(resource, kind, name, arn)


def _sent_trigger(resource: Resource, kind: TargetKind, name: str, arn: str) -> Trigger:
    resource.warn(
        f"The emulator does not listen to {_LISTENED_TO[kind]} {name}: events come from"
        f" `lambda-emulator send {kind}://{name}`{_MORE_WAYS.get(kind, '')}."
    )
    return Trigger(kind=kind, name=name, function=function_name(arn), place=resource.place())
