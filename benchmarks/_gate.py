"""A gate that a streaming function passes before each chunk: it times the chunk's arrival.

The next chunk is let go when the last one has arrived. So a run in which a runtime held a chunk
back, to send it with the next, would not end.
"""

from __future__ import annotations

import socket
import time
from threading import Event, Thread
from typing import Self


class Gate:
    """Listens on a port of its own; the functions find it in the environment variable ``GATE``."""

    def __init__(self) -> None:
        self.first_seconds: list[float] = []
        """From letting the first chunk of an invocation go to its arrival; one an invocation."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._opened = 0.0
        self._is_first = False
        self._arrived = Event()
        Thread(target=self._attend, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    @property
    def port(self) -> int:
        """The port on the loopback interface."""
        port: int = self._listener.getsockname()[1]
        return port

    def arrived(self) -> None:
        """Take note that a chunk has arrived."""
        now = time.perf_counter()
        if self._is_first:
            self.first_seconds.append(now - self._opened)
            self._is_first = False
        self._arrived.set()

    def _attend(self) -> None:
        while True:
            try:
                function, _ = self._listener.accept()
            except OSError:  # the run is over
                return
            function.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with function:
                self._is_first = True
                while function.recv(1):  # it is about to yield
                    self._arrived.clear()
                    self._opened = time.perf_counter()
                    function.sendall(b"!")
                    self._arrived.wait()
