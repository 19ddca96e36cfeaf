"""The program around a function's loop: how it starts, by which transport it serves, how it ends."""

from __future__ import annotations

import os
import sys

from ._garbage import freeze, start_to_collect
from ._life import Life, SharedLife, interrupt_at_once
from ._version import __version__
from .errors import RuntimeAPIError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Any, Literal, NoReturn, TypeAlias, TypeVar

    from lambda_logging import PlatformLog

    from ._extension import ShutdownExtension
    from ._function import Function
    from ._lifespan import Lifespan
    from ._runtime_api import AsyncTransport
    from ._wakeup import Wakeup
    from ._worker import Worker

    TransportName: TypeAlias = Literal["auto", "socket", "stream", "aiohttp"]
    LeftoverTasks: TypeAlias = Literal["cancel", "keep"]
    Serve: TypeAlias = Callable[[Worker | None], NoReturn]
    L = TypeVar("L", Life, SharedLife)

_PYTHON = ".".join(map(str, sys.version_info[:3]))
_HEADERS = (("User-Agent", f"lambda-runtime/{__version__} Python/{_PYTHON}"),)


class Program:
    """A function with what stands around its loop, in one process or in several."""

    def __init__(
        self, function: Function, address: str, lifespan: Any, *, graceful_shutdown: bool
    ) -> None:
        """Describe a program; nothing is started yet.

        Args:
            function: What to invoke.
            address: ``host:port`` of the Runtime API.
            lifespan: What is entered before the first invocation, or None.
            graceful_shutdown: Whether Lambda is asked for SIGTERM before it ends the environment.
        """
        self._function = function
        self._address = address
        self._lifespan: Lifespan | None = None
        self._extension: ShutdownExtension | None = None
        self._graceful_shutdown = graceful_shutdown
        if lifespan is not None:
            from ._lifespan import Lifespan

            self._lifespan = Lifespan(lifespan)

    def run(
        self,
        transport: TransportName,
        margin: float | None,
        leftovers: LeftoverTasks,
        concurrency: str | None,
        worker: Worker | None,
    ) -> NoReturn:
        """Serve, until the end of the process.

        Args:
            transport: How to talk to the Runtime API.
            margin: Seconds before an invocation's deadline at which its handler is cancelled.
            leftovers: What happens to tasks that a handler leaves behind.
            concurrency: How many invocations are served at the same time, if Lambda says.
            worker: What this process is of another that supervises it, if so.

        Raises:
            SystemExit: In the end.
        """
        log = self._function.log
        try:
            serve = self._prepare(transport, margin, leftovers)
            pollers = self._pollers(concurrency) if worker is None else None
            if self._graceful_shutdown and worker is None:
                from ._extension import ShutdownExtension

                self._extension = ShutdownExtension(self._address, _HEADERS, log)
                self._extension.register()
        except BaseException as error:  # noqa: BLE001 (Lambda is told, whatever it is)
            give_up(error, self._address, log)
        try:
            if pollers is None:
                serve(worker)
            self._supervise(pollers, serve)
        except RuntimeAPIError as error:
            log.write("FATAL", str(error))
            sys.exit(1)
        except KeyboardInterrupt:
            sys.exit(130)  # as a shell says of a program that was interrupted

    def _prepare(
        self, transport: TransportName, margin: float | None, leftovers: LeftoverTasks
    ) -> Serve:
        """Load all that serving takes, while Lambda still grants the processor of the init phase."""
        function = self._function
        if function.streams_response:  # loaded now, used later
            from . import _response_stream  # noqa: F401

            if function.is_async:
                from . import _stream_transport  # noqa: F401
        if leftovers not in {"cancel", "keep"}:
            raise ValueError(f"leftover_tasks={leftovers!r}: cancel and keep exist")
        if transport not in {"auto", "socket", "stream", "aiohttp"}:
            raise ValueError(f"transport={transport!r}: auto, socket, stream and aiohttp exist")
        if transport in {"stream", "aiohttp"} or function.is_async:
            return self._asynchronous(transport, margin, leftovers)
        return self._blocking()

    def _blocking(self) -> Serve:
        from ._blocking_loop import serve
        from ._socket_transport import SocketTransport

        function, lifespan = self._function, self._lifespan

        def start(worker: Worker | None) -> NoReturn:
            try:
                if lifespan is not None:
                    function.state = lifespan.enter()
            except BaseException as error:  # noqa: BLE001 (a lifespan may raise anything)
                give_up(error, self._address, function.log)
            try:
                self._snapshot()
                life = self._listening(Life(), worker)
                start_to_collect()
                slot = worker.slots[0] if worker else None
                transport = SocketTransport(self._address, _HEADERS, life.wakeup())
                serve(transport, function, life, slot)
            finally:
                if lifespan is not None:
                    lifespan.exit(function.complain)

        return start

    def _asynchronous(
        self, transport: TransportName, margin: float | None, leftovers: LeftoverTasks
    ) -> Serve:
        import asyncio

        from ._asyncio_loop import Loop
        from ._session import SharedSession
        from ._tasks import Tasks

        function, lifespan = self._function, self._lifespan
        connect = self._connecting(transport)

        async def start(worker: Worker | None) -> None:
            tasks = Tasks(asyncio.get_running_loop())
            session = SharedSession()
            function.session = session.get
            try:
                if lifespan is not None:
                    function.state = await lifespan.enter_async()
            except BaseException as error:  # noqa: BLE001 (a lifespan may raise anything)
                give_up(error, self._address, function.log)
            try:
                await self._snapshot_async()
                start_to_collect()
                loop = Loop(function, margin, leftovers)
                if worker is None:
                    life = self._listening(Life(), worker)
                    wakeup = life.wakeup()
                    if wakeup is not None:  # the event loop's own waits may miss signals too
                        asyncio.get_running_loop().add_reader(wakeup, wakeup.read)

                    def idle() -> bool:
                        return not tasks.alive and not life.overruled()

                    await loop.serve(connect(idle, wakeup), life)
                else:
                    shared = self._listening(SharedLife(), worker)
                    transports = [connect(lambda: False, None) for _ in worker.slots]
                    await loop.serve_many(transports, shared, worker.slots)
            finally:
                if lifespan is not None:
                    await lifespan.exit_async(function.complain)
                await session.close()

        def serve(worker: Worker | None) -> NoReturn:
            if worker is None:
                interrupt_at_once()
            asyncio.run(start(worker))
            sys.exit(0)

        return serve

    def _connecting(
        self, transport: TransportName
    ) -> Callable[[Callable[[], bool], Wakeup | None], AsyncTransport]:
        """Load a transport, and return what opens a connection of it.

        It is told whether the event loop is idle, and may be blocked, and what wakes who blocks it.
        """
        address = self._address
        if transport == "aiohttp":
            from ._aiohttp_transport import AiohttpTransport

            return lambda _, __: AiohttpTransport(address, _HEADERS)
        # What blocks the event loop is for one invocation at a time.
        if transport == "stream" or self._function.is_concurrent:
            from ._stream_transport import StreamTransport

            return lambda _, __: StreamTransport(address, _HEADERS)
        from ._loop_socket_transport import LoopSocketTransport

        return lambda idle, wakeup: LoopSocketTransport(address, _HEADERS, idle, wakeup)

    def _snapshot(self) -> None:
        steps = self._snapshot_steps()
        if steps is not None:
            from ._snapstart import run_hooks

            run_hooks(steps)

    async def _snapshot_async(self) -> None:
        steps = self._snapshot_steps()
        if steps is not None:
            from ._snapstart import run_hooks_async

            await run_hooks_async(steps)

    def _snapshot_steps(self) -> Generator[Any, None, None] | None:
        if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") != "snap-start":
            return None
        from ._snapstart import snapshot
        from ._socket_transport import SocketTransport

        transport = SocketTransport(self._address, _HEADERS)
        return snapshot(transport, self._extension, self._function.log)

    def _listening(self, life: L, worker: Worker | None) -> L:
        """Let a life end at SIGTERM if anyone is to send it, or something has to be closed."""
        if worker is not None or self._lifespan is not None or self._graceful_shutdown:
            life.listen()
        return life

    def _pollers(self, concurrency: str | None) -> list[int] | None:
        """Return how many invocations each process serves at the same time; None is one process."""
        if concurrency is None:
            return None
        if not concurrency.isdecimal() or not int(concurrency):
            raise ValueError(f"AWS_LAMBDA_MAX_CONCURRENCY={concurrency!r} is no count")
        from ._workers import processes

        return processes(int(concurrency), asynchronous=self._function.is_async)

    def _supervise(self, pollers: list[int], serve: Serve) -> NoReturn:
        from ._socket_transport import SocketTransport
        from ._workers import supervise

        def work(worker: Worker) -> NoReturn:
            self._function.log = worker.log
            serve(worker)

        freeze()  # or each worker's first collection would make a copy of all that they share
        log = self._function.log
        supervise(pollers, work, log, SocketTransport(self._address, _HEADERS))


def give_up(error: BaseException, address: str, log: PlatformLog) -> NoReturn:
    """Report that the function cannot start, and end the process.

    Args:
        error: Why.
        address: ``host:port`` of the Runtime API.
        log: Where it is told.

    Raises:
        SystemExit: With code 1, or that of the error if it is one.
    """
    from ._blocking_loop import exchange
    from ._failure import Failure
    from ._runtime_api import delivering, init_error_call
    from ._socket_transport import SocketTransport

    failure = Failure(error)
    log.failure(failure.error)
    log.flush()
    call = init_error_call(failure.body, failure.error_type)
    try:
        exchange(SocketTransport(address, _HEADERS), call, delivering(call, log))
    except RuntimeAPIError as unreachable:
        log.write("FATAL", str(unreachable))
    sys.exit(error.code if isinstance(error, SystemExit) else 1)
