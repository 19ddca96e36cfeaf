"""The options of the command line: of a function, and of the server."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])


def _valid_name(
    _context: click.Context, _parameter: click.Parameter, name: str | None
) -> str | None:
    if name is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name):
        raise click.BadParameter("use 1 to 64 letters, digits, - and _.")
    return name


def parse_pairs(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> dict[str, str]:
    """Parse texts of the form NAME=VALUE, for an option that may be repeated."""
    pairs: dict[str, str] = {}
    for text in values:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise click.BadParameter("use NAME=VALUE.")
        pairs[name] = value
    return pairs


_DIRECTORY = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FUNCTION_OPTIONS = (
    click.option(
        "--name",
        callback=_valid_name,
        help="Name of the function. [default: that of the directory, file or module]",
    ),
    click.option(
        "--timeout",
        type=click.FloatRange(0, 5400, min_open=True),
        default=3,
        show_default=True,
        metavar="SECONDS",
        help="The longest that an invocation may take: up to 1800, and 5400 with"
        " --max-concurrency.",
    ),
    click.option(
        "--memory",
        type=click.IntRange(128, 32768),
        default=128,
        show_default=True,
        metavar="MB",
        help="Memory size; a process that holds more is killed.",
    ),
    click.option(
        "--memory-limit/--no-memory-limit",
        default=True,
        help="Whether to kill a process that holds more than its memory.",
    ),
    click.option(
        "--concurrency",
        type=click.IntRange(1, 1000),
        default=10,
        show_default=True,
        metavar="N",
        help="Execution environments that a function may have; more invocations get 429.",
    ),
    click.option(
        "--max-concurrency",
        type=click.IntRange(1),
        metavar="N",
        help="Invocations at a time in one environment, as on Lambda Managed Instances.",
    ),
    click.option(
        "--snap-start",
        is_flag=True,
        help="Restore the function's processes from a snapshot, with its runtime hooks.",
    ),
    click.option(
        "--init-timeout",
        type=click.FloatRange(0, min_open=True),
        metavar="SECONDS",
        help="The longest that a start may take. [default: 10]",
    ),
    click.option(
        "--env",
        "variables",
        multiple=True,
        callback=parse_pairs,
        metavar="NAME=VALUE",
        help="An environment variable of the function; may be repeated.",
    ),
    click.option(
        "--env-file",
        type=_FILE,
        metavar="FILE",
        help="File with environment variables as NAME=VALUE lines.",
    ),
    click.option(
        "--log-format",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="Format of the log, as on Lambda.",
    ),
    click.option(
        "--extensions",
        type=_DIRECTORY,
        metavar="DIRECTORY",
        help="Programs to run as extensions beside the function.",
    ),
    click.option(
        "--layer",
        "layers",
        multiple=True,
        type=_DIRECTORY,
        metavar="DIRECTORY",
        help="A layer, which is /opt for the function; may be repeated.",
    ),
    click.option(
        "--freeze",
        is_flag=True,
        help="Stop the function's processes between invocations, as Lambda does.",
    ),
    click.option(
        "--debug",
        "debug_port",
        type=int,
        is_flag=False,
        flag_value=5678,
        metavar="PORT",
        help="Wait for a debugger to attach at this port (5678), with debugpy; no timeouts.",
    ),
)
RUN_OPTIONS = (
    click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at."),
    click.option(
        "--port",
        type=click.IntRange(0, 65535),
        default=9000,
        show_default=True,
        envvar="LAMBDA_EMULATOR_PORT",
        show_envvar=True,
        help="Port to listen at; 0 for any that is free.",
    ),
    click.option(
        "--allow-host",
        "allowed_hosts",
        multiple=True,
        metavar="NAME",
        help="Another name that clients may call this machine by; may be repeated.",
    ),
    click.option("--reload", is_flag=True, help="Start functions anew when their code changes."),
    click.option(
        "--event-source",
        "event_sources",
        multiple=True,
        metavar="[NAME:]sqs=URL",
        help="Queue to poll for the first function, or for NAME; may be repeated.",
    ),
    click.option(
        "--url-port",
        type=click.IntRange(0, 65535),
        metavar="PORT",
        help="Port for the function URL of the first function alone.",
    ),
    click.option(
        "--url-format",
        type=click.Choice(["v2", "v1", "alb"]),
        default="v2",
        show_default=True,
        help="Events of function URLs, of REST APIs, or of load balancers.",
    ),
    click.option(
        "--url-mode",
        type=click.Choice(["BUFFERED", "RESPONSE_STREAM"]),
        default="BUFFERED",
        show_default=True,
        help="Whether function URLs stream.",
    ),
    click.option(
        "--cors",
        "cors_origins",
        multiple=True,
        metavar="ORIGIN",
        help="Origin whose pages may call function URLs, or *; may be repeated.",
    ),
    click.option(
        "--max-retries",
        type=click.IntRange(0, 2),
        default=2,
        show_default=True,
        help="Retries of asynchronous invocations that fail.",
    ),
    click.option(
        "--max-event-age",
        type=click.FloatRange(0, 21600),
        default=21600,
        show_default=True,
        metavar="SECONDS",
        help="Age at which asynchronous invocations are given up.",
    ),
    click.option(
        "--retry-delay",
        type=click.FloatRange(0),
        default=60,
        show_default=True,
        metavar="SECONDS",
        help="Time before the first retry; the second waits twice as long.",
    ),
    click.option(
        "--on-success",
        metavar="DESTINATION",
        help="File, function:NAME or ARN for records of asynchronous successes.",
    ),
    click.option(
        "--on-failure",
        metavar="DESTINATION",
        help="File, function:NAME or ARN for records of asynchronous failures.",
    ),
    click.option(
        "--dead-letter-queue",
        metavar="ARN",
        help="Queue of SQS, or topic of SNS, for events of asynchronous failures.",
    ),
)


def with_options(
    options: tuple[Callable[[_Command], _Command], ...],
) -> Callable[[_Command], _Command]:
    """Return a decorator that adds options to a command, in their order.

    Args:
        options: What ``click.option`` returned for each.
    """

    def decorate(command: _Command) -> _Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate
