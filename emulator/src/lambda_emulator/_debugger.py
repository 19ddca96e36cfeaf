"""Functions under a debugger: debugpy waits in their process until an editor attaches."""

import importlib.util
import socket
from pathlib import Path

from ._target import FunctionProgram, TargetError

_HOST = "127.0.0.1"


def with_debugger(program: FunctionProgram, port: int) -> FunctionProgram:
    """Return a program that waits for a debugger before it starts.

    Args:
        program: A program that runs in Python.
        port: The port to wait at.

    Raises:
        TargetError: The program does not run in Python, or debugpy is not installed.
    """
    executable, *rest = program.arguments
    if executable != program.interpreter.executable:
        raise TargetError(f"{executable} cannot be debugged: only what runs in Python can.")
    spec = importlib.util.find_spec("debugpy")
    if spec is None or spec.origin is None:
        raise TargetError("--debug needs debugpy: pip install 'lambda-emulator[debug]'.")
    # By its path, it runs in another Python too, which need not have it.
    own = program.interpreter.is_own
    debugger = ("-m", "debugpy") if own else (str(Path(spec.origin).parent),)
    listen = ("--listen", f"{_HOST}:{port}", "--wait-for-client")
    # In frozen modules of the standard library, breakpoints would be missed.
    arguments = (executable, "-X", "frozen_modules=off", *debugger, *listen, *rest)
    return program._replace(arguments=arguments)


def waiting_message(function: str, port: int) -> str:
    """Return what to do when a function waits for a debugger.

    Args:
        function: The function's name.
        port: The port at which it waits.
    """
    return f"{function} waits for a debugger at {_HOST}:{port}: attach your editor to that address."


def is_free(port: int) -> bool:
    """Return whether a debugger can be waited for at a port.

    Args:
        port: The port.
    """
    try:
        socket.create_server((_HOST, port)).close()
    except OSError:
        return False
    return True
