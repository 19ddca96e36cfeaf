"""The command line: ``lambda-emulator run``, ``invoke``, ``send``, ``describe`` and more."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import click

from ._cli_targets import (
    Unusable,
    check_names,
    configure_target,
    current_settings,
    functions_of,
    port_of,
    project_of,
    read_event,
    select,
    serve_options,
    usable,
)
from ._function_options import parse_pairs
from ._option_group import GroupedCommand
from ._options import CONFIG_ENV, INVOKE_GROUPS, PARAMETER, RUN_GROUPS, SEND_GROUPS, STACK
from ._quick_start import quick_start
from ._version import __version__

# Of sam local, serverless-offline and web frameworks.
_SERVERS = frozenset({"dev", "local", "offline", "serve", "start", "start-api", "start-lambda"})
_HELP = {"help_option_names": ["-h", "--help"]}


class _Commands(click.Group):
    """The commands, with a proposal for one that does not exist."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command to run.

        Args:
            ctx: The context.
            args: The command and its arguments.
        """
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            from ._similar import did_you_mean, similar

            name = args[0]
            is_target = any(sign in name for sign in "./=:") or Path(name).is_dir()
            meant = [f"run {name}"] if is_target else similar(name, self.commands)
            if not meant and name in _SERVERS:
                meant = ["run"]
            hint = did_you_mean(f"lambda-emulator {each}" for each in meant)
            ctx.fail(f"There is no command {name!r}: {hint or 'see lambda-emulator --help.'}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a file that it cannot read or write is the user's to mend.

        Args:
            ctx: The context.
        """
        try:
            return super().invoke(ctx)
        except OSError as error:
            if error.filename is None:  # not of a file: a connection, perhaps
                raise
            raise Unusable(f"{error.filename}: {error.strerror}.") from error


@click.group(cls=_Commands, context_settings=_HELP)
@click.version_option(__version__, prog_name="lambda-emulator")
@click.pass_context
def main(context: click.Context) -> None:
    """Run AWS Lambda functions on this machine.

    TARGET is a directory with a __main__.py, a .py file, or a handler as module.handler; or the
    name of a function in pyproject.toml. NAME=TARGET gives a function another name. Or it is a
    whole project: a template of SAM or CloudFormation, or the cdk.out that cdk synth has written.

    Put options that you always use into [tool.lambda-emulator] of pyproject.toml: options by
    their names, and a table functions.NAME with a target for each function.
    """
    from ._settings import SettingsError, read_settings

    try:
        here = Path.cwd()
    except FileNotFoundError:
        raise Unusable("The working directory was deleted: change to another.") from None
    try:
        settings = read_settings(here)
        parameters = {name: tuple(command.params) for name, command in main.commands.items()}
        context.default_map = settings.default_map(parameters)
    except SettingsError as error:
        raise Unusable(str(error)) from error
    context.obj = settings


@main.command(cls=GroupedCommand, groups=RUN_GROUPS)
@click.argument("targets", nargs=-1, metavar="[[NAME=]TARGET]...")
def run(targets: tuple[str, ...], **options: Any) -> None:
    """Serve each TARGET over HTTP as Lambda does, until Ctrl-C.

    Without a TARGET, the functions in pyproject.toml are served. The log goes to standard output.
    Exits with 0 when it is asked to end, 1 when a function cannot start or a port is in use, 2 when
    a TARGET is not a function.
    """
    if (path := project_of(targets)) is not None:
        _run_project(path, options)
        return
    named = select(targets)
    if not named:
        from ._similar import did_you_mean
        from ._target_advice import projects_in

        meant = did_you_mean(projects_in(Path())) or "name what to serve."
        raise click.UsageError(f"Missing argument 'TARGET...': {meant}")
    if options["name"] and len(named) > 1:
        raise click.UsageError("--name is for one function: write NAME=TARGET for several.")
    with quick_start():
        import uvloop

        from ._terminal import CommandError, ServeOptions, serve

    configs = [
        configure_target(each, {**options, "debug_port": port_of(options["debug_port"], number)})
        for number, each in enumerate(named)
    ]
    check_names([config.function.name for config in configs], [each.target for each in named])
    how = serve_options(options, configs)
    project = None
    if (settings := current_settings()).tables and not targets:
        from ._project.settings_project import read_settings_project

        project = usable(lambda: read_settings_project(settings))
    try:
        uvloop.run(serve(configs, ServeOptions(**how, project=project)))
    except CommandError as error:
        raise click.ClickException(str(error)) from error


def _run_project(path: Path, options: Mapping[str, Any]) -> None:
    """Serve a project, which is read while the server is imported."""
    from concurrent.futures import ThreadPoolExecutor

    from ._project.commands import project_reader

    read = project_reader(path, options)
    with ThreadPoolExecutor(1) as reader:
        reading = reader.submit(read)
        with quick_start():
            import uvloop

            from ._terminal import CommandError, ServeOptions, serve
        served = usable(reading.result)
    how = serve_options(options, served.configs)
    more = ServeOptions(**how, project=served.project, read_project=read)
    try:
        uvloop.run(serve(served.configs, more))
    except CommandError as error:
        raise click.ClickException(str(error)) from error


@main.command(cls=GroupedCommand, groups=INVOKE_GROUPS)
@click.argument("target")
@click.argument("function", required=False)
def invoke(
    target: str,
    function: str | None,
    event_file: BinaryIO | None,
    data: str | None,
    tenant_id: str | None,
    **options: Any,
) -> None:
    """Start TARGET, invoke it once, and print its response.

    FUNCTION is the name of a function if TARGET is a template or a cdk.out with several. The
    response goes to standard output, the function's log to standard error. Exits with 0 when the
    function succeeds, 1 when it fails, 2 when TARGET or the event is not valid.
    """
    if event_file is not None and data is not None:
        raise click.UsageError("--event and --data exclude each other: use one of them.")
    config, *others = functions_of(target, function, options)
    event = read_event(event_file, data)
    with quick_start():
        import uvloop

        from ._invoke_once import invoke_once
        from ._terminal import CommandError

    try:
        invoking = invoke_once(
            config, event, tenant=tenant_id, others=others, skip_time=options["skip_time"]
        )
        answer, failed = uvloop.run(invoking)
    except CommandError as error:
        raise click.ClickException(str(error)) from error
    click.echo(answer)
    sys.exit(failed)


@main.command(cls=GroupedCommand, groups=SEND_GROUPS)
@click.argument("target", metavar="DESTINATION")
def send(
    target: str, event_file: BinaryIO | None, data: str | None, host: str, port: int, **fields: Any
) -> None:
    """Send an event to DESTINATION, through a running emulator.

    DESTINATION is sqs://QUEUE, kinesis://STREAM, events://BUS (events://default takes the event as
    a rule sees it), schedule://NAME to fire a schedule now, s3://BUCKET/KEY for the notification
    that an object is there, sns://TOPIC, logs://GROUP or iot://TOPIC. Exits with 1 when no function
    gets it, or no emulator runs.
    """
    from ._send import SendError, send

    if event_file is not None and data is not None:
        raise click.UsageError("--event and --data exclude each other: use one of them.")
    text = event_file.read().decode(errors="replace") if event_file else data or ""
    try:
        click.echo(send(host, port, {"target": target, "data": text, **fields}))
    except SendError as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option(
    "--template",
    "kind",
    metavar="NAME",
    default="http",
    show_default=True,
    help="The kind of function.",
)
@click.option("--list", "wants_list", is_flag=True, help="Print all templates.")
def new(folder: Path | None, kind: str, wants_list: bool) -> None:
    """Create a project in FOLDER: a function with types, tests, an event and its deployment."""
    from ._new.kinds import KINDS
    from ._new.project import NewProjectError, create_project

    if wants_list:
        click.echo("\n".join(f"{name:10} {each.about}" for name, each in KINDS.items()))
        return
    if folder is None:
        raise click.UsageError("Missing argument 'FOLDER': name the folder of the new project.")
    if kind not in KINDS:
        from ._similar import did_you_mean, similar

        hint = did_you_mean(similar(kind, KINDS)) or f"there are {', '.join(KINDS)}."
        raise Unusable(f"There is no template {kind!r}: {hint}")
    try:
        written = create_project(folder, kind)
    except NewProjectError as error:
        raise Unusable(str(error)) from error
    click.echo("\n".join(map(str, written)))
    click.echo(f"\ncd {folder}\nuv run pytest\nuv run lambda-emulator run --reload", err=True)


@main.command()
@click.argument("target", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the description as JSON.")
def describe(
    target: str | None,
    parameters: Mapping[str, str],
    stacks: tuple[str, ...],
    config_env: str | None,
    *,
    as_json: bool,
) -> None:
    """Print what a project has: its functions, APIs, event sources and triggers.

    TARGET is a template of SAM or CloudFormation, or a cdk.out; without it, the project is that of
    pyproject.toml. Warnings name what is not understood or not served, with the line.
    """
    from ._project import commands, describe as description

    path = commands.project_path([target]) if target else None
    if target and path is None:
        raise Unusable(f"{target!r} is not a template, or the output of CDK.")
    project = usable(
        lambda: commands.read_to_describe(path, parameters, stacks, config_env, current_settings())
    )
    click.echo(description.as_json(project) if as_json else description.as_text(project))


describe.params += [PARAMETER, STACK, CONFIG_ENV]


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
        raise Unusable(str(error)) from error
