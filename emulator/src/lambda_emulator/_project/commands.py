"""The projects that the command line names."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from lambda_emulator._config import FunctionConfig
from lambda_emulator._messages import say
from lambda_emulator._project.configure import ServedProject, configure_project, local_scope
from lambda_emulator._project.describe import warning_lines
from lambda_emulator._project.description import Project
from lambda_emulator._project.read import is_project, read_project
from lambda_emulator._project.template_file import ProjectError
from lambda_emulator._settings import ProjectSettings
from lambda_emulator._similar import did_you_mean, similar


def project_path(targets: Sequence[str]) -> Path | None:
    """Return the project that is the target of a command; None if it is a function.

    Args:
        targets: The targets.

    Raises:
        ProjectError: There are others besides it.
    """
    found = [each for each in targets if is_project(Path(each))]
    if not found:
        return None
    if len(targets) > 1:
        raise ProjectError(f"{found[0]!r} is a whole project: serve it alone.")
    return Path(found[0])


def read_to_describe(
    path: Path | None,
    parameters: Mapping[str, str],
    stacks: Sequence[str],
    config_env: str | None,
    settings: ProjectSettings,
) -> Project:
    """Read a project to describe it.

    Args:
        path: The template, or the output of CDK; None for the project of the settings.
        parameters: The parameters of the template.
        stacks: The stacks of an application of CDK; none for all.
        config_env: The environment of ``samconfig.toml``, or None.
        settings: The settings of ``pyproject.toml``.

    Raises:
        ProjectError: It cannot be read.
    """
    if path is None:
        from lambda_emulator._project.settings_project import describe_settings

        return describe_settings(settings)
    return read_project(path, parameters, local_scope("127.0.0.1", 9000), stacks, config_env)


def project_reader(path: Path, options: Mapping[str, Any]) -> Callable[[], ServedProject]:
    """Return a function that reads a project, and configures its functions.

    It raises `ProjectError` and `TargetError` if they cannot be served, and `ValueError` if an
    option does not fit.

    Args:
        path: The project.
        options: Values by the names of the command line's parameters.
    """
    source = click.get_current_context().get_parameter_source
    typed = {key for key in options if source(key) is ParameterSource.COMMANDLINE}
    scope = local_scope(options.get("host", "127.0.0.1"), options.get("port", 9000))
    how = options["parameters"], scope, options["stacks"], options["config_env"]

    def read() -> ServedProject:
        return configure_project(read_project(path, *how), options, typed)

    return read


def choose(served: ServedProject, name: str | None) -> list[FunctionConfig]:
    """Return one function of a project, and then the others; say what is not understood of it.

    Args:
        served: The project.
        name: The function's name or logical id; None for the only one that there is.

    Raises:
        ProjectError: There is no such function, or there are several.
    """
    by_name = {config.function.name: config for config in served.configs}
    names = ", ".join(by_name)
    if name is None:
        if len(by_name) > 1:
            raise ProjectError(
                f"{served.project.path} has several functions: name one of {names} after it."
            )
        name = next(iter(by_name))
    for function in served.project.functions:
        if name in (function.name, function.place.name):
            if function.not_served:
                raise ProjectError(f"{name} is not served: {function.not_served}.")
            about = [
                each for each in served.project.warnings if each.place.name == function.place.name
            ]
            for line in warning_lines(about):
                say(line)
            chosen = by_name.pop(function.name)
            return [chosen, *by_name.values()]
    hint = did_you_mean(similar(name, by_name)) or f"it has {names}."
    raise ProjectError(f"{served.project.path} has no function {name!r}: {hint}")
