"""Event sources under test: an emulator with one function, whose invocations are looked at."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from lambda_emulator import configure
from lambda_emulator._bus_events import Answered, Invoked
from lambda_emulator._log import Output
from lambda_emulator._project.description import EventSource, Place, Trigger
from lambda_emulator._server import EmulatorServer

from .conftest import FUNCTIONS, LIMIT, until

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from lambda_emulator._bus import Subscription

PLACE = Place(path=FUNCTIONS / "events.py")


def source(kind: Any, name: str, **options: Any) -> EventSource:
    return EventSource(kind=kind, source=name, function="events", place=PLACE, **options)


def trigger(kind: Any, name: str = "it", **options: Any) -> Trigger:
    return Trigger(kind=kind, name=name, function="events", place=PLACE, **options)


class Watched:
    """A server, and what its function is invoked with."""

    def __init__(self, server: EmulatorServer, subscription: Subscription) -> None:
        self.server = server
        self.messages: list[str] = []
        self._subscription = subscription
        self._begun: dict[str, dict[str, Any]] = {}
        self._events: list[dict[str, Any]] = []

    async def event(self, of: str = "") -> dict[str, Any]:
        """Wait for the next event that has been answered, of a source by the end of its ARN."""
        while True:
            for event in self._events:
                if not of or _arn(event).endswith(of):
                    self._events.remove(event)
                    return event
            for each in await self._subscription.take():
                if isinstance(each, Invoked):
                    self._begun[each.request_id] = json.loads(each.event)
                elif isinstance(each, Answered):
                    self._events.append(self._begun[each.request_id])

    async def texts(self, count: int, of: str = "") -> list[str]:
        """Wait for events of queues; return the bodies of all their messages."""
        found: list[str] = []
        while len(found) < count:
            found += [record["body"] for record in (await self.event(of))["Records"]]
        return found

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for something of which no event tells."""
        await asyncio.to_thread(until, condition)


def _arn(event: Any) -> str:
    if not isinstance(event, dict):
        return ""
    records = event.get("Records") or [event]
    return str(records[0].get("eventSourceARN", ""))


@asynccontextmanager
async def watched(*described: EventSource | Trigger) -> AsyncGenerator[Watched]:
    """Serve the function, and run event sources for it."""
    config = configure(FUNCTIONS / "events.py", "events", timeout=20)
    server = EmulatorServer([config], Output(lambda _: None), port=0)
    async with asyncio.timeout(LIMIT), server:
        with server.bus.subscribe() as subscription:
            found = Watched(server, subscription)
            sources = [each for each in described if isinstance(each, EventSource)]
            triggers = [each for each in described if isinstance(each, Trigger)]
            running = asyncio.create_task(
                server.sources.run(sources, triggers, found.messages.append)
            )
            await asyncio.sleep(0)
            try:
                yield found
            finally:
                running.cancel()
                await asyncio.wait({running})
