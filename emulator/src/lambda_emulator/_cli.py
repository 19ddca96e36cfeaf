"""The command line: ``lambda-emulator run``, ``invoke`` and ``generate-event``."""

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

import click

from ._quick_start import quick_start
from ._target import TargetError
from ._version import __version__

if TYPE_CHECKING:
    from ._config import FunctionConfig

_Command = TypeVar("_Command", bound=Callable[..., Any])
_HELP = {"help_option_names": ["-h", "--help"]}


class _Unusable(click.ClickException):
    """An argument that names nothing that can be worked with."""

    exit_code = 2


def _valid_name(
    _context: click.Context, _parameter: click.Parameter, name: str | None
) -> str | None:
    if name is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name):
        raise click.BadParameter("use 1 to 64 letters, digits, - and _.")
    return name


def _pairs(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in values:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise click.BadParameter("use NAME=VALUE.")
        pairs[name] = value
    return pairs


_DIRECTORY = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FUNCTION_OPTIONS = (
    click.option("--name", callback=_valid_name, help="Name of the function. [default: that of the directory, file or module]"),
    click.option("--timeout", type=click.FloatRange(0, 900, min_open=True), default=3, show_default=True, metavar="SECONDS", help="The longest that an invocation may take; AWS's default too."),
    click.option("--memory", type=click.IntRange(128, 10240), default=128, show_default=True, metavar="MB", help="Memory size; a process that holds more is killed."),
    click.option("--memory-limit/--no-memory-limit", default=True, help="Whether to kill a process that holds more than its memory."),
    click.option("--concurrency", type=click.IntRange(1, 1000), default=10, show_default=True, metavar="N", help="Execution environments that a function may have; more invocations get 429."),
    click.option("--max-concurrency", type=click.IntRange(1), metavar="N", help="Invocations at a time in one environment, as on Lambda Managed Instances."),
    click.option("--init-timeout", type=click.FloatRange(0, min_open=True), metavar="SECONDS", help="The longest that a start may take. [default: 10]"),
    click.option("--env", "variables", multiple=True, callback=_pairs, metavar="NAME=VALUE", help="An environment variable of the function; may be repeated."),
    click.option("--env-file", type=_FILE, metavar="FILE", help="File with environment variables as NAME=VALUE lines."),
    click.option("--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Format of the log, as on Lambda."),
    click.option("--extensions", type=_DIRECTORY, metavar="DIRECTORY", help="Programs to run as extensions beside the function."),
    click.option("--freeze", is_flag=True, help="Stop the function's processes between invocations, as Lambda does."),
    click.option("--debug", "debug_port", type=int, is_flag=False, flag_value=5678, metavar="PORT", help="Wait for a debugger to attach at this port (5678), with debugpy; no timeouts."),
)  # fmt: skip
_RUN_OPTIONS = (
    click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at."),
    click.option("--port", type=click.IntRange(0, 65535), default=9000, show_default=True, envvar="LAMBDA_EMULATOR_PORT", show_envvar=True, help="Port to listen at; 0 for any that is free."),
    click.option("--allow-host", "allowed_hosts", multiple=True, metavar="NAME", help="Another name that clients may call this machine by; may be repeated."),
    click.option("--reload", is_flag=True, help="Start functions anew when their code changes."),
    click.option("--event-source", "event_sources", multiple=True, metavar="[NAME:]sqs=URL", help="Queue to poll for the first function, or for NAME; may be repeated."),
    click.option("--url-port", type=click.IntRange(0, 65535), metavar="PORT", help="Port for the function URL of the first function alone."),
    click.option("--url-format", type=click.Choice(["v2", "v1", "alb"]), default="v2", show_default=True, help="Events of function URLs, of REST APIs, or of load balancers."),
    click.option("--url-mode", type=click.Choice(["BUFFERED", "RESPONSE_STREAM"]), default="BUFFERED", show_default=True, help="Whether function URLs stream."),
    click.option("--cors", "cors_origins", multiple=True, metavar="ORIGIN", help="Origin whose pages may call function URLs, or *; may be repeated."),
    click.option("--max-retries", type=click.IntRange(0, 2), default=2, show_default=True, help="Retries of asynchronous invocations that fail."),
    click.option("--max-event-age", type=click.FloatRange(0, 21600), default=21600, show_default=True, metavar="SECONDS", help="Age at which asynchronous invocations are given up."),
    click.option("--retry-delay", type=click.FloatRange(0), default=60, show_default=True, metavar="SECONDS", help="Time before the first retry; the second waits twice as long."),
    click.option("--on-success", metavar="DESTINATION", help="File, or function:NAME, for records of asynchronous successes."),
    click.option("--on-failure", metavar="DESTINATION", help="File, or function:NAME, for records of asynchronous failures."),
)  # fmt: skip


def _with(options: tuple[Callable[[_Command], _Command], ...]) -> Callable[[_Command], _Command]:
    def decorate(command: _Command) -> _Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


@click.group(context_settings=_HELP)
@click.version_option(__version__, prog_name="lambda-emulator")
@click.pass_context
def main(context: click.Context) -> None:
    """Run AWS Lambda functions on this machine.

    TARGET is a directory with a __main__.py, a .py file, or a handler as module.handler.

    What you would type every day can be in [tool.lambda-emulator] of pyproject.toml: options by
    their names, and a table functions.NAME with a target for each function.
    """
    from ._settings import SettingsError, read_settings

    try:
        settings = read_settings(Path.cwd())
        parameters = {name: tuple(command.params) for name, command in main.commands.items()}
        context.default_map = settings.default_map(parameters)
    except SettingsError as error:
        raise _Unusable(str(error)) from error
    context.obj = settings


@main.command()
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@_with(_FUNCTION_OPTIONS)
@_with(_RUN_OPTIONS)
def run(targets: tuple[str, ...], **options: Any) -> None:
    """Serve each TARGET over HTTP as Lambda does, until Ctrl-C.

    Without a TARGET, the functions in pyproject.toml are served. The log goes to standard output.
    Exits with 0 when it is told to end, 1 when a function cannot start or a port is in use, 2 when
    a TARGET is no function.
    """
    from ._settings import Named, SettingsError

    settings = click.get_current_context().obj
    try:
        named = [Named(None, target, {}) for target in targets] or settings.functions()
    except SettingsError as error:
        raise _Unusable(str(error)) from error
    if not named:
        raise click.UsageError("Missing argument 'TARGET...': name what is to be served.")
    if options["name"] and len(named) > 1:
        raise click.UsageError("--name is for one function: name several in pyproject.toml.")
    with quick_start():
        import uvloop

        from ._event_source import SourceError, parse_source
        from ._terminal import CommandError, ServeOptions, serve

    configs = [_configure(each.target, each.name, {**options, **each.options}) for each in named]

    names = [config.function.name for config in configs]
    try:
        sources = tuple(parse_source(text, names) for text in options["event_sources"])
    except SourceError as error:
        raise _Unusable(str(error)) from error
    how = {key: options[key] for key in ("host", "port", "url_port", "allowed_hosts", "reload")}
    try:
        uvloop.run(serve(configs, ServeOptions(**how, event_sources=sources)))
    except CommandError as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.argument("target")
@_with(_FUNCTION_OPTIONS)
@click.option("-e", "--event", "event_file", type=click.File("rb"), metavar="FILE",
    help="File with the event as JSON; - is standard input. [default: an empty object]")  # fmt: skip
@click.option("-d", "--data", metavar="JSON", help="The event itself, as JSON.")
def invoke(target: str, event_file: BinaryIO | None, data: str | None, **options: Any) -> None:
    """Start TARGET, invoke it once, and print what it answers.

    The answer goes to standard output, the function's log to standard error. Exits with 0 when
    the function succeeds, 1 when it fails, 2 when TARGET or the event is unusable.
    """
    if event_file is not None and data is not None:
        raise click.UsageError("--event and --data exclude each other: use one of them.")
    config = _configure(target, None, options)
    event = _read_event(event_file, data)
    with quick_start():
        import uvloop

        from . import _terminal

    invocation = uvloop.run(_terminal.invoke(config, event))
    click.echo(invocation.payload)
    sys.exit(invocation.is_error)


@main.command("generate-event")
@click.argument("name", required=False)
@click.option("-p", "--parameter", "parameters", multiple=True, callback=_pairs,
    metavar="NAME=VALUE", help="A parameter of the event's builder, as JSON or text; may be repeated.")  # fmt: skip
def generate(name: str | None, parameters: Mapping[str, str]) -> None:
    """Print a sample of the event NAME, such as sqs; without a NAME, print all names."""
    from ._generate_event import UnknownEventError, generate_event, list_events

    try:
        click.echo(generate_event(name, parameters) if name else "\n".join(list_events()))
    except UnknownEventError as error:
        raise _Unusable(str(error)) from error


def _configure(target: str, name: str | None, options: Mapping[str, Any]) -> "FunctionConfig":
    from ._configure import from_command_line

    try:
        return from_command_line(target, name, options)
    except (TargetError, ValueError) as error:
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
