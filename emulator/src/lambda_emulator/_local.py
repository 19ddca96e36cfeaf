"""Serve the program that runs, when ``lambda_runtime.run`` is called outside Lambda.

Found by the entry point ``lambda_runtime.local``.
"""

import os
import sys
from pathlib import Path

from ._target import FunctionProgram, TargetError, find_program, function_name

_PORT = "LAMBDA_EMULATOR_PORT"
_URL_PORT = "LAMBDA_EMULATOR_URL_PORT"
_DURABLE_SDK = "aws_durable_execution_sdk_python"


def serve_program() -> int:
    """Run this program again, as a function, and serve it until Ctrl-C.

    It listens at 127.0.0.1, on port 9000 or the one that ``LAMBDA_EMULATOR_PORT`` names (0 for any
    that is free). ``LAMBDA_EMULATOR_URL_PORT`` gives the function URL a port of its own.

    A program that has imported AWS's SDK for durable functions is served as a durable function.

    Returns:
        The exit code: 0 after Ctrl-C or SIGTERM, 1 when a port is in use or the function cannot
        start, 2 when a variable is not a port or there is no such handler. The reason is on
        standard error.
    """
    try:
        port = _port(_PORT, "9000")
        url_port = _port(_URL_PORT) if _URL_PORT in os.environ else None
    except ValueError as error:
        sys.stderr.write(f"Error: {error}\n")
        return 2
    import uvloop

    from ._config import DurableConfig
    from ._configure import configure
    from ._terminal import CommandError, ServeOptions, serve

    try:
        program = _this_program()
    except TargetError as error:
        sys.stderr.write(f"Error: {error}\n")
        return 2
    try:
        options = ServeOptions(port=port, url_port=url_port)
        durable = DurableConfig() if _DURABLE_SDK in sys.modules else None
        uvloop.run(serve([configure(program, durable=durable)], options))
    except CommandError as error:
        sys.stderr.write(f"Error: {error}\n")
        return 1
    return 0


def _port(variable: str, default: str = "") -> int:
    value = os.environ.get(variable, default)
    if not (value.isascii() and value.isdigit() and int(value) < 1 << 16):
        raise ValueError(f"{variable}={value} is not a port: set a number below 65536.")
    return int(value)


def _this_program() -> FunctionProgram:
    """Return how to start the program that runs, as it was started."""
    spec = sys.modules["__main__"].__spec__
    if spec is not None and spec.parent == "lambda_runtime":
        named = next(iter(sys.argv[1:]), "") or os.environ["_HANDLER"]
        return find_program(named)  # it is the handler that is served, and not its runtime
    main = getattr(sys.modules["__main__"], "__file__", None)  # None for `python -c`
    path = Path(main).resolve() if main else Path.cwd()
    arguments = (sys.executable, *sys.orig_argv[1:])
    root = path.parent if main else path
    return FunctionProgram(arguments, function_name(path), root, source=path if main else None)
