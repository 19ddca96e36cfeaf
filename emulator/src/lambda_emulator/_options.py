"""The options of the command line, as data: how functions are served, and each command's groups."""

import click

from ._function_options import DEBUG, FUNCTION, LOG, LOG_TIME, PYTHON, RELOAD, SCALING
from ._option_group import OptionGroup

_PORT = click.IntRange(0, 65535)
_SERVER = OptionGroup(
    "Server",
    (
        click.Option(
            ["--host"],
            default="127.0.0.1",
            show_default=True,
            metavar="ADDRESS",
            help="Address to listen at.",
        ),
        click.Option(
            ["--port"],
            type=_PORT,
            default=9000,
            show_default=True,
            envvar="LAMBDA_EMULATOR_PORT",
            show_envvar=True,
            metavar="PORT",
            help="Port to listen at; 0 for any that is free.",
        ),
        click.Option(
            ["--allow-host", "allowed_hosts"],
            multiple=True,
            metavar="NAME",
            help="Another name that clients may call this machine by; may be repeated.",
        ),
    ),
)
_URLS = OptionGroup(
    "Function URLs",
    (
        click.Option(
            ["--url-port"],
            type=_PORT,
            envvar="LAMBDA_EMULATOR_URL_PORT",
            show_envvar=True,
            metavar="PORT",
            help="Port for the function URL of the first function alone.",
        ),
        click.Option(
            ["--url-format"],
            type=click.Choice(["url", "v2", "v1", "alb", "alb-multi-value"]),
            default="url",
            show_default=True,
            help="The front end: a function URL, an HTTP API (v2), a REST API (v1), a load "
            "balancer.",
        ),
        click.Option(
            ["--url-mode"],
            type=click.Choice(["BUFFERED", "RESPONSE_STREAM"]),
            default="BUFFERED",
            show_default=True,
            help="Whether function URLs stream.",
        ),
        click.Option(
            ["--binary-media-type", "binary_media_types"],
            multiple=True,
            metavar="TYPE",
            help="Media type that a REST API treats as binary, or */*; may be repeated.",
        ),
        click.Option(
            ["--cors", "cors_origins"],
            multiple=True,
            metavar="ORIGIN",
            help="Origin whose pages may call function URLs, or *; may be repeated.",
        ),
    ),
)
_ASYNCHRONOUS = OptionGroup(
    "Asynchronous invocations",
    (
        click.Option(
            ["--max-retries"],
            type=click.IntRange(0, 2),
            default=2,
            show_default=True,
            metavar="N",
            help="Retries of asynchronous invocations that fail.",
        ),
        click.Option(
            ["--max-event-age"],
            type=click.FloatRange(0, 21600),
            default=21600,
            show_default=True,
            metavar="SECONDS",
            help="Age at which asynchronous invocations are given up.",
        ),
        click.Option(
            ["--retry-delay"],
            type=click.FloatRange(0),
            default=60,
            show_default=True,
            metavar="SECONDS",
            help="Time before the first retry; the second waits twice as long.",
        ),
        click.Option(
            ["--on-success"],
            metavar="DESTINATION",
            help="File, function:NAME or ARN for records of asynchronous successes.",
        ),
        click.Option(
            ["--on-failure"],
            metavar="DESTINATION",
            help="File, function:NAME or ARN for records of asynchronous failures.",
        ),
        click.Option(
            ["--dead-letter-queue"],
            metavar="ARN",
            help="Queue of SQS, or topic of SNS, for events of asynchronous failures.",
        ),
    ),
)
_SOURCES = OptionGroup(
    "Event sources",
    (
        click.Option(
            ["--event-source", "event_sources"],
            multiple=True,
            metavar="[NAME:]sqs=URL",
            help="Queue to poll for the first function, or for NAME; may be repeated.",
        ),
    ),
)
_DURABLE = OptionGroup(
    "Durable functions",
    (
        click.Option(
            ["--durable"], is_flag=True, help="Start a durable execution with each invocation."
        ),
        click.Option(
            ["--execution-timeout"],
            type=click.IntRange(1, 31_622_400),
            default=86_400,
            show_default=True,
            metavar="SECONDS",
            help="The longest that a durable execution may take.",
        ),
        click.Option(
            ["--skip-time"],
            is_flag=True,
            help="Let waits and the time before retries pass at once, for tests.",
        ),
    ),
)
_EVENT = OptionGroup(
    "Event",
    (
        click.Option(
            ["-e", "--event", "event_file"],
            type=click.File("rb"),
            metavar="FILE",
            help="File with the event as JSON; - is standard input. [default: an empty object]",
        ),
        click.Option(["-d", "--data"], metavar="JSON", help="The event itself, as JSON."),
    ),
)

RUN_GROUPS = (
    FUNCTION,
    SCALING,
    OptionGroup(LOG.title, (*LOG.options, LOG_TIME)),
    OptionGroup("Development", (RELOAD, DEBUG, PYTHON)),
    _SERVER,
    _URLS,
    _ASYNCHRONOUS,
    _SOURCES,
    _DURABLE,
)
"""The options of ``lambda-emulator run``."""

INVOKE_GROUPS = (_EVENT, FUNCTION, LOG, OptionGroup("Development", (DEBUG, PYTHON)))
"""Those of ``lambda-emulator invoke``: what one invocation has a use for."""
