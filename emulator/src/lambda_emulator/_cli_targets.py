"""The functions and projects that a command line names, and how they are run."""

import json
import os
import shlex
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

import click
from click.core import ParameterSource

from ._names import is_function_name
from ._target import TargetError

if TYPE_CHECKING:
    from ._config import FunctionConfig
    from ._project.description import EventSource, Trigger
    from ._settings import NamedTarget, ProjectSettings

_LAST_PORT = 65535
_MARKS = (BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE)  # files of PowerShell begin with one
_TEMPLATES = frozenset({".json", ".template", ".yaml", ".yml"})
_Result = TypeVar("_Result")


class Unusable(click.ClickException):
    """An argument cannot be used."""

    exit_code = 2


def project_of(targets: Sequence[str]) -> Path | None:
    """Return the project that is named, without an import for those who name a function.

    Args:
        targets: The targets of the command.

    Raises:
        Unusable: There are other targets besides it.
    """
    paths = [Path(each) for each in targets]
    if not any(each.suffix in _TEMPLATES or (each / "manifest.json").is_file() for each in paths):
        return None
    from ._project.commands import project_path

    return usable(lambda: project_path(targets))


def functions_of(
    target: str, function: str | None, options: Mapping[str, Any]
) -> "list[FunctionConfig]":
    """Return the function that is the target, or that of a project; then the project's others.

    Args:
        target: The target of the command.
        function: The name of a function of a project, or None.
        options: Values by the names of the command's parameters.

    Raises:
        Unusable: There is no such function.
    """
    path = project_of([target])
    if path is None:
        if function is not None:
            meant = _event_file(function) or (
                f"did you mean -d {shlex.quote(function)}?" if function.startswith("{") else ""
            )
            raise click.UsageError(
                f"{target!r} is not a project, so it has no function {function!r}: "
                + (meant or "omit it.")
            )
        [named] = select((target,))
        return [configure_target(named, options)]
    from ._project.commands import choose, project_reader

    read = project_reader(path, options)
    return usable(lambda: choose(read(), function))


def serve_options(
    options: Mapping[str, Any], configs: Sequence["FunctionConfig"]
) -> dict[str, Any]:
    """Return how functions are served.

    Args:
        options: Values by the names of the command's parameters.
        configs: The functions.

    Raises:
        Unusable: An event source is not understood.
    """
    keys = ("host", "port", "url_port", "allowed_hosts", "reload", "log_time", "skip_time")
    of_apis = ("api_port", "trust_tokens", "key_files", "cors_origins")
    sources, triggers = _parse_sources(options["event_sources"], configs)
    how = {key: options[key] for key in (*keys, *of_apis)}
    return {**how, "sources": sources, "triggers": triggers}


def usable(make: Callable[[], _Result]) -> _Result:
    """Return the result of a function that reads a project.

    Args:
        make: The function.

    Raises:
        Unusable: The project cannot be used.
    """
    from ._project.template_file import ProjectError

    try:
        return make()
    except (ProjectError, TargetError, ValueError) as error:
        raise Unusable(str(error)) from error


def current_settings() -> "ProjectSettings":
    """Return the settings of ``pyproject.toml`` for the command that runs."""
    settings: ProjectSettings = click.get_current_context().obj
    return settings


def select(targets: tuple[str, ...]) -> "list[NamedTarget]":
    """Return the functions that targets stand for; those of the settings without any.

    Args:
        targets: The targets of the command.

    Raises:
        Unusable: The settings are not valid.
    """
    from ._settings import SettingsError

    try:
        return current_settings().select(targets)
    except SettingsError as error:
        raise Unusable(str(error)) from error


def configure_target(named: "NamedTarget", options: Mapping[str, Any]) -> "FunctionConfig":
    """Return a function, and how it is run.

    Args:
        named: The target, with its own settings.
        options: Values by the names of the command's parameters.

    Raises:
        Unusable: It is not a function, or an option does not fit.
    """
    from ._configure import from_command_line
    from ._env_file import read_env_file

    if named.name is not None and not is_function_name(named.name):
        raise Unusable(
            f"{named.name!r} cannot be the name of a function:"
            " use 1 to 64 letters, digits, - and _."
        )
    source = click.get_current_context().get_parameter_source
    typed = {key for key in named.options if source(key) is ParameterSource.COMMANDLINE}
    # Settings are for all commands: one that this command does not have means nothing to it.
    own = {key: named.options[key] for key in named.options.keys() & options.keys() - typed}
    all_options = {**options, **own}
    try:
        env_file = read_env_file(all_options["env_file"])
        config = from_command_line(named.target, named.name, all_options, env_file)
    except (TargetError, ValueError) as error:
        raise Unusable(str(error)) from error
    if config.program.handler.rpartition(".")[2][:1].isupper():  # as names of classes begin
        from ._target_advice import class_warning

        if warning := class_warning(config.program.source, config.program.handler):
            click.echo(f"Warning: {warning}", err=True)
    return config


def port_of(first: int | None, number: int) -> int | None:
    """Return the port for the debugger of one of several functions.

    Args:
        first: The port of the first one, or None.
        number: The place of the function among them, from 0.

    Raises:
        Unusable: There is no such port.
    """
    if first is None:
        return None
    if first + number > _LAST_PORT:
        raise Unusable(f"--debug {first} leaves no port for each function: choose a lower one.")
    return first + number


def check_names(names: list[str], targets: list[str]) -> None:
    """Check that functions have different names.

    Args:
        names: Their names.
        targets: Their targets, in the same order.

    Raises:
        Unusable: Two have one name.
    """
    for name in names:
        same = [target for each, target in zip(names, targets, strict=True) if each == name]
        if len(same) > 1:
            from ._target_advice import suggest_names

            named = " ".join(suggest_names(same)) or f"other={same[1]}"
            raise Unusable(f"Several functions would have the name {name!r}: write {named}.")


def _parse_sources(
    texts: Sequence[str], configs: Sequence["FunctionConfig"]
) -> "tuple[tuple[EventSource, ...], tuple[Trigger, ...]]":
    if not texts:
        return (), ()
    from ._event_source import SourceError, parse_source
    from ._project.description import EventSource, Trigger

    names = [config.function.name for config in configs]
    try:
        parsed = [parse_source(text, names) for text in texts]
    except SourceError as error:
        raise Unusable(str(error)) from error
    sources = tuple(each for each in parsed if isinstance(each, EventSource))
    return sources, tuple(each for each in parsed if isinstance(each, Trigger))


def read_event(file: BinaryIO | None, data: str | None) -> bytes:
    """Return the event that a command line names, as JSON.

    Args:
        file: A file with it, or None.
        data: The event itself, or None.

    Raises:
        Unusable: It is not JSON, or too large.
    """
    from ._event import MAX_EVENT_SIZE, EventError, to_event

    # Arguments that are not text in the locale's encoding come as surrogates.
    typed = (data or "").encode(errors="surrogateescape")
    payload = file.read(MAX_EVENT_SIZE + 1) if file else typed
    if len(payload) > MAX_EVENT_SIZE:
        raise Unusable(f"The event is too large: Lambda takes {MAX_EVENT_SIZE} bytes.")
    if payload.startswith(_MARKS):
        payload = payload.decode(json.detect_encoding(payload), "replace").encode()
    try:
        return to_event(payload)
    except EventError as error:
        reason = _event_file(data or "") or error if file is None else f"{file.name}: {error}"
        raise Unusable(f"The event is not JSON: {reason}") from error


def _event_file(text: str) -> str:
    """Return how to name a file with an event, if a text that is none looks like its name."""
    if text == "-" or text.startswith("@") or os.path.isfile(text):  # noqa: PTH113 (of any length)
        return f"did you mean -e {shlex.quote(text.removeprefix('@'))}?"
    return ""
