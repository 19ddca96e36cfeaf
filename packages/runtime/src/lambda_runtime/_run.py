"""Startup: find the handler, choose the loop that serves it, and supervise workers."""

from __future__ import annotations

import os
import sys

try:
    from lambda_logging import configure

    from . import _garbage, _prepared_handler  # garbage collection first
except ImportError as _problem:
    from ._namesake import refuse

    refuse(_problem)

from ._environment import Environment
from ._handler import add_import_paths, load
from ._options import Options, options_of
from ._prepared_handler import PreparedHandler
from ._program import HEADERS, Program, give_up
from ._shutdown import forks
from .errors import RuntimeAPIError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any, NoReturn, TypeAlias, Unpack

    from lambda_logging import PlatformLog

    from ._worker import Worker
    from .types import HandlerOptions

    Serve: TypeAlias = Callable[[Worker | None], NoReturn]

# By module, others that it imports at its beginning, and that few of its functions use.
_LATE = {
    "asyncio": ("asyncio.sslproto", "inspect", "ssl"),
    "calendar": ("locale",),
    "django.http.response": ("ssl",),
    "email._parseaddr": ("calendar",),
    "fastapi.openapi.utils": ("http.client",),
    "pydantic.v1.parse": ("pickle",),
    "starlette.exceptions": ("http.client",),
    "starlette.middleware.errors": ("html",),
    "subprocess": ("locale",),
    "tempfile": ("shutil",),
    "yarl._url": ("idna",),
}


def offer_awslambdaric() -> None:
    """Let agents and handlers find the names of awslambdaric, of which nothing is loaded yet.

    They look for them by an import, or in ``__main__``.
    """
    this: Any = sys.modules[__name__]
    if this not in sys.meta_path:
        sys.meta_path.insert(0, this)  # before the real one
        vars(sys.modules["__main__"]).setdefault("__getattr__", _attribute_of_main)


def find_spec(name: str, path: Any = None, target: ModuleType | None = None) -> ModuleSpec | None:
    """Find ``awslambdaric`` and lean imports: this module is a finder of `sys.meta_path`."""
    if name in _LATE:
        from . import _lean_imports

        return _lean_imports.find_lean(name, _LATE[name], sys.modules[__name__], path, target)
    if name == "aiohttp":
        from . import _certificates

        return _certificates.find_aiohttp(sys.modules[__name__], path, target)
    if name == "awslambdaric":
        from . import compatibility

        return compatibility.find_spec("awslambdaric")
    return None


def _attribute_of_main(name: str) -> object:
    from .compatibility import attribute_of_main

    return attribute_of_main(name)


# Now and not in `run`, since a program may set up its agents before it calls that.
if "AWS_LAMBDA_RUNTIME_API" in os.environ and "awslambdaric" not in sys.modules:
    offer_awslambdaric()


def run(
    handler: Callable[..., Any] | str | None = None, **options: Unpack[HandlerOptions]
) -> NoReturn:
    """Serve invocations with a handler, for as long as the process lives.

    Outside Lambda, where ``AWS_LAMBDA_RUNTIME_API`` is not set, the program is served by
    lambda-emulator when that is installed. Where ``AWS_LAMBDA_MAX_CONCURRENCY`` is set, as on
    Lambda Managed Instances, that many invocations are served at the same time: ``async def``
    handlers by tasks, in a process for each processor, and ``def`` handlers by processes.

    Options that `function` has bound to the handler apply, too; those that are given here override
    them.

    Args:
        handler: A function, a method, an object with ``__call__``, or the name of one as
            ``"module.function"``, declared with ``def`` or ``async def``; generators stream what
            they yield. It takes ``(event)``, ``(event, context)``, or ``(event, stream, context)``
            with a `ResponseStream` (`BlockingResponseStream` for ``def``). The annotation of the
            event names the type that it is decoded to. Without a handler, the environment variable
            ``_HANDLER`` names it.
        **options: Each has a default.

            ``lifespan``: An (async) context manager, or a function that returns one: entered in
            each process before its first invocation, left when Lambda ends the process. It yields
            `Context.state`.

            ``middleware``: Functions that take ``(event, context, call_next)`` and return the
            result of ``call_next(event, context)``, or another one; outermost first, and declared
            like the handler: ``async def`` ones await ``call_next``.

            ``observers``: Generator functions that take ``(event, context)`` and yield once; they
            get an `Outcome` back when the invocation has ended: its response is delivered to the
            last byte, or its failure is reported. They run in the invocation's own context and
            change nothing, not even when they raise: that is logged. The event is bytes where it
            could not be decoded.

            ``converter``: A `cattrs` converter, for events and results; ours by default.

            ``transport``: The way to the Runtime API. ``"socket"`` blocks, and loads least: while
            the function waits for an invocation, an event loop without tasks and without a handler
            for SIGTERM stands still, as it does anyway where Lambda freezes it. ``"stream"`` and
            ``"aiohttp"`` always wait on the event loop. ``"auto"``, the default, takes the socket
            for one invocation at a time, and the stream for ``async def`` handlers that serve
            several.

            ``deadline_margin``: Seconds before an invocation's deadline at which an ``async def``
            handler is cancelled, so that it can clean up, its caller hears of it, and the
            environment stays warm; 0.25 by default. None leaves it to Lambda, which ends the
            process. A ``def`` handler cannot be cancelled.

            ``leftover_tasks``: The end of asyncio tasks that a handler has started and not awaited:
            ``"cancel"``, the default, ends them with a warning before the next invocation, and
            ``"keep"`` lets them run on.

            ``graceful_shutdown``: True to have Lambda send SIGTERM before it ends the environment,
            about half a second ahead. This takes the registration of an internal extension. By
            default, True when there is a lifespan to leave.

    Raises:
        SystemExit: Always, in the end. Its code is 1 when the function cannot start or the Runtime
            API cannot be reached, 64 or 65 when a hook of a snapshot fails, 0 after SIGTERM, and
            the handler's own when that ends the process.
        TypeError: There is no such option.
        ValueError: An option has an unknown value.

    Contract: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html
    """
    environment = Environment()
    if handler is None or isinstance(handler, str):  # an object may be false, or refuse to say
        handler = handler or environment.handler
    if isinstance(handler, str) and not handler:
        sys.exit("There is no handler: name one as module.function, or set _HANDLER.")
    if not environment.api:
        sys.exit(_serve_locally())
    log = configure()
    _warn_of_agents(log)
    _end_lines_at_once()
    _garbage.collect_rarely()
    forks.watch()
    worker = None
    if environment.concurrency is not None:
        # Now: the function's code may replace what modules of the standard library have.
        from . import _workers  # noqa: F401
        from ._worker import worker_from_description

        worker = worker_from_description(environment, log)
    try:
        given = Options(options)
        if isinstance(handler, str):
            add_import_paths(sys.path, environment.task_root, environment.directory)
            try:
                handler = _load(handler, environment.handler_behind_agent)
            finally:
                _open_standard_streams()
            if forks.is_child:
                forks.end()
        merged = options_of(handler).overruled_by(given)
        prepared = PreparedHandler(handler, log, merged, environment)
        _prepared_handler.served = prepared
        program = Program(prepared, merged, environment)
        serve = _prepare(program)
        pollers = _pollers(program) if worker is None else None
        if worker is None:
            program.register_extension()
    except BaseException as error:  # noqa: BLE001 (a module may raise anything, and Lambda gets the report)
        give_up(error, environment, log)
    try:
        if pollers is None:
            serve(worker)
        _supervise(program, pollers, serve)
    except RuntimeAPIError as error:
        log.write("FATAL", str(error))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)  # as a shell says of a program that was interrupted


def _warn_of_agents(log: PlatformLog) -> None:
    bootstrap = sys.modules.get("awslambdaric.bootstrap")
    if bootstrap is not None and not hasattr(bootstrap, "offer_places"):
        log.write(
            "WARN",
            "awslambdaric was imported before lambda_runtime: what an agent has patched there is "
            "not called. Import lambda_runtime.run first.",
        )


def _load(name: str, behind_agent: str) -> Callable[..., Any]:
    if not behind_agent or behind_agent == name:
        return load(name)
    from ._redirected import watch

    own = watch(behind_agent)
    handler = load(name)
    own.import_now()
    return handler


def _prepare(program: Program) -> Serve:
    """Load all that serving takes, while Lambda still grants the processor of the init phase."""
    handler = program.handler
    if handler.streams_response:  # loaded now, used later
        from . import _response_stream  # noqa: F401
    if handler.is_async or program.options.transport in {"stream", "aiohttp"}:
        from ._asyncio_start import prepare

        return prepare(program)
    if handler.streams_response:
        from . import _socket_upload  # noqa: F401
    from ._blocking_loop import start

    return lambda worker: start(program, worker)


def _pollers(program: Program) -> list[int] | None:
    """Return how many invocations each process serves at the same time; None is one process."""
    concurrency = program.environment.concurrency
    if concurrency is None:
        return None
    if not concurrency.isdecimal() or not int(concurrency):
        raise ValueError(f"AWS_LAMBDA_MAX_CONCURRENCY={concurrency!r} is not a positive number")
    from ._workers import processes

    return processes(int(concurrency), asynchronous=program.handler.is_async)


def _supervise(program: Program, pollers: list[int], serve: Serve) -> NoReturn:
    from ._socket_transport import SocketTransport
    from ._workers import supervise

    def work(worker: Worker) -> NoReturn:
        program.handler.log = worker.log
        serve(worker)

    _garbage.freeze()  # or each worker's first collection would make a copy of all that they share
    transport = SocketTransport(program.environment.api, HEADERS)
    supervise(pollers, work, program.handler.log, transport, program.environment)


def _end_lines_at_once() -> None:
    """Send each line that the function prints to the log as it is printed, not a page later."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)  # it may be None, or a user's object
    if reconfigure is not None:
        reconfigure(line_buffering=True)


def _open_standard_streams() -> None:
    """Replace standard streams that the function has closed: connections would get their numbers.

    They would carry printed text and log records.
    """
    for number, other in ((0, -1), (1, 2), (2, 1)):
        try:
            os.fstat(number)
        except OSError:
            try:
                os.dup2(other, number)
            except OSError:  # there is no other one
                os.open(os.devnull, os.O_RDWR)  # it gets the lowest number that is free


def _serve_locally() -> int | str:
    """Run this program under the local server that is installed; return its exit code."""
    try:
        from importlib.metadata import entry_points

        for entry in entry_points(group="lambda_runtime.local"):
            serve: Callable[[], int] = entry.load()
            return serve()
    except KeyboardInterrupt:  # before the server took charge of signals
        return 0
    return (
        "AWS_LAMBDA_RUNTIME_API is not set: this program runs in AWS Lambda, or in an emulator. "
        "To run it here, `pip install lambda-emulator`."
    )
