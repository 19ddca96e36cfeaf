"""The emulator at a terminal: serve functions until Ctrl-C."""

import asyncio
import errno
import signal
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from ._config import FunctionConfig
from ._history import History
from ._listen import ListenError
from ._log_printer import LogPrinter
from ._messages import say
from ._server import EmulatorServer
from ._start_advice import explain_start

if TYPE_CHECKING:
    from ._gateway.gateway import GatewayOptions
    from ._project.configure import ServedProject
    from ._project.description import Api, EventSource, Listener, Project, Trigger


class CommandError(Exception):
    """A command cannot do its work; the message is one sentence that says why."""


class ServeOptions(NamedTuple):
    """The settings of `run`.

    Attributes:
        host: The address to listen at.
        port: The port to listen at; 0 for any that is free.
        url_port: A port for the first function's URL alone; 0 for any, None for none.
        allowed_hosts: More names that clients may call this machine by.
        reload: True to restart functions when one of their files changes.
        api_port: The port of the first API of a project; the next ones follow. 0 for any.
        trust_tokens: True if APIs accept the claims of tokens unchecked.
        key_files: Files with JSON Web Key Sets, by the issuer of tokens.
        cors_origins: Origins of web pages, or ``*``, that may call APIs.
        sources: The queues and streams that are polled.
        triggers: The schedules, rules and buckets that invoke functions.
        log_time: True if lines of a log in text begin with the time; None for only in a terminal.
        project: The project that the functions are of, or None: its APIs, sources and triggers.
        read_project: Reads the project again, when a file of its has changed.
        skip_time: True if durable executions do not wait for their timers.
        api_ports: The ports that APIs have had, by name, which they keep.
    """

    host: str = "127.0.0.1"
    port: int = 9000
    url_port: int | None = None
    allowed_hosts: tuple[str, ...] = ()
    reload: bool = False
    api_port: int = 0
    trust_tokens: bool = False
    key_files: Mapping[str, Path] = MappingProxyType({})
    cors_origins: tuple[str, ...] = ()
    sources: "tuple[EventSource, ...]" = ()
    triggers: "tuple[Trigger, ...]" = ()
    log_time: bool | None = None
    project: "Project | None" = None
    read_project: "Callable[[], ServedProject] | None" = None
    skip_time: bool = False
    api_ports: Mapping[str, int] = MappingProxyType({})


async def serve(configs: Sequence[FunctionConfig], options: ServeOptions) -> None:
    """Serve functions until SIGINT, SIGTERM or SIGHUP.

    With ``reload``, a project that has changed is served again, at the same port. The functions'
    log goes to standard output; the emulator's own messages go to standard error.

    Args:
        configs: The functions, at least one.
        options: The options.

    Raises:
        CommandError: A port cannot be listened at, a function cannot start, or an API cannot be
            served.
    """
    try:
        server = _make_server(configs, options, History())
    except ValueError as error:
        raise CommandError(str(error)) from error
    with ended_by_signals():
        while True:
            server, options = await _serve_until_change(server, options)


def _make_server(
    configs: Sequence[FunctionConfig], options: ServeOptions, history: History
) -> EmulatorServer:
    """Return a server; raise ValueError if it cannot serve the functions, or their APIs."""
    apis: list[Api | Listener] = []
    if options.project is not None:
        apis += [*options.project.apis, *options.project.listeners]
    return EmulatorServer(
        configs,
        LogPrinter(1, [config.function.name for config in configs], times=options.log_time),
        host=options.host,
        port=options.port,
        url_port=options.url_port,
        allowed_hosts=options.allowed_hosts,
        apis=apis,
        api_options=_api_options(options) if apis else None,
        skip_time=options.skip_time,
        history=history,
    )


async def _serve_until_change(
    server: EmulatorServer, options: ServeOptions
) -> tuple[EmulatorServer, ServeOptions]:
    """Serve functions until their project changes; return how to serve the new one."""
    configs = [service.config for service in server.functions.values()]
    watch = None
    if options.reload and options.project is not None and options.read_project is not None:
        from ._project.watch import ProjectWatch

        watch = ProjectWatch(options.project.files)
    check_debug_ports(configs)
    async with AsyncExitStack() as stack:
        code = None
        if options.reload:
            from ._reload import CodeWatch

            code = await stack.enter_async_context(CodeWatch(configs))
        try:
            await stack.enter_async_context(server)
            starts = [each.initialized() for each in server.functions.values()]
            failures = await asyncio.gather(*starts)
        except OSError as error:
            raise CommandError(_cannot_listen(options, error)) from error
        for service, failure in zip(server.functions.values(), failures, strict=True):
            if failure is not None:
                reason = explain_start(service.config, failure)
                message = f"The function {service.function.name} cannot start: {reason}"
                if not options.reload:
                    raise CommandError(message)
                say(message)
        from ._welcome import welcome

        say(welcome(configs, server, options.project))
        running: list[asyncio.Task[None]] = []
        async with asyncio.TaskGroup() as tasks:
            sources, triggers = _event_sources(options, server)
            if sources or triggers:
                events = server.sources.run(sources, triggers, say)
                running.append(tasks.create_task(events))
            if code is not None:
                running.append(tasks.create_task(code.reload(server, say)))
            if watch is None:
                await asyncio.get_running_loop().create_future()  # forever
                raise AssertionError("only a signal ends what is awaited here")
            changed = await watch.changed(lambda: _remake(server, options), say)
            for task in running:
                task.cancel()
        return changed


def _remake(server: EmulatorServer, options: ServeOptions) -> tuple[EmulatorServer, ServeOptions]:
    """Return a server for a project that has changed, at the ports of the one before."""
    if options.read_project is None:
        raise AssertionError("only a project that can be read again is watched")
    changed = options.read_project()
    ports = {} if server.gateway is None else server.gateway.ports()
    again = options._replace(
        port=server.port, project=changed.project, api_ports={**options.api_ports, **ports}
    )
    return _make_server(changed.configs, again, server.bus.history), again


def _event_sources(
    options: ServeOptions, server: EmulatorServer
) -> "tuple[list[EventSource], list[Trigger]]":
    """Return those of the command line, and of the project's served functions."""
    project = options.project
    sources, triggers = (project.sources, project.triggers) if project is not None else ((), ())
    served = server.functions
    return (
        [*options.sources, *(each for each in sources if each.function in served)],
        [
            *options.triggers,
            *(each for each in triggers if each.destination or each.function in served),
        ],
    )


def _api_options(options: ServeOptions) -> "GatewayOptions":
    from ._gateway.gateway import GatewayOptions

    return GatewayOptions(
        host=options.host,
        port=options.api_port,
        allowed_hosts=options.allowed_hosts,
        trust_tokens=options.trust_tokens,
        key_files=options.key_files,
        page_origins=options.cors_origins,
        known_ports=options.api_ports,
    )


@contextmanager
def ended_by_signals() -> Generator[list[int]]:
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


def check_debug_ports(configs: Sequence[FunctionConfig]) -> None:
    """Find out whether debuggers can be waited for.

    Args:
        configs: The functions.

    Raises:
        CommandError: The port for one is in use.
    """
    for config in configs:
        if (port := config.debug_port) is None:
            continue
        from ._debugger import is_free

        if not is_free(port):
            raise CommandError(
                f"Port {port} for the debugger of {config.function.name} is in use:"
                " choose another with --debug PORT."
            )


def _cannot_listen(options: ServeOptions, error: OSError) -> str:
    port = error.port if isinstance(error, ListenError) else options.port
    names_by_port = {options.port: "port", options.url_port: "url-port"}
    name = names_by_port.get(port, "api-port" if options.api_port else "url-port")
    names = f"--{name} or LAMBDA_EMULATOR_{name.replace('-', '_').upper()}"
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {options.host} is in use: end what listens there,"
            f" or choose another port with {names}."
        )
    return f"Cannot listen at {options.host}, port {port}: {error.strerror or error}."
