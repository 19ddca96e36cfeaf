"""From the start of a process to its first invocation: find the handler, choose a way to serve it."""

from __future__ import annotations

import os
import sys

from lambda_logging import configure

from ._function import Function
from ._garbage import collect_rarely
from ._handler import add_import_paths, load
from ._program import Program, give_up

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, NoReturn

    from ._program import LeftoverTasks, TransportName


def run(
    handler: Callable[..., Any] | str | None = None,
    *,
    lifespan: Any = None,
    middleware: Sequence[Callable[..., Any]] = (),
    converter: Any = None,
    transport: TransportName = "auto",
    deadline_margin: float | None = 0.25,
    leftover_tasks: LeftoverTasks = "cancel",
    graceful_shutdown: bool | None = None,
) -> NoReturn:
    """Serve invocations with a handler, for as long as the process lives.

    Outside Lambda, where ``AWS_LAMBDA_RUNTIME_API`` is not set, the program is served by
    lambda-emulator when that is installed. Where ``AWS_LAMBDA_MAX_CONCURRENCY`` is set, as on
    Lambda Managed Instances, that many invocations are served at the same time: ``async def``
    handlers by tasks, in a process for each processor, and ``def`` handlers by processes.

    Args:
        handler: A function, a method, an object with ``__call__``, or the name of one as
            ``"module.function"``, declared with ``def`` or ``async def``; generators stream what
            they yield. It takes ``(event)``, ``(event, context)``, or ``(event, stream, context)``
            with a `ResponseStream` (`BlockingResponseStream` for ``def``). The annotation of the
            event says what it is decoded to. Without a handler, the environment variable
            ``_HANDLER`` names it.
        lifespan: An (async) context manager, or what returns one without arguments: entered in each
            process before its first invocation, left when Lambda ends the process. What it yields
            is `Context.state`.
        middleware: Functions that take ``(event, context, call_next)`` and return what
            ``call_next(event, context)`` returns, or something else; outermost first, and declared
            like the handler: ``async def`` ones await ``call_next``.
        converter: A `cattrs` converter, for events and results; ours by default.
        transport: How to talk to the Runtime API. ``"socket"`` blocks, and loads least: an event
            loop stands still while its function waits for an invocation, and has no task to run and
            no handler of SIGTERM, as it does anyway where Lambda freezes it. ``"stream"`` and ``"aiohttp"`` always wait on
            the event loop. ``"auto"`` takes the socket for one invocation at a time, and the stream
            for ``async def`` handlers that serve several.
        deadline_margin: Seconds before an invocation's deadline at which an ``async def`` handler is
            cancelled, so that it can clean up, its caller hears of it, and the environment stays
            warm; None leaves it to Lambda, which ends the process. A ``def`` handler cannot be
            cancelled.
        leftover_tasks: What happens to asyncio tasks that a handler has started and not awaited:
            ``"cancel"`` ends them with a warning, before the next invocation, and ``"keep"`` lets
            them run on.
        graceful_shutdown: Whether to have Lambda send SIGTERM before it ends the environment, which
            takes the registration of an internal extension; about half a second is left from then.
            By default it is asked for when there is a lifespan to be left.

    Raises:
        SystemExit: Always, in the end. Its code is 1 when the function cannot start or the Runtime
            API cannot be reached, 64 or 65 when a hook of a snapshot fails, 0 after SIGTERM, and
            the handler's own when that ends the process.

    Contract: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html
    """
    address = os.environ.get("AWS_LAMBDA_RUNTIME_API")
    if not address:
        sys.exit(_serve_locally())
    handler = handler or os.environ.get("_HANDLER")
    if not handler:
        sys.exit("There is no handler: name one as module.function, or set _HANDLER.")
    concurrency = os.environ.get("AWS_LAMBDA_MAX_CONCURRENCY")
    log = configure()
    _end_lines_at_once()
    collect_rarely()
    worker = None
    if concurrency is not None:
        from ._worker import worker_from_environment

        worker = worker_from_environment(os.environ, log)
    try:
        if isinstance(handler, str):
            add_import_paths(sys.path, os.environ.get("LAMBDA_TASK_ROOT"), os.getcwd())  # noqa: PTH109
            handler = load(handler)
        function = Function(
            handler,
            log,
            middleware=middleware,
            converter=converter,
            concurrent=concurrency is not None,
        )
    except BaseException as error:  # noqa: BLE001 (a module may raise anything, and Lambda is told)
        give_up(error, address, log)
    if graceful_shutdown is None:
        graceful_shutdown = lifespan is not None
    Program(function, address, lifespan, graceful_shutdown=graceful_shutdown).run(
        transport, deadline_margin, leftover_tasks, concurrency, worker
    )


def _end_lines_at_once() -> None:
    """Send each line that the function prints to the log as it is printed, not a page later."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)  # it may be None, or a user's object
    if reconfigure is not None:
        reconfigure(line_buffering=True)


def _serve_locally() -> int | str:
    """Run this program under whatever is installed to serve it; return its exit code."""
    from importlib.metadata import entry_points

    for entry in entry_points(group="lambda_runtime.local"):
        serve: Callable[[], int] = entry.load()
        return serve()
    return (
        "AWS_LAMBDA_RUNTIME_API is not set: this program runs in AWS Lambda, or in an emulator. "
        "To run it here, `pip install lambda-emulator`."
    )
