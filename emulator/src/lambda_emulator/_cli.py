"""The command line: ``lambda-emulator run``, ``invoke`` and ``generate-event``."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from ._options import FUNCTION_OPTIONS, RUN_OPTIONS, parse_pairs, with_options
from ._quick_start import quick_start
from ._target import TargetError
from ._version import __version__

if TYPE_CHECKING:
    from ._config import FunctionConfig

_HELP = {"help_option_names": ["-h", "--help"]}


class _Unusable(click.ClickException):
    """An argument cannot be used."""

    exit_code = 2


@click.group(context_settings=_HELP)
@click.version_option(__version__, prog_name="lambda-emulator")
@click.pass_context
def main(context: click.Context) -> None:
    """Run AWS Lambda functions on this machine.

    TARGET is a directory with a __main__.py, a .py file, or a handler as module.handler.

    Options that you use every day can be in [tool.lambda-emulator] of pyproject.toml: options by
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
@with_options(FUNCTION_OPTIONS)
@with_options(RUN_OPTIONS)
def run(targets: tuple[str, ...], **options: Any) -> None:
    """Serve each TARGET over HTTP as Lambda does, until Ctrl-C.

    Without a TARGET, the functions in pyproject.toml are served. The log goes to standard output.
    Exits with 0 when it is asked to end, 1 when a function cannot start or a port is in use, 2 when
    a TARGET is not a function.
    """
    from ._settings import NamedTarget, SettingsError

    settings = click.get_current_context().obj
    try:
        named = [NamedTarget(None, target, {}) for target in targets] or settings.functions()
    except SettingsError as error:
        raise _Unusable(str(error)) from error
    if not named:
        raise click.UsageError("Missing argument 'TARGET...': name what is to be served.")
    if options["name"] and len(named) > 1:
        raise click.UsageError("--name is for one function: name several in pyproject.toml.")
    with quick_start():
        import uvloop

        from ._terminal import CommandError, ServeOptions, serve

    configs = [_configure(each.target, each.name, {**options, **each.options}) for each in named]

    sources = _parse_sources(options["event_sources"], configs)
    how = {key: options[key] for key in ("host", "port", "url_port", "allowed_hosts", "reload")}
    try:
        uvloop.run(serve(configs, ServeOptions(**how, event_sources=sources)))
    except CommandError as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.argument("target")
@with_options(FUNCTION_OPTIONS)
@click.option(
    "-e",
    "--event",
    "event_file",
    type=click.File("rb"),
    metavar="FILE",
    help="File with the event as JSON; - is standard input. [default: an empty object]",
)
@click.option("-d", "--data", metavar="JSON", help="The event itself, as JSON.")
def invoke(target: str, event_file: BinaryIO | None, data: str | None, **options: Any) -> None:
    """Start TARGET, invoke it once, and print its response.

    The response goes to standard output, the function's log to standard error. Exits with 0 when
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
@click.option(
    "-p",
    "--parameter",
    "parameters",
    multiple=True,
    callback=parse_pairs,
    metavar="NAME=VALUE",
    help="A parameter of the event's builder, as JSON or text; may be repeated.",
)
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


def _parse_sources(
    texts: Sequence[str], configs: Sequence["FunctionConfig"]
) -> tuple[tuple[str, str], ...]:
    if not texts:
        return ()
    from ._event_source import SourceError, parse_source

    names = [config.function.name for config in configs]
    try:
        return tuple(parse_source(text, names) for text in texts)
    except SourceError as error:
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
