"""Polling a stream with shards: all of them, each from its place, children after their parents."""

import asyncio
import time
from typing import NamedTuple, Protocol

from lambda_emulator._destination import Destination, parse_destination

from .mapping import EventSourceMapping, ExpiredError
from .record import Record
from .shard import ShardProcessor

_IDLE_SECONDS = 0.25  # between two calls that give nothing; a shard takes five calls a second
_LIST_SECONDS = 2.0  # between two looks at the shards of a stream
_BATCH = 100
_MAX_RECORDS = 1000  # of a call, for streams of DynamoDB


class Shard(NamedTuple):
    """A shard of a stream.

    Attributes:
        id: The id.
        parents: The ids of the shards that it continues.
        closed: True if no more records come to it.
    """

    id: str
    parents: tuple[str, ...]
    closed: bool


class Page(NamedTuple):
    """Records of a shard.

    Attributes:
        records: The records, in order.
        iterator: The position of the following records, or None at the end of the shard.
        lag: The seconds between the page and the newest record; None if that is unknown.
    """

    records: list[Record]
    iterator: str | None
    lag: float | None


class Stream(Protocol):
    """The differences between the services that have streams."""

    async def shards(self) -> list[Shard]:
        """Return all shards that there are."""
        ...

    async def iterator(self, shard: str, *, after: str | None, newest: bool) -> str:
        """Return the iterator for a place in a shard.

        Args:
            shard: The id of the shard.
            after: The sequence number of the record before it, or None.
            newest: Without such a record: whether only new records count.
        """
        ...

    async def read(self, shard: str, iterator: str, limit: int) -> Page:
        """Return records.

        Args:
            shard: The id of the shard.
            iterator: The position of the records.
            limit: The number of records, at most.

        Raises:
            ExpiredError: The iterator has expired.
        """
        ...


async def poll_stream(mapping: EventSourceMapping, stream: Stream) -> None:
    """Poll a stream forever.

    Args:
        mapping: The stream and the function.
        stream: The same as its service has it.
    """
    target = mapping.source.on_failure
    on_failure = parse_destination(target) if target else None
    newest = mapping.source.starting_position == "LATEST"
    done: set[str] = set()
    readers: dict[str, _ShardReader] = {}
    running: dict[asyncio.Task[None], str] = {}
    is_first = True
    async with asyncio.TaskGroup() as tasks:
        while True:
            shards = await stream.shards()
            known = {shard.id for shard in shards}
            for shard in shards:
                if shard.id in readers:
                    readers[shard.id].closed = shard.closed
                if is_first and newest and shard.closed:
                    done.add(shard.id)  # nothing new comes to it
                waits = any(each in known and each not in done for each in shard.parents)
                if shard.id in readers or shard.id in done or waits:
                    continue
                # Shards that come later have nothing in them that is not new.
                reader = _ShardReader(mapping, stream, shard.id, on_failure)
                task = tasks.create_task(reader.run(newest=newest and is_first))
                readers[shard.id], running[task] = reader, shard.id
            is_first = False
            if not running:
                await asyncio.sleep(_LIST_SECONDS)
                continue
            first = asyncio.FIRST_COMPLETED
            ended, _ = await asyncio.wait(running, timeout=_LIST_SECONDS, return_when=first)
            done |= {running.pop(task) for task in ended}


class _ShardReader:
    def __init__(
        self,
        mapping: EventSourceMapping,
        stream: Stream,
        shard: str,
        on_failure: Destination | None,
    ) -> None:
        self._mapping = mapping
        self._stream = stream
        self._shard = shard
        self._processor = ShardProcessor(mapping, shard, on_failure)
        self._size = mapping.source.batch_size or _BATCH
        self.closed = False

    async def run(self, *, newest: bool) -> None:
        """Read the shard to its end, which may never come."""
        source = self._mapping.source
        iterator: str | None = await self._stream.iterator(self._shard, after=None, newest=newest)
        waiting: list[Record] = []
        last: str | None = None
        wanted = self._size * max(source.parallelization, 1)
        deadline = 0.0
        now = asyncio.get_running_loop().time
        while iterator is not None:
            try:
                limit = min(wanted - len(waiting), _MAX_RECORDS)
                page = await self._stream.read(self._shard, iterator, limit)
            except ExpiredError:
                iterator = await self._stream.iterator(self._shard, after=last, newest=False)
                continue
            iterator = page.iterator
            if self.closed and not page.records and not page.lag:
                iterator = None  # moto never says that a shard is at its end
            if page.records:
                last = page.records[-1].item_id
                admitted = self._mapping.admit(page.records)
                if not waiting:
                    deadline = now() + source.window
                waiting += admitted
            self._note_lag(page)
            is_due = len(waiting) >= wanted or now() >= deadline or iterator is None
            if waiting and is_due:
                batch, waiting = waiting, []
                await self._processor.process(batch, self._size)
            await self._processor.close_window(time.time())
            if not page.records and iterator is not None:
                await asyncio.sleep(_IDLE_SECONDS)
        await self._processor.close_window()

    def _note_lag(self, page: Page) -> None:
        lag = page.lag
        if lag is None:
            lag = max(0.0, time.time() - page.records[-1].arrival) if page.records else 0.0
        self._mapping.status.lag = round(lag, 3)
