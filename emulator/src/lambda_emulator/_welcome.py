"""The lines that say, at the start, how the functions can be reached."""

import builtins
import json
import shlex
import typing
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ._config import FunctionConfig
from ._handler_source import read_handler
from ._origin import is_loopback
from ._server import EmulatorServer

if TYPE_CHECKING:
    from ._project.description import Project

_MAX_FUNCTIONS = 3  # of a project, for which a command is shown


def welcome(
    configs: Sequence[FunctionConfig], server: EmulatorServer, project: "Project | None" = None
) -> str:
    """Return what to do next: a command for each function, and the addresses.

    Args:
        configs: The functions.
        server: It listens.
        project: The project that the functions are of, or None.

    Returns:
        Lines, without a line feed at the end.
    """
    names = [config.function.name for config in configs]
    first = [] if project is None else _about(project, names)
    if project is not None:
        configs = configs[:_MAX_FUNCTIONS]
    directories = [event_directory(config) for config in configs]
    commands: list[str] = []
    for config, directory in zip(configs, directories, strict=True):
        shared = directory is not None and directories.count(directory) > 1
        name = config.function.name
        url = server.invoke_url(name)
        if config.durable:
            url = shlex.quote(f"{url}?Qualifier={config.durable.qualifier}")
        command = _command(config, directory, url, shared=shared)
        commands.append(f"Invoke {name} with: {command}")
    urls = [
        f"Function URL of {config.function.name}: {server.function_url(config.function.name)}"
        for config in configs
    ]
    api = f"Invoke API, for AWS_ENDPOINT_URL_LAMBDA: {server.url}"
    balancers = {each.name for each in project.listeners} if project is not None else ()
    apis = [
        f"{'Load balancer' if name in balancers else 'API'} {name}: {url}"
        for name, url in server.api_urls().items()
    ]
    more = [] if project is None else _outputs(project, server)
    lines = [*first, *commands, *urls, *apis, *more, *_openness(server), api]
    return "\n".join([*lines, f"Console: {server.url}/"])


def _openness(server: EmulatorServer) -> list[str]:
    """Return a warning if other machines may reach the server."""
    host = urlsplit(server.url).hostname or ""
    if is_loopback(host):
        return []
    return [f"Not only this machine: all who can reach {host} can run the functions (--host)."]


def _outputs(project: "Project", server: EmulatorServer) -> list[str]:
    """Return the API keys of a project, and the outputs of its stacks."""
    keys = [f"API key of {api.name}: {key}" for api in project.apis for key in api.api_keys]
    outputs = [
        f"Output {name}: {server.with_local_addresses(value)}"
        for name, value in project.outputs.items()
    ]
    return [*keys, *outputs]


def _about(project: "Project", names: Sequence[str]) -> list[str]:
    """Return what of a project is served, and what is not."""
    from ._project.describe import warning_lines

    count = "1 function" if len(names) == 1 else f"{len(names)} functions"
    missing = [f"{each.name}: {each.not_served}" for each in project.functions if each.not_served]
    return [
        *warning_lines(project.warnings),
        *([f"From samconfig.toml: {', '.join(project.configured)}"] if project.configured else []),
        *(f"Refused by AWS: {each}" for each in warning_lines(project.refused_by_aws)),
        *(f"Not served: {each}." for each in missing),
        f"Serving {count} of {project.path}: {', '.join(names)}",
    ]


def event_directory(config: FunctionConfig) -> Path | None:
    """Return where the events of a function are: beside its source.

    Args:
        config: The function.
    """
    source = config.program.source
    return None if source is None else source.parent


def _command(
    config: FunctionConfig, directory: Path | None, invoke_url: str, *, shared: bool
) -> str:
    """Return the shell command that invokes a function with an event that it understands."""
    model = _event_model(config)
    example = directory / "event.json" if directory is not None else None
    if example is not None and example.is_file() and _fits(example, model, shared=shared):
        here = Path.cwd()
        shown = example.relative_to(here) if example.is_relative_to(here) else example
        return f"curl -d {shlex.quote(f'@{shown}')} {invoke_url}"
    if model is not None and _can_generate(model):
        return f"lambda-emulator generate-event {model} | curl -d @- {invoke_url}"
    return f"curl -d '{{}}' {invoke_url}"


def _event_model(config: FunctionConfig) -> str | None:
    """Return the model of lambda-events that the handler is annotated with, if there is one."""
    if find_spec("lambda_events") is None:
        return None
    names = [
        name
        for name in read_handler(config.program).event_types
        if not hasattr(builtins, name) and not hasattr(typing, name)  # dict and Any, most of all
    ]
    if not names:
        return None
    import lambda_events

    return next((name for name in names if hasattr(lambda_events, name)), None)


def _fits(example: Path, model: str | None, *, shared: bool) -> bool:
    """Return whether a saved event is one for a function, as far as its shape shows.

    Args:
        example: The file with the event.
        model: The model that the handler is annotated with, or None.
        shared: True if other functions have their events at the same place.
    """
    try:
        event: Any = json.loads(example.read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    if model is None:
        return not shared
    import lambda_events

    try:
        lambda_events.structure(event, getattr(lambda_events, model))
    except lambda_events.EventDecodeError:
        return False
    return True


def _can_generate(model: str) -> bool:
    from ._generate_event import UnknownEventError, generate_event

    try:
        generate_event(model, {})
    except UnknownEventError:
        return False
    return True
