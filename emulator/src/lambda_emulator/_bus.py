"""Passes on live what happens in the emulator, to all that listen: a page in a browser, a test.

Everything belongs to one event loop, and nothing is safe for other threads.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager

from ._history import History
from ._report import BusEvent

_MAX_EVENTS = 4096  # that wait for a listener
_MAX_BYTES = 16 << 20


class Ended(Exception):
    """No more events come: the listener was too slow for them, or the emulator stops."""


class Subscription:
    """The events that wait for one listener, bounded in number and in bytes."""

    def __init__(self) -> None:
        self._events: deque[BusEvent] = deque()
        self._bytes = 0
        self._ended = False
        self._changed = asyncio.Event()

    def put(self, event: BusEvent) -> None:
        """Add an event; when too many wait, all are given up.

        Args:
            event: The event.
        """
        if self._ended:
            return
        self._events.append(event)
        self._bytes += _size(event)
        if len(self._events) > _MAX_EVENTS or self._bytes > _MAX_BYTES:
            self.end()
        self._changed.set()

    def end(self) -> None:
        """Give up what waits, and let the listener know."""
        self._ended = True
        self._events.clear()
        self._changed.set()

    async def take(self) -> list[BusEvent]:
        """Wait for events.

        Returns:
            All that wait, at least one, oldest first.

        Raises:
            Ended: No more come.
        """
        await self._changed.wait()
        if self._ended:
            raise Ended
        self._changed.clear()
        events = list(self._events)
        self._events.clear()
        self._bytes = 0
        return events


class Bus:
    """Passes events on to all that listen at the time.

    Attributes:
        heard: True if anyone listens.
        history: The invocations that run, and the newest that have ended.
        on_subscribe: Called when a listener is added.
    """

    def __init__(self, history: History | None = None) -> None:
        """Begin without listeners.

        Args:
            history: The events of the past; none by default.
        """
        self.heard = False
        self.history = History() if history is None else history
        self.on_subscribe: set[Callable[[], object]] = set()
        self._subscriptions: list[Subscription] = []

    def publish(self, event: BusEvent) -> None:
        """Pass an event to all that listen.

        Args:
            event: The event.
        """
        for subscription in self._subscriptions:
            subscription.put(event)

    def end(self) -> None:
        """Let all listeners go: the emulator stops."""
        for subscription in self._subscriptions:
            subscription.end()

    @contextmanager
    def subscribe(self) -> Generator[Subscription]:
        """Listen, from entering the context to leaving it.

        Yields:
            The events from now on. The history has those from before.
        """
        subscription = Subscription()
        self._subscriptions.append(subscription)
        self.heard = True
        for callback in self.on_subscribe:
            callback()
        try:
            yield subscription
        finally:
            self._subscriptions.remove(subscription)
            self.heard = bool(self._subscriptions)


def _size(event: BusEvent) -> int:
    return sum(len(value) for value in vars(event).values() if isinstance(value, bytes))
