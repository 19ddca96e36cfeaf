"""The projects that the command line names."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from lambda_emulator._project.configure import ServedProject, configure_project, local_scope
from lambda_emulator._project.description import Project
from lambda_emulator._project.read import is_project, read_project
from lambda_emulator._project.template_file import ProjectError
from lambda_emulator._target import TargetError

_Result = TypeVar("_Result")


class UnusableProject(click.ClickException):
    """A project cannot be used."""

    exit_code = 2


def project_path(targets: Sequence[str]) -> Path | None:
    """Return the project that is the target of a command; None if it is a function.

    Args:
        targets: The targets.

    Raises:
        UnusableProject: There are others beside it.
    """
    found = [each for each in targets if is_project(Path(each))]
    if not found:
        return None
    if len(targets) > 1:
        raise UnusableProject(f"{found[0]!r} is a whole project: serve it alone.")
    return Path(found[0])


def read_only(path: Path, parameters: Mapping[str, str]) -> Project:
    """Read a project to describe it.

    Args:
        path: The project.
        parameters: The parameters of its template.

    Raises:
        UnusableProject: It cannot be read.
    """
    return _or_unusable(lambda: read_project(path, parameters, local_scope("127.0.0.1", 9000)))


def project_reader(path: Path, options: Mapping[str, Any]) -> Callable[[], ServedProject]:
    """Return a function that reads a project, and configures its functions.

    Args:
        path: The project.
        options: Values by the names of the command line's parameters.
    """
    source = click.get_current_context().get_parameter_source
    typed = {key for key in options if source(key) is ParameterSource.COMMANDLINE}
    scope = local_scope(options.get("host", "127.0.0.1"), options.get("port", 9000))
    parameters = options["parameters"]

    def read() -> ServedProject:
        return configure_project(read_project(path, parameters, scope), options, typed)

    return read


def served(read: Callable[[], ServedProject]) -> ServedProject:
    """Read a project for the first time.

    Args:
        read: Reads it.

    Raises:
        UnusableProject: It cannot be read, or has nothing to serve.
    """
    return _or_unusable(partial(read))


def _or_unusable(read: Callable[[], _Result]) -> _Result:
    try:
        return read()
    except (ProjectError, TargetError, ValueError) as error:
        raise UnusableProject(str(error)) from error
