"""Triggers of a stack, which push events to its functions and queues."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lambda_emulator._project.arns import function_name
from lambda_emulator._project.description import TargetKind, Trigger
from lambda_emulator._project.malformed import read_all
from lambda_emulator._project.stack import Resource, Stack
from lambda_emulator._project.template_file import integer_or_none, text_of
from lambda_emulator._sources.topic_rule import check_sql, select_all

_LISTENED_TO: dict[TargetKind, str] = {
    "sns": "the topic",
    "logs": "the log group",
    "iot": "the rule of IoT",
}
_OWN = {"sqs": "AWS::SQS::Queue", "sns": "AWS::SNS::Topic"}
_MORE_WAYS: dict[TargetKind, str] = {
    "sns": ", or from an HTTP subscription to /_events/notifications",
}


def read_triggers(stack: Stack) -> list[Trigger]:
    """Return what is pushed to the functions, queues and topics of a stack.

    Args:
        stack: The stack.
    """
    return [
        trigger
        for kind, read in _READERS.items()
        for trigger in read_all(stack.of_kind(kind), read)
    ]


def _target(resource: Resource, arn: str, *keys: str) -> dict[str, str] | None:
    """Return the fields of a trigger for its target; None, and warn, if that gets nothing here."""
    if ":function:" in arn:
        return {"function": function_name(arn)}
    if _is_own(resource.stack, arn):
        return {"destination": arn}
    resource.warn(
        f"The target {arn} is not a function, or a queue or a topic of this project, and gets"
        " nothing.",
        *keys,
    )
    return None


def _is_own(stack: Stack, arn: str) -> bool:
    """Return whether a project has a queue or a topic, or polls the queue."""
    kind = _OWN.get(":".join(arn.split(":")[2:3]))
    if kind is None:
        return False
    name = arn.rpartition(":")[2]
    mappings = stack.of_project("AWS::Lambda::EventSourceMapping")
    return any(each.name == name for each in stack.of_project(kind)) or any(
        each.text("EventSourceArn") == arn for each in mappings
    )


def _rule(rule: Resource) -> Iterator[Trigger]:
    pattern = rule.get("EventPattern")
    expression = rule.text("ScheduleExpression")
    bus = rule.text("EventBusName", default="default").rpartition("/")[2]
    for number, target in enumerate(rule.tables("Targets")):
        arn = text_of(target.get("Arn", ""))
        if (fields := _target(rule, arn, "Targets", str(number))) is None:
            continue
        shared: dict[str, Any] = {
            "name": rule.name,
            "place": rule.place(),
            "bus": bus,
            "enabled": rule.text("State", default="ENABLED") != "DISABLED",
            **fields,
            **_delivery(target),
        }
        if expression:
            yield Trigger(kind="schedule", expression=expression, **shared)
        if pattern is not None:
            text = pattern if isinstance(pattern, str) else json.dumps(pattern)
            yield Trigger(kind="rule", pattern=text, **shared)


def _schedule(schedule: Resource) -> Iterator[Trigger]:
    target = schedule.table("Target")
    arn = text_of(target.get("Arn", ""))
    if (fields := _target(schedule, arn, "Target")) is None:
        return
    shared: dict[str, Any] = {**fields, **_delivery(target)}
    yield Trigger(
        kind="schedule",
        name=schedule.name,
        place=schedule.place(),
        expression=schedule.text("ScheduleExpression"),
        timezone=schedule.text("ScheduleExpressionTimezone", default="UTC"),
        scheduler=True,
        group=schedule.text("GroupName", default="default"),
        start=schedule.text("StartDate"),
        end=schedule.text("EndDate"),
        flexible_window=schedule.integer("FlexibleTimeWindow", "MaximumWindowInMinutes", default=0),
        enabled=schedule.text("State", default="ENABLED") != "DISABLED",
        **shared,
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
        "message_group": text_of((target.get("SqsParameters") or {}).get("MessageGroupId", "")),
    }


# The properties of a bucket's configurations, and the key of what gets the events: in
# CloudFormation, and in CDK's own resource.
_CONFIGURATIONS = {
    "LambdaConfigurations": "Function",
    "QueueConfigurations": "Queue",
    "TopicConfigurations": "Topic",
}
_CDK_CONFIGURATIONS = {
    "LambdaFunctionConfigurations": "LambdaFunctionArn",
    "QueueConfigurations": "QueueArn",
    "TopicConfigurations": "TopicArn",
}


def _bucket(bucket: Resource) -> Iterator[Trigger]:
    for name, key in _CONFIGURATIONS.items():
        for each in bucket.tables("NotificationConfiguration", name):
            rules = ((each.get("Filter") or {}).get("S3Key") or {}).get("Rules") or []
            yield from _notification(bucket, bucket.name, each.get(key), [each.get("Event")], rules)


def _notifications(resource: Resource) -> Iterator[Trigger]:
    """Yield what CDK configures by a resource of its own."""
    bucket = resource.text("BucketName")
    for name, key in _CDK_CONFIGURATIONS.items():
        for each in resource.tables("NotificationConfiguration", name):
            rules = ((each.get("Filter") or {}).get("Key") or {}).get("FilterRules") or []
            yield from _notification(
                resource, bucket, each.get(key), each.get("Events") or [], rules
            )


def _notification(
    resource: Resource, bucket: str, target: Any, events: list[Any], rules: list[Any]
) -> Iterator[Trigger]:
    filters = {text_of(each.get("Name", "")).lower(): each.get("Value", "") for each in rules}
    fields = _target(resource, text_of(target), "NotificationConfiguration")
    if fields is None:
        return
    shared: dict[str, Any] = fields
    yield Trigger(
        kind="s3",
        name=bucket,
        place=resource.place(),
        bucket=bucket,
        events=tuple(map(text_of, events)),
        prefix=text_of(filters.get("prefix", "")),
        suffix=text_of(filters.get("suffix", "")),
        **shared,
    )


def _subscription(subscription: Resource) -> Iterator[Trigger]:
    yield from _subscribed(subscription, subscription.text("TopicArn"), subscription.get())


def _topic(topic: Resource) -> Iterator[Trigger]:
    for number, table in enumerate(topic.tables("Subscription")):
        yield from _subscribed(topic, topic.name, table, "Subscription", str(number))


def _subscribed(
    resource: Resource, topic: str, table: Mapping[str, Any], *keys: str
) -> Iterator[Trigger]:
    name = topic.rpartition(":")[2]
    endpoint = text_of(table.get("Endpoint", ""))
    protocol = text_of(table.get("Protocol", ""))
    is_queue = protocol == "sqs" and endpoint.startswith("arn:")
    function = function_name(endpoint) if ":function:" in endpoint else ""
    if not (function or is_queue):
        resource.warn(f"Messages of the topic {name} do not go to {endpoint} here.", *keys)
        return
    if function:
        _warn_of_silence(resource, "sns", name)
    policy = table.get("FilterPolicy")
    scope = text_of(table.get("FilterPolicyScope", "MessageAttributes"))
    yield Trigger(
        kind="sns",
        name=name,
        function=function,
        place=resource.place(),
        destination="" if function else endpoint,
        raw_delivery=text_of(table.get("RawMessageDelivery", "")).lower() == "true",
        pattern="" if policy is None else policy if isinstance(policy, str) else json.dumps(policy),
        filter_scope="MessageBody" if scope == "MessageBody" else "MessageAttributes",
    )


def _log_filter(resource: Resource) -> Iterator[Trigger]:
    arn, group = resource.text("DestinationArn"), resource.text("LogGroupName")
    if ":function:" not in arn:
        return
    _warn_of_silence(resource, "logs", group)
    if resource.text("FilterPattern"):
        resource.warn("Its filter pattern is not evaluated: all lines are sent.", "FilterPattern")
    yield Trigger(kind="logs", name=group, function=function_name(arn), place=resource.place())


def _iot_rule(rule: Resource) -> Iterator[Trigger]:
    sql = rule.text("TopicRulePayload", "Sql")
    if reason := check_sql(sql):
        rule.warn(
            f"Its SQL is not evaluated, so its functions get each message of its topics: {reason}.",
            "TopicRulePayload",
            "Sql",
        )
        sql = select_all(sql)
    for number, action in enumerate(rule.tables("TopicRulePayload", "Actions")):
        function = (action.get("Lambda") or {}).get("FunctionArn")
        if function is None:
            kind = next(iter(action), "nothing")
            rule.warn(
                f"Its action {kind} is not run: only functions are invoked.",
                *("TopicRulePayload", "Actions", str(number)),
            )
            continue
        _warn_of_silence(rule, "iot", rule.name)
        yield Trigger(
            kind="iot",
            name=rule.name,
            function=function_name(text_of(function)),
            place=rule.place(),
            sql=sql,
            enabled=rule.text("TopicRulePayload", "RuleDisabled") != "true",
        )


def _warn_of_silence(resource: Resource, kind: TargetKind, name: str) -> None:
    """Warn that no event of a service comes by itself."""
    resource.warn(
        f"The emulator does not listen to {_LISTENED_TO[kind]} {name}: events come from"
        f" `lambda-emulator send {kind}://{name}`{_MORE_WAYS.get(kind, '')}."
    )


_READERS: dict[str, Callable[[Resource], Iterator[Trigger]]] = {
    "AWS::Events::Rule": _rule,
    "AWS::Scheduler::Schedule": _schedule,
    "AWS::S3::Bucket": _bucket,
    "Custom::S3BucketNotifications": _notifications,
    "AWS::SNS::Subscription": _subscription,
    "AWS::SNS::Topic": _topic,
    "AWS::Logs::SubscriptionFilter": _log_filter,
    "AWS::IoT::TopicRule": _iot_rule,
}
