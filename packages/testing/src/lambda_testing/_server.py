"""A server in a thread of its own, and how other threads run work on its event loop."""

from __future__ import annotations

import asyncio
import socket
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from ._function import Function
    from ._served import ServedEnvironment

_T = TypeVar("_T")


class ServerThread:
    """Runtime APIs on one free port of the loopback interface, from creation until it is closed.

    Attributes:
        address: ``host:port``.
        served: The execution environments by the prefix of their paths; they belong to the thread.
    """

    def __init__(self, functions: Mapping[str, Function]) -> None:
        """Start to serve, and return when the server listens.

        Args:
            functions: The functions by the prefix of their paths, such as ``/orders``.

        Raises:
            OSError: The server cannot listen.
        """
        self._functions = functions
        self._started: Future[tuple[dict[str, ServedEnvironment], str]] = Future()
        self._lock = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="FakeRuntimeAPI", daemon=True)
        self._thread.start()
        self.served, self.address = self._started.result()

    def run(self, work: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
        """Run a coroutine on the server's event loop, and return its result.

        Args:
            work: Makes the coroutine.

        Raises:
            ConnectionAbortedError: The server was closed.
            Exception: The coroutine raised it.
        """
        # Callbacks scheduled under the lock run before the end of the loop, so they are sure to
        # finish.
        with self._lock:
            if self._closed:
                raise ConnectionAbortedError("this FakeRuntimeAPI was closed")
            result = asyncio.run_coroutine_threadsafe(work(), self._loop)
        return result.result()

    def close(self) -> None:
        """End the server and its connections."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:
            if self._started.done():
                raise
            self._started.set_exception(error)

    async def _serve(self) -> None:
        # aiohttp costs more to import than the rest of a small test.
        from aiohttp.web import SockSite

        from ._application import runner_of
        from ._served import ServedEnvironment

        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        served = {
            prefix: ServedEnvironment(function) for prefix, function in self._functions.items()
        }
        runner = runner_of(served)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            try:
                await runner.setup()
                await SockSite(runner, listener).start()
                host, port = listener.getsockname()
                self._started.set_result((served, f"{host}:{port}"))
                await self._stop.wait()
                # A server that closes while it accepts a connection fails in asyncio
                # (https://github.com/python/cpython/issues/109564): stop accepting first.
                self._loop.remove_reader(listener)
                await asyncio.sleep(0)
            finally:
                for environment in served.values():
                    environment.close()
                await runner.cleanup()
