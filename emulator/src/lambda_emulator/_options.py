"""The options of the command line, as data: how functions are served, and each command's groups."""

import click

from ._function_options import (
    DEBUG,
    FUNCTION,
    LOG,
    LOG_TIME,
    PYTHON,
    RELOAD,
    SCALING,
    parse_key_files,
    parse_pairs,
)
from ._option_group import OptionGroup
from ._option_values import Seconds, parse_address, parse_hosts, parse_origins

_PORT = click.IntRange(0, 65535)


def _address(host: str, port: str) -> tuple[click.Option, click.Option]:
    """Return the options for an address, with the help for each."""
    return (
        click.Option(
            ["--host"],
            default="127.0.0.1",
            show_default=True,
            callback=parse_address,
            metavar="ADDRESS",
            help=host,
        ),
        click.Option(
            ["--port"],
            type=_PORT,
            default=9000,
            show_default=True,
            envvar="LAMBDA_EMULATOR_PORT",
            show_envvar=True,
            metavar="PORT",
            help=port,
        ),
    )


_SERVER = OptionGroup(
    "Server",
    (
        *_address("Address to listen on.", "Port to listen on; 0 picks a free one."),
        click.Option(
            ["--allow-host", "allowed_hosts"],
            multiple=True,
            callback=parse_hosts,
            metavar="NAME",
            help="Another host name of this machine for clients; may be repeated.",
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
            help="Send the responses of function URLs whole, or while the function produces them.",
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
            callback=parse_origins,
            metavar="ORIGIN",
            help="Origin whose pages may call function URLs and APIs, or *; may be repeated.",
        ),
    ),
)
_APIS = OptionGroup(
    "APIs",
    (
        click.Option(
            ["--api-port"],
            type=_PORT,
            envvar="LAMBDA_EMULATOR_API_PORT",
            show_envvar=True,
            default=0,
            metavar="PORT",
            help="Port for the first API of the project, the next ones follow; 0 for any.",
        ),
        click.Option(
            ["--trust-tokens"],
            is_flag=True,
            help="Take the claims of tokens without checking signatures and dates.",
        ),
        click.Option(
            ["--jwks", "key_files"],
            multiple=True,
            callback=parse_key_files,
            metavar="ISSUER=FILE",
            help="JSON Web Key Set for the tokens of an issuer; may be repeated.",
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
            type=Seconds(0, 21600),
            default=21600,
            show_default=True,
            metavar="SECONDS",
            help="Age at which asynchronous invocations are dropped.",
        ),
        click.Option(
            ["--retry-delay"],
            type=Seconds(0),
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
            ["--event-source", "--source", "event_sources"],
            multiple=True,
            metavar="[NAME:]KIND=SOURCE",
            help="Source of events for the first function, or for NAME, such as sqs=URL, "
            "kinesis=ARN, dynamodb=ARN, 'schedule=rate(1 hour)'; may be repeated.",
        ),
    ),
)
PARAMETER = click.Option(
    ["--parameter", "parameters"],
    multiple=True,
    callback=parse_pairs,
    metavar="NAME=VALUE",
    help="A parameter of the template; may be repeated.",
)
STACK = click.Option(
    ["--stack", "stacks"],
    multiple=True,
    metavar="NAME",
    help="A stack of a cdk.out, or a pattern such as 'Dev/*', with those that it needs; may be"
    " repeated. [default: all]",
)
CONFIG_ENV = click.Option(
    ["--config-env"],
    metavar="NAME",
    help="The environment of samconfig.toml, for parameters and variables. [default: default]",
)
_PROJECT = OptionGroup("Projects", (PARAMETER, STACK, CONFIG_ENV))
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
            help="Skip waits and the time before retries, for tests.",
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
        click.Option(["--tenant-id"], metavar="ID", help="The tenant that the event is for."),
    ),
)

RUN_GROUPS = (
    _PROJECT,
    FUNCTION,
    SCALING,
    OptionGroup(LOG.title, (*LOG.options, LOG_TIME)),
    OptionGroup("Development", (RELOAD, DEBUG, PYTHON)),
    _SERVER,
    _URLS,
    _APIS,
    _ASYNCHRONOUS,
    _SOURCES,
    _DURABLE,
)
"""The options of ``lambda-emulator run``."""

INVOKE_GROUPS = (
    _EVENT,
    _PROJECT,
    FUNCTION,
    LOG,
    OptionGroup("Development", (DEBUG, PYTHON)),
    _DURABLE,
)
"""Those of ``lambda-emulator invoke``: what one invocation has a use for."""

SEND_GROUPS = (
    OptionGroup(
        "Event",
        (
            click.Option(
                ["-e", "--event", "event_file"],
                type=click.File("rb"),
                metavar="FILE",
                help="File with the body, the data or the event; - is standard input.",
            ),
            click.Option(
                ["-d", "--data"], metavar="TEXT", help="The body, the data or the event itself."
            ),
            click.Option(
                ["--to"],
                metavar="NAME",
                help="Function to send it to directly; no queue, rule or bucket is needed.",
            ),
            click.Option(
                ["--key"],
                metavar="KEY",
                help="Message group of a FIFO queue, or partition key of a stream.",
            ),
            click.Option(
                ["--attribute", "attributes"],
                multiple=True,
                callback=parse_pairs,
                metavar="NAME=VALUE",
                help="Attribute of a message: text, or a number or a list of JSON. Repeatable.",
            ),
            click.Option(
                ["--event-name"],
                default="ObjectCreated:Put",
                show_default=True,
                metavar="NAME",
                help="Kind of event of the S3 object.",
            ),
        ),
    ),
    OptionGroup("Emulator", _address("Address of the emulator.", "Port of the emulator.")),
)
"""Those of ``lambda-emulator send``."""
