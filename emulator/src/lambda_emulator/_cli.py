"""The command line: ``lambda-emulator run``, ``invoke`` and ``generate-event``."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click
from click.core import ParameterSource

from ._function_options import parse_pairs
from ._names import is_function_name
from ._option_group import GroupedCommand
from ._options import INVOKE_GROUPS, RUN_GROUPS
from ._quick_start import quick_start
from ._target import TargetError
from ._version import __version__

if TYPE_CHECKING:
    from ._config import FunctionConfig
    from ._settings import NamedTarget, ProjectSettings

_LAST_PORT = 65535
_HELP = {"help_option_names": ["-h", "--help"]}


class _Unusable(click.ClickException):
    """An argument cannot be used."""

    exit_code = 2


class _Commands(click.Group):
    """The commands, with a proposal for one that does not exist."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is to be run.

        Args:
            ctx: The context.
            args: The command and its arguments.
        """
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            from ._similar import did_you_mean, similar

            name = args[0]
            is_target = any(sign in name for sign in "./=:") or Path(name).is_dir()
            meant = similar(name, self.commands) or ([f"run {name}"] if is_target else [])
            hint = did_you_mean(f"lambda-emulator {each}" for each in meant)
            ctx.fail(f"There is no command {name!r}: {hint or 'see lambda-emulator --help.'}")
        return super().resolve_command(ctx, args)


@click.group(cls=_Commands, context_settings=_HELP)
@click.version_option(__version__, prog_name="lambda-emulator")
@click.pass_context
def main(context: click.Context) -> None:
    """Run AWS Lambda functions on this machine.

    TARGET is a directory with a __main__.py, a .py file, or a handler as module.handler; or the
    name of a function in pyproject.toml. NAME=TARGET gives a function another name.

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


@main.command(cls=GroupedCommand, groups=RUN_GROUPS)
@click.argument("targets", nargs=-1, metavar="[[NAME=]TARGET]...")
def run(targets: tuple[str, ...], **options: Any) -> None:
    """Serve each TARGET over HTTP as Lambda does, until Ctrl-C.

    Without a TARGET, the functions in pyproject.toml are served. The log goes to standard output.
    Exits with 0 when it is asked to end, 1 when a function cannot start or a port is in use, 2 when
    a TARGET is not a function.
    """
    named = _select(targets)
    if not named:
        raise click.UsageError("Missing argument 'TARGET...': name what is to be served.")
    if options["name"] and len(named) > 1:
        raise click.UsageError("--name is for one function: write NAME=TARGET for several.")
    with quick_start():
        import uvloop

        from ._terminal import CommandError, ServeOptions, serve

    configs = [
        _configure(each, {**options, "debug_port": _port_of(options["debug_port"], number)})
        for number, each in enumerate(named)
    ]
    _check_names([config.function.name for config in configs], [each.target for each in named])
    sources = _parse_sources(options["event_sources"], configs)
    keys = ("host", "port", "url_port", "allowed_hosts", "reload", "log_time", "skip_time")
    how = {key: options[key] for key in keys}
    try:
        uvloop.run(serve(configs, ServeOptions(**how, event_sources=sources)))
    except CommandError as error:
        raise click.ClickException(str(error)) from error


@main.command(cls=GroupedCommand, groups=INVOKE_GROUPS)
@click.argument("target")
def invoke(target: str, event_file: BinaryIO | None, data: str | None, **options: Any) -> None:
    """Start TARGET, invoke it once, and print its response.

    The response goes to standard output, the function's log to standard error. Exits with 0 when
    the function succeeds, 1 when it fails, 2 when TARGET or the event is unusable.
    """
    if event_file is not None and data is not None:
        raise click.UsageError("--event and --data exclude each other: use one of them.")
    [named] = _select((target,))
    config = _configure(named, options)
    event = _read_event(event_file, data)
    with quick_start():
        import uvloop

        from . import _terminal

    try:
        answer, failed = uvloop.run(_terminal.invoke(config, event))
    except _terminal.CommandError as error:
        raise click.ClickException(str(error)) from error
    click.echo(answer)
    sys.exit(failed)


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


def _select(targets: tuple[str, ...]) -> "list[NamedTarget]":
    from ._settings import SettingsError

    settings: ProjectSettings = click.get_current_context().obj
    try:
        return settings.select(targets)
    except SettingsError as error:
        raise _Unusable(str(error)) from error


def _configure(named: "NamedTarget", options: Mapping[str, Any]) -> "FunctionConfig":
    from ._configure import from_command_line

    if named.name is not None and not is_function_name(named.name):
        raise _Unusable(
            f"{named.name!r} cannot be the name of a function:"
            " use 1 to 64 letters, digits, - and _."
        )
    source = click.get_current_context().get_parameter_source
    typed = {key for key in named.options if source(key) is ParameterSource.COMMANDLINE}
    own = {key: value for key, value in named.options.items() if key not in typed}
    try:
        config = from_command_line(named.target, named.name, {**options, **own})
    except (TargetError, ValueError) as error:
        raise _Unusable(str(error)) from error
    if config.program.handler.rpartition(".")[2][:1].isupper():  # as names of classes begin
        from ._target_advice import class_warning

        if warning := class_warning(config.program.source, config.program.handler):
            click.echo(f"Warning: {warning}", err=True)
    return config


def _port_of(first: int | None, number: int) -> int | None:
    """Return the port for the debugger of one of several functions."""
    if first is None:
        return None
    if first + number > _LAST_PORT:
        raise _Unusable(f"--debug {first} leaves no port for each function: choose a lower one.")
    return first + number


def _check_names(names: list[str], targets: list[str]) -> None:
    for name in names:
        same = [target for each, target in zip(names, targets, strict=True) if each == name]
        if len(same) > 1:
            from ._target_advice import suggest_names

            named = " ".join(suggest_names(same)) or f"other={same[1]}"
            raise _Unusable(f"Several functions would have the name {name!r}: write {named}.")


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
