"""The options of the command line that say how a function is run."""

from pathlib import Path
from typing import Any

import click

from ._limits import MAX_MANAGED_TIMEOUT, MAX_TIMEOUT
from ._names import is_function_name
from ._option_group import OptionGroup
from ._option_values import Seconds


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


def parse_key_files(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> dict[str, Path]:
    """Parse texts of the form ISSUER=FILE, for an option that may be repeated."""
    pairs = parse_pairs(context, parameter, values)
    for name in pairs.values():
        if not Path(name).is_file():
            raise click.BadParameter(f"there is no file {name!r}.")
    return {issuer: Path(name) for issuer, name in pairs.items()}


_DIRECTORY = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

FUNCTION = OptionGroup(
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
            type=Seconds(0, MAX_MANAGED_TIMEOUT, min_open=True),
            default=3,
            show_default=True,
            metavar="SECONDS",
            help=f"Time limit of an invocation: up to {MAX_TIMEOUT}, and"
            f" {MAX_MANAGED_TIMEOUT} with --max-concurrency.",
        ),
        click.Option(
            ["--init-timeout"],
            type=Seconds(0, min_open=True),
            metavar="SECONDS",
            help="Time limit of a start. [default: 10]",
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
            help="Kill a process that holds more than its memory, or let it live.",
        ),
        click.Option(
            ["--env", "variables"],
            multiple=True,
            callback=parse_pairs,
            metavar="NAME=VALUE",
            help="An environment variable of the function; may be repeated.",
        ),
        click.Option(
            ["--env-file", "--env-vars", "env_file"],
            type=_FILE,
            metavar="FILE",
            help="File with environment variables: NAME=VALUE lines, or .json in SAM's format.",
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
            help="A layer, mounted at /opt for the function; may be repeated.",
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
SCALING = OptionGroup(
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
            help="Freeze the function's processes between invocations, as Lambda does.",
        ),
    ),
)
LOG = OptionGroup(
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
            help="Lowest level of the function's records. [default: the runtime's]",
        ),
    ),
)
LOG_TIME = click.Option(
    ["--log-time/--no-log-time"],
    default=None,
    help="Begin lines of a text log with the time, or not. [default: in a terminal]",
)


class _DebugPort(click.IntRange):
    """A port after ``--debug``, which may be a target by mistake."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the port.

        Args:
            value: The value of the option.
            param: The option.
            ctx: The command's context.
        """
        text: object = value
        if isinstance(text, str) and not text.isdigit():
            self.fail(f"{value!r} is not a port: write --debug after the target.", param, ctx)
        port: Any = value
        return super().convert(port, param, ctx)


DEBUG = click.Option(
    ["--debug", "debug_port"],
    type=_DebugPort(1, 65535),
    is_flag=False,
    flag_value=5678,
    metavar="[PORT]",
    help="Wait for a debugger to attach at this port (5678); no timeouts.",
)
PYTHON = click.Option(
    ["--python"],
    type=click.Path(path_type=Path),
    metavar="PATH",
    help=(
        "Python, or virtual environment, to run functions with."
        " [default: the emulator's own, or the project's .venv]"
    ),
)
RELOAD = click.Option(["--reload"], is_flag=True, help="Start functions again when code changes.")
