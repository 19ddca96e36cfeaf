"""The emulator at a terminal: serve functions until Ctrl-C, or invoke one once."""

import asyncio
import errno
import shlex
import signal
import sys
from collections.abc import Generator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from lambda_testing import Function
from lambda_testing.contract import exit_reason

from ._bus import Bus
from ._config import FunctionConfig
from ._invocation import EmulatedInvocation
from ._log import Output
from ._log_writer import LogWriter
from ._platform import EnvironmentFailure
from ._server import EmulatorServer
from ._service import FunctionService


class CommandError(Exception):
    """A command cannot do its work; the message is one sentence that says why."""


@dataclass(frozen=True, kw_only=True)
class ServeOptions:
    """How functions are served.

    Attributes:
        host: The address to listen at.
        port: The port to listen at; 0 for any that is free.
        url_port: A port for the first function's URL alone; 0 for any, None for none.
        allowed_hosts: More names that clients may call this machine by.
        reload: Whether to start functions anew when a file of theirs changes.
        event_sources: Where events come from, by the function that gets them.
    """

    host: str = "127.0.0.1"
    port: int = 9000
    url_port: int | None = None
    allowed_hosts: tuple[str, ...] = ()
    reload: bool = False
    event_sources: tuple[tuple[str, str], ...] = ()


async def serve(configs: Sequence[FunctionConfig], options: ServeOptions) -> None:
    """Serve functions until SIGINT, SIGTERM or SIGHUP.

    Their log goes to standard output; the emulator's own messages go to standard error.

    Args:
        configs: The functions, at least one.
        options: How they are served.

    Raises:
        CommandError: A port cannot be listened at, or a function cannot start.
    """
    try:
        server = EmulatorServer(
            configs,
            LogWriter(1),
            host=options.host,
            port=options.port,
            url_port=options.url_port,
            allowed_hosts=options.allowed_hosts,
        )
    except ValueError as error:
        raise CommandError(str(error)) from error
    with _ended_by_signals():
        async with AsyncExitStack() as stack:
            try:
                await stack.enter_async_context(server)
                starts = [each.initialized() for each in server.functions.values()]
                failures = await asyncio.gather(*starts)
            except OSError as error:
                raise CommandError(_cannot_listen(options, error)) from error
            for service, failure in zip(server.functions.values(), failures, strict=True):
                if failure is not None:
                    message = _cannot_start(service.function, failure)
                    if not options.reload:
                        raise CommandError(message)
                    say(message)
            for config in configs:
                say(_how_to_invoke(config, server))
            async with asyncio.TaskGroup() as tasks:
                for name, source in options.event_sources:
                    from ._event_source import poll_source

                    tasks.create_task(poll_source(source, server.functions[name], say))
                if options.reload:
                    from ._reload import reload_on_change

                    tasks.create_task(reload_on_change(server, say))
                await asyncio.get_running_loop().create_future()  # for ever


async def invoke(config: FunctionConfig, event: bytes) -> EmulatedInvocation:
    """Start a function, invoke it once, and end it. Its log goes to standard error.

    Args:
        config: The function.
        event: The event, as JSON.

    Returns:
        The invocation, which is done.

    Raises:
        SystemExit: A signal came first; the code is 128 and its number, as in shells.
    """
    with _ended_by_signals() as signals:
        async with FunctionService(config, Output(LogWriter(2)), Bus()) as service:
            invocation = service.invoke(event)
            await invocation
            await invocation.wait_for_report()
            return invocation
    raise SystemExit(128 + signals[0])


def say(message: str) -> None:
    """Print a line for the developer at the terminal.

    Args:
        message: The line.
    """
    sys.stderr.write(f"{message}\n")
    sys.stderr.flush()


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


def _cannot_listen(options: ServeOptions, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {options.port} on {options.host} is in use: end what listens there,"
            " or choose another port with --port or LAMBDA_EMULATOR_PORT."
        )
    return f"Cannot listen at {options.host}, port {options.port}: {error.strerror or error}."


def _cannot_start(function: Function, failure: EnvironmentFailure) -> str:
    message = f"The function {function.name} cannot start: {failure.reason}"
    if failure.reason == exit_reason(0):
        message += "; does the program call lambda_runtime.run(handler)?"
    return message


def _how_to_invoke(config: FunctionConfig, server: EmulatorServer) -> str:
    example = config.program.task_root / "event.json"
    event = "{}"
    if example.is_file():
        here = Path.cwd()
        event = f"@{example.relative_to(here) if example.is_relative_to(here) else example}"
    name = config.function.name
    return f"Invoke {name} with: curl -d {shlex.quote(event)} {server.invoke_url(name)}"
