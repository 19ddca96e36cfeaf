"""The description of a project: plain data, which every kind of project is read into.

Readers (of SAM, CloudFormation, CDK, ``pyproject.toml``) make it. The API servers, the event
sources and the durable functions of the emulator work on it, and never look at a template.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from lambda_emulator._config import (
    DurableConfig,
    EventInvokeConfig,
    LogFormat,
    LogLevel,
    URLConfig,
)
from lambda_emulator._project.api_description import (
    Api,
    ApiKind,
    Authorizer,
    Custom,
    GatewayResponse,
    Mock,
    Quota,
    Route,
    Throttle,
    Upstream,
    UsagePlan,
)
from lambda_emulator._project.listener_description import Listener
from lambda_emulator._project.place import Place, Warned

__all__ = [
    "Api",
    "ApiKind",
    "Authorizer",
    "Custom",
    "EventSource",
    "FunctionDescription",
    "GatewayResponse",
    "Listener",
    "Mock",
    "Place",
    "Project",
    "Quota",
    "Route",
    "SourceKind",
    "TargetKind",
    "Throttle",
    "Trigger",
    "Upstream",
    "UsagePlan",
    "Warned",
]

SourceKind = Literal["sqs", "dynamodb", "kinesis", "kafka"]
TargetKind = Literal["schedule", "rule", "s3", "sns", "logs", "iot"]


@dataclass(frozen=True, kw_only=True)
class FunctionDescription:
    """A function of a project.

    Attributes:
        name: The name on Lambda.
        place: The place of the description, whose name is its logical id.
        code: The folder of its code, or None where there is none on this machine.
        handler: The handler, such as ``app.handler``; the command of an image.
        runtime: The identifier of its runtime, such as ``python3.13``; ``image`` for an image.
        not_served: The reason that the emulator does not serve it; empty if it does.
        environment: The environment variables.
        timeout: Seconds for an invocation.
        memory_mb: The memory, in megabytes.
        layers: The folders of its layers, in order.
        architecture: ``x86_64`` or ``arm64``.
        log_format: The format of its log lines.
        log_level: The least level of its records, or None for the runtime's own.
        concurrency: The reserved concurrency, or None.
        max_concurrency: Invocations at a time in one environment, on Managed Instances, or None.
        tenancy: True if it isolates tenants: each has execution environments of its own.
        snap_start: True if its published versions start from a snapshot.
        url: The function URL, or None.
        event_invoke: The settings of asynchronous invocations.
        durable: The settings of durable executions, or None.
        aliases: The versions that its aliases stand for, by alias.
    """

    name: str
    place: Place
    code: Path | None
    handler: str
    runtime: str = ""
    not_served: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 3
    memory_mb: int = 128
    layers: tuple[Path, ...] = ()
    architecture: str = "x86_64"
    log_format: LogFormat = "text"
    log_level: LogLevel | None = None
    concurrency: int | None = None
    max_concurrency: int | None = None
    tenancy: bool = False
    snap_start: bool = False
    url: URLConfig | None = None
    event_invoke: EventInvokeConfig = field(default_factory=EventInvokeConfig)
    durable: DurableConfig | None = None
    aliases: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class EventSource:
    """An event source mapping: a queue or a stream that is polled for a function.

    https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html

    Attributes:
        kind: The service.
        source: The ARN of the queue or the stream; the name of a topic. The ARN of a stream of
            DynamoDB ends in ``/stream/latest`` if the table is the project's own.
        function: The name of the function that gets the records.
        place: The place of the description.
        batch_size: The number of records that an invocation has, at most; None for the service's
            default.
        window: Seconds for which records are gathered.
        filters: Event patterns of which a record must match one; none for all records.
        starting_position: The position from which a stream is read.
        starting_timestamp: Seconds since 1970, for ``AT_TIMESTAMP``.
        partial_failures: True if the function reports the records that failed.
        max_retries: The number of retries of a batch; -1 for as long as its records live.
        max_record_age: Seconds after which a record is given up; -1 for never.
        bisect: True to split a batch that fails in two.
        parallelization: The number of batches of a shard that are processed at a time.
        tumbling_window: Seconds of a window over which a function keeps a state, or 0.
        max_concurrency: The number of invocations that a queue may have at a time, or None.
        on_failure: The ARN of the destination of batches that are given up, or None.
        brokers: The addresses of Kafka's brokers.
        topics: Kafka's topics.
        enabled: True if the source is polled.
    """

    kind: SourceKind
    source: str
    function: str
    place: Place
    batch_size: int | None = None
    window: float = 0
    filters: tuple[str, ...] = ()
    starting_position: Literal["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"] = "TRIM_HORIZON"
    starting_timestamp: float | None = None
    partial_failures: bool = False
    max_retries: int = -1
    max_record_age: int = -1
    bisect: bool = False
    parallelization: int = 1
    tumbling_window: int = 0
    max_concurrency: int | None = None
    on_failure: str | None = None
    brokers: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    enabled: bool = True


@dataclass(frozen=True, kw_only=True)
class Trigger:
    """An event that is pushed to a function, a queue or a topic: of a schedule, a rule, a bucket.

    Attributes:
        kind: A schedule, a rule of an event bus, the notifications of a bucket, the messages of a
            topic of SNS, the log events of a log group, or a rule of IoT.
        name: The name; of SNS and of logs, that of the topic or the log group.
        function: The name of the function that is invoked, asynchronously; empty for another
            destination.
        place: The place of the description.
        destination: The ARN of the queue or the topic that gets the events in place of a function,
            or empty.
        raw_delivery: True if a queue gets the messages of a topic as they are.
        message_group: The message group of what a FIFO queue gets; empty for the message's own.
        expression: The rule of a schedule: ``rate(...)``, ``cron(...)`` or ``at(...)``.
        timezone: The time zone of the expression.
        scheduler: True for a schedule of EventBridge Scheduler, False for one of a rule.
        group: The name of the group of a schedule of EventBridge Scheduler.
        start: The time from which EventBridge Scheduler fires a schedule, in ISO 8601; empty for at
            once.
        end: The time until which it fires it; empty forever.
        flexible_window: Minutes within which EventBridge Scheduler may choose its time, or 0.
        pattern: The event pattern of a rule, or the filter policy of a subscription to a topic, as
            JSON.
        filter_scope: The part of a message that a filter policy applies to.
        sql: The SQL of a rule of IoT; empty for one that is only sent to by its name.
        bus: The name of the event bus.
        bucket: The name of the bucket.
        events: The kinds of events of the bucket, such as ``s3:ObjectCreated:*``.
        prefix: The prefix that the keys of the bucket's objects must have.
        suffix: The suffix that they must have.
        input: The input in place of the event, as JSON; None for the event.
        input_path: The JSON path of the part of the event that it gets, or None.
        input_template: Paths by name, and the template that they fill, or None.
        max_retries: The number of retries of a failed invocation, or None for the default.
        dead_letter_queue: The ARN of the queue for events that are given up, or None.
        enabled: True if it fires.
    """

    kind: TargetKind
    name: str
    function: str = ""
    place: Place
    destination: str = ""
    raw_delivery: bool = False
    message_group: str = ""
    expression: str = ""
    timezone: str = "UTC"
    scheduler: bool = False
    group: str = "default"
    start: str = ""
    end: str = ""
    flexible_window: int = 0
    pattern: str = ""
    filter_scope: Literal["MessageAttributes", "MessageBody"] = "MessageAttributes"
    sql: str = ""
    bus: str = "default"
    bucket: str = ""
    events: tuple[str, ...] = ()
    prefix: str = ""
    suffix: str = ""
    input: str | None = None
    input_path: str | None = None
    input_template: tuple[Mapping[str, str], str] | None = None
    max_retries: int | None = None
    dead_letter_queue: str | None = None
    enabled: bool = True

    @property
    def target(self) -> str:
        """The name of the function, the queue or the topic."""
        return self.function or self.destination.rpartition(":")[2]

    @property
    def rule(self) -> str:
        """The events or the times that it is for, for people."""
        keys = f" {self.prefix}*{self.suffix}" if self.prefix or self.suffix else ""
        return {
            "schedule": self.expression,
            "rule": self.pattern,
            "s3": f"{', '.join(self.events)}{keys}",
            "sns": self.pattern or "all messages",
            "iot": self.sql,
        }.get(self.kind, "what is sent")

    @property
    def target_kind(self) -> Literal["function", "queue", "topic"]:
        """The kind of the target."""
        if self.function:
            return "function"
        return "topic" if ":sns:" in self.destination else "queue"


@dataclass(frozen=True, kw_only=True)
class Project:
    """A project: what is served, and what could not be understood.

    Attributes:
        path: The template, the folder of a CDK application, or the ``pyproject.toml``.
        files: All files that it was read from: it is read again when one of them changes.
        functions: The functions, those that are not served included.
        apis: The APIs.
        listeners: The listeners of load balancers.
        sources: The event source mappings.
        triggers: The schedules, rules and notifications.
        refused_by_aws: The parts that AWS refuses, though the emulator does not.
        outputs: The outputs of the stack, as text, by name.
        configured: The parameters that have their values from ``samconfig.toml``.
        env_vars: The file with variables that ``samconfig.toml`` names, or None.
        warnings: The parts that were not understood, or are not served.
    """

    path: Path
    files: tuple[Path, ...] = ()
    functions: tuple[FunctionDescription, ...] = ()
    apis: tuple[Api, ...] = ()
    listeners: tuple[Listener, ...] = ()
    sources: tuple[EventSource, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    refused_by_aws: tuple[Warned, ...] = ()
    outputs: Mapping[str, str] = field(default_factory=dict)
    configured: tuple[str, ...] = ()
    env_vars: Path | None = None
    warnings: tuple[Warned, ...] = ()
