"""The emulator at a terminal: serve a function until Ctrl-C, or invoke it once."""

import asyncio
import errno
import os
import re
import shlex
import signal
import sys
from collections.abc import Generator
from contextlib import AsyncExitStack, contextmanager
from functools import partial
from pathlib import Path

from lambda_testing import Function

from ._emulator import Emulator
from ._environment import Answer, ExecutionEnvironment
from ._log import Log
from ._process import exit_reason
from ._report import Failure
from ._target import Program

_CARRIAGE_RETURN = re.compile(rb"\r(?!\n)")


class CommandError(Exception):
    """A command cannot do its work; the message is one sentence that says why."""


def describe_function(name: str, *, timeout: float = 3, memory_mb: int = 128) -> Function:
    """Describe a function, by default with Lambda's own defaults, in the user's region.

    Args:
        name: Its name.
        timeout: Seconds that an invocation may take.
        memory_mb: The memory in MB that it is told to have.

    Returns:
        The description.
    """
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    return Function(name=name, region=region, timeout=timeout, memory_mb=memory_mb)


async def serve(program: Program, function: Function, *, host: str, port: int) -> None:
    """Serve a function until SIGINT, SIGTERM or SIGHUP.

    The function's log goes to standard output; what the emulator says, to standard error.

    Args:
        program: How to start it.
        function: What Lambda knows of it.
        host: The address to listen at.
        port: The port to listen at; 0 for any that is free.

    Raises:
        CommandError: The port cannot be listened at, or the function cannot start.
    """
    emulator = Emulator(program, function, partial(_write, 1), host=host, port=port)
    with _ended_by_signals():
        async with AsyncExitStack() as stack:
            try:
                await stack.enter_async_context(emulator)
            except OSError as error:
                raise CommandError(_cannot_listen(host, port, error)) from error
            failure = await emulator.environment.initialized()
            if failure is not None:
                raise CommandError(_cannot_start(function, failure))
            sys.stderr.write(f"{_how_to_invoke(program, emulator)}\n")
            await asyncio.get_running_loop().create_future()  # for ever


async def invoke(program: Program, function: Function, event: bytes) -> Answer:
    """Start a function, invoke it once, and end it. Its log goes to standard error.

    Args:
        program: How to start it.
        function: What Lambda knows of it.
        event: The event, as JSON.

    Returns:
        The answer.

    Raises:
        SystemExit: A signal came first; the code is 128 and its number, as in shells.
    """
    with _ended_by_signals() as signals:
        log = Log(partial(_write, 2))
        async with ExecutionEnvironment(program, function, log) as environment:
            return await environment.invoke(event, with_log=True)
    raise SystemExit(128 + signals[0])


@contextmanager
def _ended_by_signals() -> Generator[list[int]]:
    """Let the first signal that ends programs end the body, which cleans up; more change nothing.

    Yields:
        The signals that have come.
    """
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    received: list[int] = []

    def end(number: int) -> None:
        received.append(number)
        if task is not None and len(received) == 1:
            task.cancel()

    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as nohup leaves it
        numbers.append(signal.SIGHUP)
    for number in numbers:
        loop.add_signal_handler(number, end, number)
    try:
        yield received
    except asyncio.CancelledError:
        if not received:
            raise
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


def _write(descriptor: int, data: bytes) -> None:
    if os.isatty(descriptor):
        # In CloudWatch a carriage return begins a line; in a terminal it would overwrite one.
        data = _CARRIAGE_RETURN.sub(b"\n", data)
    try:
        while data:
            data = data[os.write(descriptor, data) :]
    except BrokenPipeError:  # who read the log has left; the function is still served
        os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)


def _cannot_listen(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is in use: end what listens there,"
            " or choose another port with --port or LAMBDA_EMULATOR_PORT."
        )
    return f"Cannot listen at {host}, port {port}: {error.strerror or error}."


def _cannot_start(function: Function, failure: Failure) -> str:
    message = f"The function {function.name} cannot start: {failure.reason}"
    if failure.reason == exit_reason(0):
        message += "; does the program call lambda_runtime.run(handler)?"
    return message


def _how_to_invoke(program: Program, emulator: Emulator) -> str:
    example = program.task_root / "event.json"
    event = "{}"
    if example.is_file():
        here = Path.cwd()
        event = f"@{example.relative_to(here) if example.is_relative_to(here) else example}"
    name = emulator.environment.function.name
    return f"Invoke {name} with: curl -d {shlex.quote(event)} {emulator.url}"
