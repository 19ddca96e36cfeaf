"""The command line: ``lambda-emulator run`` and ``lambda-emulator invoke``."""

import re
import sys
from collections.abc import Callable
from typing import Any, BinaryIO, TypeVar

import click

from ._target import Program, TargetError, find_program
from ._version import __version__

_Command = TypeVar("_Command", bound=Callable[..., Any])


class _Unusable(click.ClickException):
    """An argument that names nothing that can be worked with."""

    exit_code = 2


def _valid_name(
    _context: click.Context, _parameter: click.Parameter, name: str | None
) -> str | None:
    if name is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name):
        raise click.BadParameter("use 1 to 64 letters, digits, - and _.")
    return name


def _function_options(command: _Command) -> _Command:
    """Add what is to be said of every function."""
    for decorate in (
        click.option(
            "--memory",
            type=click.IntRange(128, 10240),
            default=128,
            show_default=True,
            metavar="MB",
            help="Memory size that the function is told, and that is reported; not enforced.",
        ),
        click.option(
            "--timeout",
            type=click.FloatRange(0, 900, min_open=True),
            default=3,
            show_default=True,
            metavar="SECONDS",
            help="The longest that an invocation may take; AWS's default too.",
        ),
        click.option(
            "--name",
            callback=_valid_name,
            help="Name of the function. [default: that of the directory, file or module]",
        ),
        click.argument("target"),
    ):
        command = decorate(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="lambda-emulator")
def main() -> None:
    """Run AWS Lambda functions on this machine.

    TARGET is a directory with a __main__.py, a .py file, or a handler as module.handler.
    """


@main.command()
@_function_options
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=9000,
    show_default=True,
    envvar="LAMBDA_EMULATOR_PORT",
    show_envvar=True,
    help="Port to listen at; 0 for any that is free.",
)
def run(target: str, name: str | None, timeout: float, memory: int, host: str, port: int) -> None:
    """Serve TARGET over HTTP as Lambda does, until Ctrl-C.

    The function's log goes to standard output. Exits with 0 when it is told to end, 1 when the
    function cannot start or the port is in use, 2 when TARGET is no function.
    """
    program = _find(target)
    import asyncio

    from ._terminal import CommandError, describe_function, serve

    function = describe_function(name or program.name, timeout=timeout, memory_mb=memory)
    try:
        asyncio.run(serve(program, function, host=host, port=port))
    except CommandError as error:
        raise click.ClickException(str(error)) from error


@main.command()
@_function_options
@click.option(
    "-e",
    "--event",
    "event_file",
    type=click.File("rb"),
    metavar="FILE",
    help="File with the event as JSON; - is standard input. [default: an empty object]",
)
@click.option("-d", "--data", metavar="JSON", help="The event itself, as JSON.")
def invoke(
    target: str,
    name: str | None,
    timeout: float,
    memory: int,
    event_file: BinaryIO | None,
    data: str | None,
) -> None:
    """Start TARGET, invoke it once, and print what it answers.

    The answer goes to standard output, the function's log to standard error. Exits with 0 when
    the function succeeds, 1 when it fails, 2 when TARGET or the event is unusable.
    """
    if event_file is not None and data is not None:
        raise click.UsageError("--event and --data exclude each other: use one of them.")
    program = _find(target)
    event = _read_event(event_file, data)
    import asyncio

    from . import _terminal

    function = _terminal.describe_function(name or program.name, timeout=timeout, memory_mb=memory)
    answer = asyncio.run(_terminal.invoke(program, function, event))
    click.echo(answer.payload)
    sys.exit(answer.is_error)


def _find(target: str) -> Program:
    try:
        return find_program(target)
    except TargetError as error:
        raise _Unusable(str(error)) from error


def _read_event(file: BinaryIO | None, data: str | None) -> bytes:
    from ._event import MAX_EVENT_SIZE, EventError, to_event

    payload = file.read(MAX_EVENT_SIZE + 1) if file else (data or "").encode()
    if len(payload) > MAX_EVENT_SIZE:
        raise _Unusable(f"The event is too large: Lambda takes {MAX_EVENT_SIZE} bytes.")
    try:
        return to_event(payload)
    except EventError as error:
        raise _Unusable(f"The event is not JSON: {error}") from error
