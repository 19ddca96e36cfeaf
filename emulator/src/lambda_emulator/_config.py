"""The configuration of functions; its parts are named as in Lambda's API.

Records that each start imports are named tuples: a frozen dataclass takes a millisecond to define.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple

from lambda_testing import Function

from ._breakpoint import Keyboard
from ._target import FunctionProgram

LogFormat = Literal["text", "json"]
LogLevel = Literal["trace", "debug", "info", "warn", "error", "fatal"]
HTTPFormat = Literal["url", "v2", "v1", "alb", "alb-multi-value"]
InvokeMode = Literal["BUFFERED", "RESPONSE_STREAM"]


class EventInvokeConfig(NamedTuple):
    """The settings of asynchronous invocations.

    https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html

    Attributes:
        max_retries: The number of retries of a failed one.
        max_age: Seconds after which one is given up.
        retry_delay: Seconds before the first retry; the second one waits twice as long.
        on_success: The destination of a record of a success: a file, to which it is appended as a
            line of JSON; ``function:NAME``; or the ARN of a function, a queue of SQS, a topic of
            SNS, an event bus or a bucket of S3.
        on_failure: The same for one that is given up.
        dead_letter_queue: The destination of an event that is given up: the ARN of a queue of SQS
            or a topic of SNS.
        max_events: The number of events that may wait or be handled; more are refused.
    """

    max_retries: int = 2
    max_age: float = 21_600
    retry_delay: float = 60
    on_success: str | None = None
    on_failure: str | None = None
    dead_letter_queue: str | None = None
    max_events: int = 10_000


class Cors(NamedTuple):
    """Cross-origin resource sharing: which web pages may call a function URL.

    https://docs.aws.amazon.com/lambda/latest/api/API_Cors.html

    Attributes:
        allow_origins: Origins, or ``*``.
        allow_methods: Methods, or ``*``.
        allow_headers: Headers of a request, or ``*``.
        expose_headers: Headers of a response, or ``*``.
        allow_credentials: True if browsers may send cookies.
        max_age: Seconds for which a browser may keep the answer.
    """

    allow_origins: tuple[str, ...] = ()
    allow_methods: tuple[str, ...] = ()
    allow_headers: tuple[str, ...] = ()
    expose_headers: tuple[str, ...] = ()
    allow_credentials: bool = False
    max_age: int = 0


class URLConfig(NamedTuple):
    """The settings of HTTP: how requests become events, and results responses.

    Attributes:
        format: The front end: ``url`` for a function URL, ``v2`` for an HTTP API, ``v1`` for a REST
            API, ``alb`` for an Application Load Balancer, ``alb-multi-value`` for one whose target
            group has multi-value headers.
        invoke_mode: ``BUFFERED``, or ``RESPONSE_STREAM`` to send a response while the function
            produces it; for function URLs and REST APIs.
        cors: The CORS rules for other web pages, or None.
        binary_media_types: Media types that a REST API treats as binary, such as ``image/*``.
        integration_timeout: Seconds for which an API waits for a response; None for AWS's own, 29
            for a REST API and 30 for an HTTP API. Others wait as long as the function may take.
    """

    format: HTTPFormat = "url"
    invoke_mode: InvokeMode = "BUFFERED"
    cors: Cors | None = None
    binary_media_types: tuple[str, ...] = ()
    integration_timeout: float | None = None


class DurableConfig(NamedTuple):
    """The settings of durable executions.

    https://docs.aws.amazon.com/lambda/latest/api/API_DurableConfig.html

    Attributes:
        execution_timeout: Seconds for a whole execution.
        retention_days: Days for which a finished execution is kept.
        qualifier: The version or alias that is invoked where no other is named.
        aliases: The versions that aliases stand for, by alias.
    """

    execution_timeout: int = 86_400
    retention_days: int = 14
    qualifier: str = "$LATEST"
    aliases: Mapping[str, str] = MappingProxyType({})

    def version(self, qualifier: str) -> str:
        """Return the version that a qualifier stands for; an alias that is not known is itself.

        Args:
            qualifier: A version or an alias.
        """
        return self.aliases.get(qualifier, qualifier)


class FunctionConfig(NamedTuple):
    """A function, and how it is run.

    Attributes:
        program: The program to start.
        function: The properties on Lambda.
        concurrency: The number of execution environments that it may have at a time.
        environment: More environment variables for it.
        init_timeout: Seconds for the init phase.
        restore_timeout: Seconds for a restore from a snapshot, with SnapStart.
        freeze: True if its processes stand still between invocations, as on Lambda.
        limit_memory: True if a process ends when it uses more than its memory.
        log_format: The format of the lines that Lambda writes, and of those that it asks for.
        log_level: The least level of the function's records, or None for the runtime's own.
        extensions: A directory with programs that are started with each environment, or None.
        layers: The directories of its layers; of two files of one name, that of the later counts.
        event_invoke: The settings of asynchronous invocations.
        url: The settings of HTTP requests.
        debug_port: The port at which its process waits for a debugger, or None.
        keyboard: The standard input, for a debugger; None for an empty one, as on Lambda.
        on_demand: True if its first environment starts with its first invocation.
        otlp_endpoint: The endpoint for its traces, if nothing else is set, or None.
        durable: The settings of durable executions, or None.
        lambda_endpoint: The endpoint of Lambda's API for the function, if nothing else is set; None
            for AWS's.
        tenancy: True if it isolates tenants. Each invocation must then name one.
        aliases: The versions that its aliases stand for, by alias; none if any name may be one.
    """

    program: FunctionProgram
    function: Function
    concurrency: int = 10
    environment: Mapping[str, str] = MappingProxyType({})
    init_timeout: float = 10.0
    restore_timeout: float = 10.0
    freeze: bool = False
    limit_memory: bool = True
    log_format: LogFormat = "text"
    log_level: LogLevel | None = None
    extensions: Path | None = None
    layers: tuple[Path, ...] = ()
    event_invoke: EventInvokeConfig = EventInvokeConfig()
    url: URLConfig = URLConfig()
    debug_port: int | None = None
    keyboard: Keyboard | None = None
    on_demand: bool = False
    otlp_endpoint: str | None = None
    durable: DurableConfig | None = None
    lambda_endpoint: str | None = None
    tenancy: bool = False
    aliases: Mapping[str, str] = MappingProxyType({})

    def version(self, qualifier: str | None) -> str:
        """Return the version that a qualifier stands for.

        Args:
            qualifier: A version or an alias, or None.
        """
        version = self.aliases.get(qualifier or "", qualifier or "")
        return version if version.isdecimal() else self.function.version

    def has(self, qualifier: str | None) -> bool:
        """Return whether a qualifier is, or may be, a version or an alias of the function.

        Args:
            qualifier: A version or an alias, or None.
        """
        named = not qualifier or qualifier.isdecimal() or qualifier.startswith("$LATEST")
        return named or not self.aliases or qualifier in self.aliases
