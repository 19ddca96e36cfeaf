"""The start of an event loop for `async def` handlers: lifespan, snapshot, transports."""

from __future__ import annotations

import asyncio
import sys

from ._asyncio_invocation import InvocationServer, this_task
from ._asyncio_loop import serve, serve_many
from ._asyncio_shutdown import PollerShutdown, interrupt_at_once, interrupt_poller
from ._garbage import start_to_collect
from ._program import HEADERS, give_up
from ._session import SharedSession
from ._shutdown import Shutdown, forks
from ._tasks import Tasks, end_in_children
from .errors import INSTALL_AIOHTTP, Fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn, TypeAlias

    from ._in_flight import Arrival
    from ._program import Program
    from ._transport import AsyncTransport
    from ._wakeup import Wakeup
    from ._worker import Worker

    # It gets whether the event loop is idle and may be blocked, and what wakes it meanwhile; and
    # of a worker, where its supervisor sees what has arrived.
    Connect: TypeAlias = Callable[
        [Callable[[], bool], Wakeup | None, Arrival | None], AsyncTransport
    ]


def prepare(program: Program) -> Callable[[Worker | None], NoReturn]:
    """Load the transport of a program, and return the function that serves it.

    Args:
        program: The handler with its options.
    """
    connect = _connecting(program)

    def start(worker: Worker | None) -> NoReturn:
        if worker is None:
            interrupt_at_once()
        asyncio.run(_serve(program, connect, worker))
        sys.exit(0)

    return start


async def _serve(program: Program, connect: Connect, worker: Worker | None) -> None:
    handler, lifespan = program.handler, program.lifespan
    tasks = Tasks(asyncio.get_running_loop())
    shutdown = PollerShutdown()
    session = SharedSession()
    handler.session = session.get
    end_in_children(asyncio.get_running_loop(), handler.log, handler.complain)
    try:
        if lifespan is not None:
            handler.state = await lifespan.enter_async()
            if forks.is_child:
                forks.end()
    except BaseException as error:  # noqa: BLE001 (a lifespan may raise anything)
        give_up(error, program.environment, handler.log)
    try:
        steps = program.snapshot_steps()
        if steps is not None:
            from ._snapstart import run_hooks_async

            await run_hooks_async(steps)
        start_to_collect()
        server = InvocationServer(handler, program.options)
        if worker is None:
            await _serve_alone(program, server, connect, tasks)
        else:
            program.listen(shutdown, worker)
            transports = [connect(lambda: False, None, arrival) for arrival in worker.arrivals]
            await serve_many(server, transports, shutdown, worker.slots)
    finally:
        if lifespan is not None:
            await lifespan.exit_async(handler.complain)
        await session.close()
        shutdown.close()


async def _serve_alone(
    program: Program, server: InvocationServer, connect: Connect, tasks: Tasks
) -> NoReturn:
    shutdown = Shutdown()
    interrupt_poller(shutdown, this_task())
    program.listen(shutdown, None)
    wakeup = shutdown.wakeup()
    if wakeup is not None:  # the event loop's own waits may miss signals too
        asyncio.get_running_loop().add_reader(wakeup, wakeup.read)

    def is_idle() -> bool:
        return tasks.idle and not shutdown.function_handles_sigterm()

    try:
        await serve(server, connect(is_idle, wakeup, None), shutdown)
    except asyncio.CancelledError:
        if not shutdown.requested:
            raise
        raise SystemExit(0) from None


def _connecting(program: Program) -> Connect:
    """Load a transport, and return the function that opens a connection of it."""
    address, transport = program.environment.api, program.options.transport
    if program.handler.streams_response:  # loaded now, used later
        from . import _stream_transport  # noqa: F401
    if transport == "aiohttp":
        try:
            from ._aiohttp_transport import AiohttpTransport
        except ModuleNotFoundError as error:
            raise Fault(
                "Runtime.ImportModuleError",
                f'transport="aiohttp" needs aiohttp: {error}; {INSTALL_AIOHTTP}',
            ) from error

        return lambda *_: AiohttpTransport(address, HEADERS)
    # A transport that blocks the event loop is for one invocation at a time.
    if transport == "stream" or program.handler.is_concurrent:
        from ._stream_transport import StreamTransport

        return lambda _, __, arrival: StreamTransport(address, HEADERS, arrival)
    from ._loop_socket_transport import LoopSocketTransport
    from ._socket_transport import SocketTransport

    return lambda is_idle, wakeup, _: LoopSocketTransport(
        address, HEADERS, is_idle, SocketTransport(address, HEADERS, wakeup)
    )
