"""From the functions of a project to how they are run."""

import os
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from lambda_emulator._config import EventInvokeConfig, FunctionConfig
from lambda_emulator._configure import default_region, from_command_line
from lambda_emulator._destination import parse_dead_letter_queue, parse_destination
from lambda_emulator._env_file import read_env_file, variables_of
from lambda_emulator._interpreter import Interpreter, InterpreterError, find_interpreter
from lambda_emulator._listen import local_address
from lambda_emulator._names import split_application_name
from lambda_emulator._project.description import FunctionDescription, Project, Warned
from lambda_emulator._project.resource_values import Scope
from lambda_emulator._target import FunctionProgram, TargetError

_URL_OPTIONS = frozenset({"url_format", "url_mode", "cors_origins", "binary_media_types"})
_DESTINATIONS = {
    "on_success": parse_destination,
    "on_failure": parse_destination,
    "dead_letter_queue": parse_dead_letter_queue,
}
# The fields of `EventInvokeConfig`, by the parameters of the command line.
_EVENT_INVOKE = {
    "max_retries": "max_retries",
    "max_event_age": "max_age",
    "on_success": "on_success",
    "on_failure": "on_failure",
    "dead_letter_queue": "dead_letter_queue",
}


class ServedProject(NamedTuple):
    """A project that can be served.

    Attributes:
        project: The project, with warnings of what is not served.
        configs: The functions that are served.
    """

    project: Project
    configs: list[FunctionConfig]


def local_scope(host: str, port: int) -> Scope:
    """Return where projects pretend to be deployed: the region and the endpoints of the user.

    Args:
        host: The address at which the emulator listens.
        port: The port.
    """
    endpoint = os.environ.get("AWS_ENDPOINT_URL_SQS") or os.environ.get("AWS_ENDPOINT_URL")
    return Scope(
        region=default_region(),
        queue_endpoint=endpoint or None,
        emulator=local_address(host, port),
    )


def configure_project(
    project: Project, options: Mapping[str, Any], typed: Collection[str]
) -> ServedProject:
    """Return how the functions of a project are run; their environments start on demand.

    Args:
        project: The project.
        options: Values by the names of the command line's parameters.
        typed: The parameters that were typed, which win over the project.

    Returns:
        The project and its functions; those that are not served are left out.

    Raises:
        TargetError: No function is served, or the Python cannot be used.
        ValueError: An option does not fit.
    """
    served = [each for each in project.functions if not each.not_served]
    if not served:
        reasons = "; ".join(f"{each.name}: {each.not_served}" for each in project.functions)
        raise TargetError(f"{project.path} has no function to serve: {reasons or 'it has none'}.")
    try:
        interpreter = find_interpreter(options.get("python"))
    except InterpreterError as error:
        raise TargetError(str(error)) from error
    if not (interpreter.is_own or interpreter.has("lambda_runtime")):
        raise TargetError(
            f"The Python {interpreter.executable} has no lambda-runtime, which runs handlers:"
            " install it there."
        )
    env_file = read_env_file(options["env_file"])
    env_vars = read_env_file(project.env_vars)
    warnings: list[Warned] = list(project.warnings)
    names = {each.name for each in served}
    configs: list[FunctionConfig] = []
    for number, each in enumerate(served):
        event_invoke = _checked(each, names, warnings)
        first = options.get("debug_port")
        own = {**options, "debug_port": None if first is None else first + number}
        environment = {**each.environment, **variables_of(env_vars, each.place.name, each.name)}
        function = replace(each, event_invoke=event_invoke, environment=environment)
        configs.append(_configure(function, interpreter, own, typed, env_file))
    return ServedProject(replace(project, warnings=tuple(warnings)), configs)


def _configure(
    function: FunctionDescription,
    interpreter: Interpreter,
    options: Mapping[str, Any],
    typed: Collection[str],
    env_file: Mapping[str, Any],
) -> FunctionConfig:
    described: dict[str, Any] = {
        "timeout": function.timeout,
        "memory": function.memory_mb,
        "log_format": function.log_format,
        "log_level": function.log_level or options.get("log_level"),
        "layers": (*function.layers, *options.get("layers", ())),
        "max_concurrency": function.max_concurrency or options.get("max_concurrency"),
        "snap_start": function.snap_start or options.get("snap_start"),
    }
    if function.concurrency is not None:
        described["concurrency"] = function.concurrency
    own = {key: value for key, value in described.items() if key not in typed or key == "layers"}
    config = from_command_line(
        _program(function, interpreter),
        function.name,
        {**options, **own, "logical_id": function.place.name},
        env_file,
    )
    environment = {**function.environment, **config.environment}
    config = config._replace(
        environment=environment,
        on_demand=True,
        tenancy=function.tenancy or config.tenancy,
        aliases=function.aliases,
    )
    if function.url is not None and not _URL_OPTIONS.intersection(typed):
        config = config._replace(url=function.url)
    if function.durable is not None:
        config = config._replace(durable=function.durable)
    replaced = {
        field: getattr(function.event_invoke, field)
        for option, field in _EVENT_INVOKE.items()
        if option not in typed
    }
    return config._replace(event_invoke=config.event_invoke._replace(**replaced))


def _program(function: FunctionDescription, interpreter: Interpreter) -> FunctionProgram:
    if function.code is None:
        raise TargetError(f"The function {function.name} has no code on this machine.")
    return FunctionProgram(
        (interpreter.executable, "-m", "lambda_runtime", function.handler),
        function.name,
        function.code,
        handler=function.handler,
        source=_source(function.code, function.handler),
        interpreter=interpreter,
        directory=function.code,
    )


def _source(code: Path, handler: str) -> Path | None:
    """Return the file of a handler's module, if it is there."""
    application = split_application_name(handler)
    module = application[0] if application else handler.rpartition(".")[0]
    path = code / module.replace(".", "/")
    files = (path.with_name(f"{path.name}.py"), path / "__init__.py")
    return next((each for each in files if each.is_file()), None)


def _checked(
    function: FunctionDescription, names: Collection[str], warnings: list[Warned]
) -> EventInvokeConfig:
    """Return how asynchronous invocations are handled, without destinations that cannot be used."""
    config = function.event_invoke
    for field, parse in _DESTINATIONS.items():
        target: str | None = getattr(config, field)
        if target is None:
            continue
        try:
            destination = parse(target)
            reason = (
                f"{target} is not served."
                if destination.service == "function" and destination.target not in names
                else ""
            )
        except ValueError as error:
            reason = str(error)
        if function.durable is not None and field != "dead_letter_queue":
            reason = "durable functions have no destinations, on AWS either."
        if reason:
            message = f"Nothing goes to the {field.replace('_', '-')} destination: {reason}"
            warnings.append(Warned(message=message, place=function.place))
            dropped: dict[str, Any] = {field: None}
            config = config._replace(**dropped)
    return config
