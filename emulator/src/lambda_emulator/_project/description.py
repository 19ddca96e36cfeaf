"""The description of a project: plain data, which every kind of project is read into.

Readers (of SAM, CloudFormation, CDK, ``pyproject.toml``) make it. The API servers, the event
sources and the durable functions of the emulator work on it, and never look at a template.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from lambda_emulator._config import (
    Cors,
    DurableConfig,
    EventInvokeConfig,
    LogFormat,
    LogLevel,
    URLConfig,
)

ApiKind = Literal["http", "rest", "websocket"]
SourceKind = Literal["sqs", "dynamodb", "kinesis", "kafka"]
TargetKind = Literal["schedule", "rule", "s3"]


@dataclass(frozen=True, kw_only=True)
class Place:
    """A place in a file.

    Attributes:
        path: The file.
        line: The line, from 1; 0 where it is not known.
        name: The name of the resource there, such as its logical id.
    """

    path: Path
    line: int = 0
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Warned:
    """A part of a project that could not be understood, or is not served.

    Attributes:
        message: The problem, and the emulator's substitute.
        place: Where it stands.
    """

    message: str
    place: Place


@dataclass(frozen=True, kw_only=True)
class FunctionDescription:
    """A function of a project.

    Attributes:
        name: Its name on Lambda.
        place: Where it is described; the place's name is its logical id.
        code: The folder of its code, or None where there is none on this machine.
        handler: Its handler, such as ``app.handler``; the command of an image.
        runtime: The identifier of its runtime, such as ``python3.13``; ``image`` for an image.
        not_served: Why the emulator does not serve it; empty if it does.
        environment: Its environment variables.
        timeout: Seconds for an invocation.
        memory_mb: Its memory, in megabytes.
        layers: The folders of its layers, in order.
        architecture: ``x86_64`` or ``arm64``.
        log_format: The format of its log lines.
        log_level: The least level of its records, or None for the runtime's own.
        concurrency: Its reserved concurrency, or None.
        max_concurrency: Invocations at a time in one environment, on Managed Instances, or None.
        tenancy: Whether each tenant has execution environments of its own.
        url: Its function URL, or None.
        event_invoke: How asynchronous invocations are handled.
        durable: How it is executed durably, or None.
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
    url: URLConfig | None = None
    event_invoke: EventInvokeConfig = field(default_factory=EventInvokeConfig)
    durable: DurableConfig | None = None


@dataclass(frozen=True, kw_only=True)
class Authorizer:
    """Decides who may call a route.

    Attributes:
        name: Its name.
        kind: ``request`` and ``token`` ask a function; ``jwt`` checks a token; ``iam`` and
            ``cognito`` are AWS's own.
        function: The name of the function that is asked, or None.
        payload_format: The version of its event's format, of an HTTP API.
        simple: Whether it answers ``{"isAuthorized": ...}`` rather than a policy.
        identity_sources: The parts of a request that it requires, such as
            ``$request.header.Authorization`` or ``method.request.header.Authorization``.
        validation: A regular expression that a token must match, or None.
        cache_seconds: How long an answer is kept; 0 for not at all.
        issuer: The issuer of tokens, for ``jwt`` and ``cognito``.
        audiences: The audiences of which a token must name one.
    """

    name: str
    kind: Literal["request", "token", "jwt", "iam", "cognito"]
    function: str | None = None
    payload_format: Literal["1.0", "2.0"] = "2.0"
    simple: bool = False
    identity_sources: tuple[str, ...] = ()
    validation: str | None = None
    cache_seconds: int = 0
    issuer: str | None = None
    audiences: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Route:
    """A route of an API.

    Attributes:
        method: An HTTP method, or ``ANY``; empty for WebSocket APIs and ``$default``.
        path: A path such as ``/orders/{id}`` or ``/{proxy+}``; ``$default``; or the key of a route
            of a WebSocket API, such as ``$connect``.
        function: The name of the function that answers.
        place: Where it is described.
        payload_format: The version of the event's format.
        authorizer: The name of its authorizer in `Api.authorizers`, or None.
        scopes: Scopes of which a token must have one.
        streams: Whether the response goes out as it comes.
        timeout: Seconds to wait for the function; None for the API's own limit.
        body_schemas: JSON schemas for bodies, by media type, where bodies are checked.
        required_parameters: Parameters that a request must have, such as
            ``method.request.querystring.page``.
        responds: Whether the body of the function's response goes back to the client, of a
            WebSocket API: whether the route has a route response.
    """

    method: str
    path: str
    function: str
    place: Place
    payload_format: Literal["1.0", "2.0"] = "2.0"
    authorizer: str | None = None
    scopes: tuple[str, ...] = ()
    streams: bool = False
    timeout: float | None = None
    body_schemas: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    required_parameters: tuple[str, ...] = ()
    responds: bool = False


@dataclass(frozen=True, kw_only=True)
class Api:
    """An API of API Gateway.

    Attributes:
        name: Its name, or its logical id.
        kind: An HTTP, a REST or a WebSocket API.
        place: Where it is described.
        routes: Its routes.
        stage: The stage that is served; ``$default`` has no part of a path.
        stage_variables: The variables of the stage.
        base_paths: The paths under which custom domains serve the stage.
        cors: Which web pages may call it, or None.
        authorizers: Its authorizers, by name.
        binary_media_types: Media types that a REST API treats as binary.
        route_selection: Which part of a message of a WebSocket names its route.
    """

    name: str
    kind: ApiKind
    place: Place
    routes: tuple[Route, ...] = ()
    stage: str = "$default"
    stage_variables: Mapping[str, str] = field(default_factory=dict)
    base_paths: tuple[str, ...] = ()
    cors: Cors | None = None
    authorizers: Mapping[str, Authorizer] = field(default_factory=dict)
    binary_media_types: tuple[str, ...] = ()
    route_selection: str = "$request.body.action"


@dataclass(frozen=True, kw_only=True)
class EventSource:
    """An event source mapping: a queue or a stream that is polled for a function.

    https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html

    Attributes:
        kind: The service.
        source: The ARN of the queue or the stream; the name of a topic. The ARN of a stream of
            DynamoDB ends in ``/stream/latest`` if the table is the project's own.
        function: The name of the function that gets the records.
        place: Where it is described.
        batch_size: How many records an invocation has at most; None for the service's default.
        window: Seconds for which records are gathered.
        filters: Event patterns of which a record must match one; none for all records.
        starting_position: Where a stream is read from.
        starting_timestamp: Seconds since 1970, for ``AT_TIMESTAMP``.
        partial_failures: Whether the function reports the records that failed.
        max_retries: How often a batch is tried again; -1 for as long as its records live.
        max_record_age: Seconds after which a record is given up; -1 for never.
        bisect: Whether a batch that fails is parted in two.
        parallelization: How many batches of a shard are in work at a time.
        tumbling_window: Seconds of a window over which a function keeps a state, or 0.
        max_concurrency: How many invocations a queue may have at a time, or None.
        on_failure: The ARN of the destination of batches that are given up, or None.
        brokers: The addresses of Kafka's brokers.
        topics: Kafka's topics.
        enabled: Whether it is polled.
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
    """An event that is pushed to a function: a schedule, a rule of an event bus, a bucket.

    Attributes:
        kind: A schedule, a rule of an event bus, or the notifications of a bucket.
        name: Its name.
        function: The name of the function that is invoked, asynchronously.
        place: Where it is described.
        expression: When a schedule fires: ``rate(...)``, ``cron(...)`` or ``at(...)``.
        timezone: The time zone of the expression.
        scheduler: Whether it is a schedule of EventBridge Scheduler, and not of a rule.
        group: The name of the group of a schedule of EventBridge Scheduler.
        flexible_window: Minutes within which EventBridge Scheduler may choose its time, or 0.
        pattern: The event pattern of a rule, as JSON.
        bus: The name of the event bus.
        bucket: The name of the bucket.
        events: The kinds of events of the bucket, such as ``s3:ObjectCreated:*``.
        prefix: How the keys of the bucket's objects must begin.
        suffix: How they must end.
        input: The input in place of the event, as JSON; None for the event.
        input_path: The JSON path of the part of the event that it gets, or None.
        input_template: Paths by name, and the template that they fill, or None.
        max_retries: How often a failed invocation is tried again, or None for the default.
        dead_letter_queue: The ARN of the queue for events that are given up, or None.
        enabled: Whether it fires.
    """

    kind: TargetKind
    name: str
    function: str
    place: Place
    expression: str = ""
    timezone: str = "UTC"
    scheduler: bool = False
    group: str = "default"
    flexible_window: int = 0
    pattern: str = ""
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


@dataclass(frozen=True, kw_only=True)
class Project:
    """A project: what is served, and what could not be understood.

    Attributes:
        path: The template, the folder of a CDK application, or the ``pyproject.toml``.
        files: All files that it was read from: it is read again when one of them changes.
        functions: Its functions, those that are not served included.
        apis: Its APIs.
        sources: Its event source mappings.
        triggers: Its schedules, rules and notifications.
        warnings: The parts that were not understood, or are not served.
    """

    path: Path
    files: tuple[Path, ...] = ()
    functions: tuple[FunctionDescription, ...] = ()
    apis: tuple[Api, ...] = ()
    sources: tuple[EventSource, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    warnings: tuple[Warned, ...] = ()
