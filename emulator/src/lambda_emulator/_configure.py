"""From the options of a function to its configuration."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict, Unpack

from lambda_testing import Function

from ._config import (
    Cors,
    DurableConfig,
    EventInvokeConfig,
    FunctionConfig,
    LogFormat,
    LogLevel,
    URLConfig,
)
from ._env_file import variables_of
from ._interpreter import InterpreterError, find_interpreter
from ._layers import import_paths
from ._limits import MAX_MANAGED_TIMEOUT, MAX_TIMEOUT
from ._names import is_function_name
from ._target import FunctionProgram, TargetError, find_program

_LONG_INIT_SECONDS = 130.0  # on Managed Instances, and before a snapshot
_DEBUG_SECONDS = 86_400.0  # for a developer at a breakpoint
# The fields of `FunctionOptions`, by the parameters of the command line that are just that.
_FIELDS = {
    "timeout": "timeout",
    "init_timeout": "init_timeout",
    "memory": "memory_mb",
    "memory_limit": "limit_memory",
    "extensions": "extensions",
    "layers": "layers",
    "max_concurrency": "max_concurrency",
    "snap_start": "snap_start",
    "concurrency": "concurrency",
    "freeze": "freeze",
    "log_format": "log_format",
    "log_level": "log_level",
    "debug_port": "debug_port",
    "python": "python",
}


class FunctionOptions(TypedDict, total=False):
    """Options of a function; see `FunctionConfig`.

    Attributes:
        timeout: Seconds that an invocation may take; 3 by default, as on AWS.
        memory_mb: The memory in MB; 128 by default, as on AWS.
        region: The AWS region that it pretends to be in; the user's, or us-east-1.
        concurrency: The number of execution environments that it may have at a time; 10 by default.
        max_concurrency: The number of invocations that an environment takes at a time, as on Lambda
            Managed Instances; None for one.
        snap_start: True if its processes are restored from a snapshot taken after their start, as
            those of a published version with SnapStart.
        environment: More environment variables.
        init_timeout: Seconds for the init phase; 10 by default.
        restore_timeout: Seconds for a restore from a snapshot; 10 by default.
        freeze: True if its processes stand still between invocations.
        limit_memory: True if a process ends when it uses more than its memory.
        log_format: ``text`` or ``json``; always JSON on Managed Instances.
        log_level: The least level of the function's records, such as ``debug``; None leaves it to
            the runtime.
        extensions: A directory with programs that are started with each environment.
        layers: The directories of its layers, which are ``/opt`` for it; of two files of one name,
            that of the later layer counts.
        event_invoke: The settings of asynchronous invocations.
        url: The settings of HTTP requests.
        durable: The settings of durable executions; None for an ordinary function.
        tenancy: True if it isolates tenants. Each invocation must then name one.
        python: The Python that runs it, or a virtual environment; by default the emulator's own, or
            the project's ``.venv`` if the emulator is installed elsewhere.
        debug_port: The port at which debugpy waits for a debugger before the function starts; there
            are then no timeouts, and one environment.
    """

    timeout: float
    memory_mb: int
    region: str | None
    concurrency: int
    max_concurrency: int | None
    snap_start: bool
    environment: Mapping[str, str]
    init_timeout: float
    restore_timeout: float
    freeze: bool
    limit_memory: bool
    log_format: LogFormat
    log_level: LogLevel | None
    extensions: Path | None
    layers: Sequence[str | Path]
    event_invoke: EventInvokeConfig
    url: URLConfig
    durable: DurableConfig | None
    tenancy: bool
    python: str | Path | None
    debug_port: int | None


def configure(
    target: str | Path | FunctionProgram,
    name: str | None = None,
    **options: Unpack[FunctionOptions],
) -> FunctionConfig:
    """Return the configuration of a function.

    Args:
        target: A directory with a ``__main__.py``, a ``.py`` file, or a handler as
            ``module.handler``, seen from the working directory; or a program.
        name: The function's name; that of the target by default.
        **options: See `FunctionOptions`.

    Returns:
        The configuration. No code of the function has been imported.

    Raises:
        TargetError: The target is not a function, or the name is not valid.
        ValueError: The timeout is too long, or options exclude each other.
    """
    more: dict[str, Any] = {**options}
    more["layers"] = layers = tuple(Path(layer).resolve() for layer in more.get("layers", ()))
    python = more.pop("python", None)
    if isinstance(target, FunctionProgram):
        program = target
    else:
        try:
            interpreter = find_interpreter(python)
        except InterpreterError as error:
            raise TargetError(str(error)) from error
        program = find_program(str(target), interpreter, import_paths(layers, interpreter.version))
    name = name or program.name
    if not is_function_name(name):
        raise TargetError(f"{name!r} cannot be a name: use 1 to 64 letters, digits, - and _.")
    max_concurrency = more.pop("max_concurrency", None)
    _check_timeout(more.get("timeout", 3.0), managed=max_concurrency is not None)
    debug_port = more.get("debug_port")
    if debug_port is not None:
        from ._debugger import with_debugger

        program = with_debugger(program, debug_port)
        more |= {
            "timeout": _DEBUG_SECONDS,
            "init_timeout": _DEBUG_SECONDS,
            "restore_timeout": _DEBUG_SECONDS,
            "concurrency": 1,
            "limit_memory": False,
        }
    snap_start = more.pop("snap_start", False)
    timeout = more.pop("timeout", 3.0)
    if max_concurrency is not None:
        more = {"init_timeout": _LONG_INIT_SECONDS, **more, "log_format": "json"}
    if snap_start:
        more = {"init_timeout": max(timeout, _LONG_INIT_SECONDS), **more}
    function = Function(
        name=name,
        region=more.pop("region", None) or default_region(),
        timeout=timeout,
        memory_mb=more.pop("memory_mb", 128),
        handler=program.handler,
        max_concurrency=max_concurrency,
        snap_start=snap_start,
        version="1" if snap_start else "$LATEST",  # only what is published has a snapshot
    )
    return FunctionConfig(program=program, function=function, **more)


def _check_timeout(timeout: float, *, managed: bool) -> None:
    limit = MAX_MANAGED_TIMEOUT if managed else MAX_TIMEOUT
    if timeout > limit:
        raise ValueError(
            f"The timeout {timeout:g} is too long: a function may take {MAX_TIMEOUT:g} seconds,"
            f" or {MAX_MANAGED_TIMEOUT:g} with --max-concurrency."
        )


def default_region() -> str:
    """Return the region of the user, or us-east-1."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"


def from_command_line(
    target: str | FunctionProgram,
    name: str | None,
    options: Mapping[str, Any],
    env_file: Mapping[str, Any],
) -> FunctionConfig:
    """Return the configuration of a function that the command line, or its settings, describe.

    Args:
        target: The target, or the program that it stands for.
        name: The name in the settings, or None.
        options: Values by the names of the command line's parameters.
        env_file: The tables of ``--env-file``.

    Returns:
        The configuration.

    Raises:
        TargetError: The target is not a function.
        ValueError: An option does not fit.
    """
    given: dict[str, Any] = {
        field: options[option]
        for option, field in _FIELDS.items()
        if options.get(option) is not None
    }
    given["environment"] = dict(options["variables"])
    if options.get("durable"):
        given["durable"] = DurableConfig(options["execution_timeout"])
    if "url_format" in options:  # to serve it, not only to invoke it once
        origins = tuple(options["cors_origins"])
        cors = Cors(allow_origins=origins, allow_methods=("*",), allow_headers=("*",))
        given["url"] = URLConfig(
            format=options["url_format"],
            invoke_mode=options["url_mode"],
            cors=cors if origins else None,
            binary_media_types=tuple(options["binary_media_types"]),
        )
        given["event_invoke"] = EventInvokeConfig(
            max_retries=options["max_retries"],
            max_age=options["max_event_age"],
            retry_delay=options["retry_delay"],
            on_success=options["on_success"],
            on_failure=options["on_failure"],
            dead_letter_queue=options["dead_letter_queue"],
        )
    config = configure(target, options["name"] or name, **given)
    variables = variables_of(env_file, options.get("logical_id"), config.function.name)
    return config._replace(environment={**variables, **config.environment})
