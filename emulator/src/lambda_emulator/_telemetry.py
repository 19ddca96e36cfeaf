"""The Telemetry API: the output of Lambda and the function, sent to extensions that ask for it.

https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api.html
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit, urlunsplit

import aiohttp

from . import _platform
from ._platform import PlatformRecord

Source = Literal["platform", "function"]
_EARLY = 1000  # events that are kept for those who subscribe after they happened


@dataclass(eq=False, repr=False)
class _Subscription:
    """A destination of telemetry, and the events that wait for it."""

    url: str
    types: frozenset[str]
    max_items: int
    seconds: float
    waiting: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    full: asyncio.Event = field(default_factory=asyncio.Event)
    sent: asyncio.Event = field(default_factory=asyncio.Event)


class Telemetry:
    """Sends the telemetry of one environment.

    Attributes:
        wanted: True if anyone gets the current events, or may still ask for them.
    """

    def __init__(self, write: Callable[[PlatformRecord], object]) -> None:
        """Begin without subscriptions.

        Args:
            write: Writes the record of a subscription.
        """
        self.wanted = True
        self._write = write
        self._early: list[tuple[Source, dict[str, Any]]] | None = []
        self._subscriptions: list[_Subscription] = []
        self._tasks: list[asyncio.Task[None]] = []

    def subscribe(self, name: str, request: dict[str, Any]) -> None:
        """Begin to send to an extension, what it has missed included.

        Args:
            name: The extension's name.
            request: The request, as JSON has it.

        Raises:
            ValueError: It asks for what is not there.
            LookupError: It does not say where to send, or what.
        """
        destination, types = request["destination"], [str(kind) for kind in request["types"]]
        if destination.get("protocol") != "HTTP":
            raise ValueError("the protocol of the destination must be HTTP")
        buffering = request.get("buffering") or {}
        subscription = _Subscription(
            url=_local(destination["URI"]),
            types=frozenset(types),
            max_items=int(buffering.get("maxItems", 10_000)),
            seconds=int(buffering.get("timeoutMs", 1_000)) / 1000,
        )
        self._subscriptions.append(subscription)
        self.wanted = True
        for source, event in self._early or ():
            _add(subscription, source, event)
        self._tasks.append(asyncio.create_task(_deliver(subscription)))
        self._write(_platform.telemetry_subscription(name, types))

    def send(self, source: Source, event: dict[str, Any]) -> None:
        """Send an event to those that asked for such events.

        Args:
            source: The source of the message.
            event: The event as JSON has it.
        """
        if self._early is not None and len(self._early) < _EARLY:
            self._early.append((source, event))
        for subscription in self._subscriptions:
            _add(subscription, source, event)

    def send_output(self, data: bytes) -> None:
        """Send output of the function, by lines.

        Args:
            data: Any bytes.
        """
        time = _platform.now()
        for line in data.decode(errors="replace").splitlines(keepends=True):
            self.send("function", {"time": time, "type": "function", "record": line})

    def end_init(self) -> None:
        """Keep no more for those who subscribe late: extensions do so while they start."""
        self._early = None
        self.wanted = bool(self._subscriptions)

    async def flush(self, seconds: float) -> None:
        """Send the events that wait.

        Args:
            seconds: The longest wait for those who get it.
        """
        for subscription in self._subscriptions:
            subscription.full.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                for subscription in self._subscriptions:
                    await subscription.sent.wait()

    async def clear(self) -> None:
        """Forget the subscriptions of a process that has ended, and all that it has sent."""
        await self.close()
        self._early = []
        self.wanted = True

    async def close(self) -> None:
        """Send no more."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._tasks.clear()
        self._subscriptions.clear()


def _add(subscription: _Subscription, source: Source, event: dict[str, Any]) -> None:
    if source in subscription.types:
        subscription.waiting.append(event)
        subscription.sent.clear()
        if len(subscription.waiting) >= subscription.max_items:
            subscription.full.set()


async def _deliver(subscription: _Subscription) -> None:
    """Post the events that wait, when they are enough or old enough."""
    async with aiohttp.ClientSession() as session:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(subscription.seconds):
                    await subscription.full.wait()
            batch, subscription.waiting = subscription.waiting, []
            subscription.full.clear()
            if batch:
                # An extension that does not listen loses it, as on Lambda.
                with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                    async with session.post(subscription.url, json=batch) as response:
                        await response.read()
            if not subscription.waiting:
                subscription.sent.set()


def _local(uri: str) -> str:
    """Return the address of a listener, which may have Lambda's own name for this machine."""
    parts = urlsplit(uri)
    if parts.hostname in {"sandbox", "sandbox.localdomain"}:
        parts = parts._replace(netloc=f"127.0.0.1:{parts.port or 80}")
    return urlunsplit(parts)
