"""The pieces of a response as they come: written by one thread, awaited by any."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future

from ._outcome import Chunk


class ChunkLog:
    """Chunks in the order of arrival. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._chunks: list[Chunk] = []
        self._waiting: list[tuple[int, Future[Chunk]]] = []
        self._end: Exception | None = None

    @property
    def seen(self) -> tuple[Chunk, ...]:
        """What has arrived."""
        with self._lock:
            return tuple(self._chunks)

    def add(self, data: bytes, size: int) -> None:
        """Note that a chunk is here; one that comes after the end is not noted.

        Args:
            data: Its bytes; none if they are not kept.
            size: How many bytes it has.
        """
        with self._lock:
            if self._end is None:
                self._chunks.append(Chunk(data, size, time.monotonic()))
                self._tell()

    def end(self, reason: Exception) -> None:
        """Note that no more will come.

        Args:
            reason: What those get who wait for more.
        """
        with self._lock:
            self._end = reason
            self._tell()

    def get(self, index: int) -> Future[Chunk]:
        """Ask for a chunk.

        Args:
            index: Its place, from 0.

        Returns:
            A future for the chunk, or for the reason why it will not come.
        """
        future: Future[Chunk] = Future()
        with self._lock:
            self._waiting.append((index, future))
            self._tell()
        return future

    def _tell(self) -> None:
        still: list[tuple[int, Future[Chunk]]] = []
        for index, future in self._waiting:
            here = index < len(self._chunks)
            if not here and self._end is None:
                still.append((index, future))
            elif not future.set_running_or_notify_cancel():
                pass  # who waited has given up
            elif here:
                future.set_result(self._chunks[index])
            else:
                future.set_exception(self._end)
        self._waiting = still
