"""The options of the command line, as data: groups of options, and the groups of each command."""

import re
from pathlib import Path
from typing import Any, NamedTuple

import click


class OptionGroup(NamedTuple):
    """Options that `--help` shows together.

    Attributes:
        title: The heading.
        options: The options, in the order of the help.
    """

    title: str
    options: tuple[click.Option, ...]


class GroupedCommand(click.Command):
    """A command whose help shows its options in groups."""

    def __init__(self, *args: Any, groups: tuple[OptionGroup, ...], **kwargs: Any) -> None:
        """Add the options of the groups to a command.

        Args:
            *args: Arguments of `click.Command`.
            groups: The groups, in the order of the help.
            **kwargs: The same.
        """
        super().__init__(*args, **kwargs)
        self._groups = groups
        self.params += [option for group in groups for option in group.options]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the groups of options into the help.

        Args:
            ctx: The command's context.
            formatter: Takes the help.
        """
        help_option = self.get_help_option(ctx)
        last = OptionGroup("Help", (help_option,) if help_option else ())
        for group in (*self._groups, last):
            records = [option.get_help_record(ctx) for option in group.options]
            if shown := [record for record in records if record is not None]:
                with formatter.section(group.title):
                    formatter.write_dl(shown)


def is_function_name(text: str) -> bool:
    """Return whether Lambda allows a name for a function.

    Args:
        text: Any text.
    """
    return re.fullmatch(r"[A-Za-z0-9_-]{1,64}", text) is not None


def _valid_name(
    _context: click.Context, _parameter: click.Parameter, name: str | None
) -> str | None:
    if name is not None and not is_function_name(name):
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
_PORT = click.IntRange(0, 65535)

_FUNCTION = OptionGroup(
    "Function",
    (
        click.Option(
            ["--name"],
            callback=_valid_name,
            metavar="NAME",
            help="Name of the function. [default: that of the directory, file or module]",
        ),
        click.Option(
            ["--timeout"],
            type=click.FloatRange(0, 5400, min_open=True),
            default=3,
            show_default=True,
            metavar="SECONDS",
            help="The longest that an invocation may take: up to 1800, and 5400 with"
            " --max-concurrency.",
        ),
        click.Option(
            ["--init-timeout"],
            type=click.FloatRange(0, min_open=True),
            metavar="SECONDS",
            help="The longest that a start may take. [default: 10]",
        ),
        click.Option(
            ["--memory"],
            type=click.IntRange(128, 32768),
            default=128,
            show_default=True,
            metavar="MB",
            help="Memory size; a process that holds more is killed.",
        ),
        click.Option(
            ["--memory-limit/--no-memory-limit"],
            default=True,
            help="Whether to kill a process that holds more than its memory.",
        ),
        click.Option(
            ["--env", "variables"],
            multiple=True,
            callback=parse_pairs,
            metavar="NAME=VALUE",
            help="An environment variable of the function; may be repeated.",
        ),
        click.Option(
            ["--env-file"],
            type=_FILE,
            metavar="FILE",
            help="File with environment variables as NAME=VALUE lines.",
        ),
        click.Option(
            ["--extensions"],
            type=_DIRECTORY,
            metavar="DIRECTORY",
            help="Programs to run as extensions beside the function.",
        ),
        click.Option(
            ["--layer", "layers"],
            multiple=True,
            type=_DIRECTORY,
            metavar="DIRECTORY",
            help="A layer, which is /opt for the function; may be repeated.",
        ),
        click.Option(
            ["--max-concurrency"],
            type=click.IntRange(1),
            metavar="N",
            help="Invocations at a time in one environment, as on Lambda Managed Instances.",
        ),
        click.Option(
            ["--snap-start"],
            is_flag=True,
            help="Restore the function's processes from a snapshot, with its runtime hooks.",
        ),
    ),
)
_SCALING = OptionGroup(
    "Execution environments",
    (
        click.Option(
            ["--concurrency"],
            type=click.IntRange(1, 1000),
            default=10,
            show_default=True,
            metavar="N",
            help="Execution environments that a function may have; more invocations get 429.",
        ),
        click.Option(
            ["--freeze"],
            is_flag=True,
            help="Stop the function's processes between invocations, as Lambda does.",
        ),
    ),
)
_LOG = OptionGroup(
    "Log",
    (
        click.Option(
            ["--log-format"],
            type=click.Choice(["text", "json"]),
            default="text",
            show_default=True,
            help="Format of the log, as on Lambda; a terminal shows JSON as text.",
        ),
        click.Option(
            ["--log-level"],
            type=click.Choice(
                ["trace", "debug", "info", "warn", "error", "fatal"], case_sensitive=False
            ),
            help="Least level of the function's records. [default: the runtime's]",
        ),
    ),
)
_LOG_TIME = click.Option(
    ["--log-time/--no-log-time"],
    default=None,
    help="Whether lines of a text log begin with the time. [default: in a terminal]",
)


class _DebugPort(click.IntRange):
    """A port after ``--debug``, where a target may stand by mistake."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the port.

        Args:
            value: What stands after the option.
            param: The option.
            ctx: The command's context.
        """
        text: object = value
        if isinstance(text, str) and not text.isdigit():
            self.fail(f"{value!r} is not a port: write --debug after the target.", param, ctx)
        port: Any = value
        return super().convert(port, param, ctx)


_DEBUG = click.Option(
    ["--debug", "debug_port"],
    type=_DebugPort(1, 65535),
    is_flag=False,
    flag_value=5678,
    metavar="[PORT]",
    help="Wait for a debugger to attach at this port (5678); no timeouts.",
)
_PYTHON = click.Option(
    ["--python"],
    type=click.Path(path_type=Path),
    metavar="PATH",
    help=(
        "Python, or virtual environment, to run functions with."
        " [default: the emulator's own, or the project's .venv]"
    ),
)
_RELOAD = click.Option(["--reload"], is_flag=True, help="Start functions again when code changes.")
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
    _FUNCTION,
    _SCALING,
    OptionGroup(_LOG.title, (*_LOG.options, _LOG_TIME)),
    OptionGroup("Development", (_RELOAD, _DEBUG, _PYTHON)),
    _SERVER,
    _URLS,
    _ASYNCHRONOUS,
    _SOURCES,
)
"""The options of ``lambda-emulator run``."""

INVOKE_GROUPS = (_EVENT, _FUNCTION, _LOG, OptionGroup("Development", (_DEBUG, _PYTHON)))
"""Those of ``lambda-emulator invoke``: what one invocation has a use for."""
