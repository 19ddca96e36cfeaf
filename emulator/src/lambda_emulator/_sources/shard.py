"""The records of a shard: in order, in batches, again where they fail, and given up in the end.

https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-errors.html
"""

import asyncio
import time
import zlib
from collections.abc import Sequence

from lambda_emulator._destination import Destination
from lambda_emulator._invocation import EmulatedInvocation

from .batch_failure import send_failure
from .mapping import EventSourceMapping, split_batch
from .record import Record
from .window import TumblingWindow

_FIRST_PAUSE = 0.1  # seconds before a batch is tried again; each later pause is twice as long
_LONGEST_PAUSE = 10.0


class ShardProcessor:
    """Hands the records of a shard to the function."""

    def __init__(
        self, mapping: EventSourceMapping, shard: str, on_failure: Destination | None
    ) -> None:
        """Begin without records.

        Args:
            mapping: The stream and the function.
            shard: The id of the shard.
            on_failure: The destination of the record of a batch that is given up, or None.
        """
        self._mapping = mapping
        self._shard = shard
        self._on_failure = on_failure
        self._window: TumblingWindow | None = None

    async def process(self, records: Sequence[Record], size: int) -> None:
        """Invoke the function with records, until all are done with.

        Args:
            records: The records, in order.
            size: The number of records that a batch may have.
        """
        source = self._mapping.source
        if source.tumbling_window:
            await self._process_windows(records, size)
            return
        # Records with the same key stay in order: they are in the same lane.
        lanes: dict[int, list[Record]] = {}
        for record in records:
            lane = zlib.crc32(record.key.encode()) % source.parallelization
            lanes.setdefault(lane, []).append(record)
        async with asyncio.TaskGroup() as tasks:
            for lane_records in lanes.values():
                tasks.create_task(self._process_in_order(lane_records, size))

    async def close_window(self, now: float | None = None) -> None:
        """End the tumbling window that is open, if there is one.

        Args:
            now: Only if the window has ended by this time; None for in any case.
        """
        window = self._window
        if window is None or (now is not None and now < window.end):
            return
        self._window = None
        _ = await self._mapping.invoke(window.event([], final=True))

    async def _process_windows(self, records: Sequence[Record], size: int) -> None:
        seconds = self._mapping.source.tumbling_window
        rest = list(records)
        while rest:
            window = self._window
            if window is None:
                arn = rest[0].event["eventSourceARN"]
                window = TumblingWindow(self._shard, arn, seconds, rest[0].arrival)
                self._window = window
            batch = [each for each in rest[:size] if each.arrival < window.end]
            rest = rest[len(batch) :]
            if batch:
                await self._process_in_order(batch, size)
            if window.ends_early or (rest and rest[0].arrival >= window.end):
                await self.close_window()

    async def _process_in_order(self, records: Sequence[Record], size: int) -> None:
        for batch in split_batch(records, size):
            await self._process_batch(batch, self._mapping.source.max_retries, 0)

    async def _process_batch(self, batch: Sequence[Record], retries: int, attempts: int) -> None:
        """Try until the batch succeeds, or may not be tried again."""
        source = self._mapping.source
        pause = _FIRST_PAUSE
        invocation: EmulatedInvocation | None = None
        while True:
            batch = await self._discard_aged(batch, attempts, invocation)
            if not batch:
                return
            invocation = await self._invoke(batch)
            attempts += 1
            failed = self._mapping.conclude(invocation, {each.item_id for each in batch})
            if not failed:
                return
            # Records after the first failure are tried again, too.
            whole = len(failed) == len(batch)
            first = next(i for i, each in enumerate(batch) if each.item_id in failed)
            batch = batch[first:]
            if source.bisect and whole and len(batch) > 1:
                middle = len(batch) // 2
                await self._process_batch(batch[:middle], retries, attempts)
                await self._process_batch(batch[middle:], retries, attempts)
                return
            if retries == 0:
                await self._discard(batch, "RetryAttemptsExhausted", attempts, invocation)
                return
            retries -= retries > 0
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _invoke(self, batch: Sequence[Record]) -> EmulatedInvocation:
        records = [record.event for record in batch]
        if self._window is None:
            return await self._mapping.invoke({"Records": records})
        invocation = await self._mapping.invoke(self._window.event(records))
        if not invocation.is_error:
            self._window.keep_state(invocation.payload)
        return invocation

    async def _discard_aged(
        self, batch: Sequence[Record], attempts: int, invocation: EmulatedInvocation | None
    ) -> Sequence[Record]:
        """Give up the records that are too old, and return the others."""
        age = self._mapping.source.max_record_age
        if age < 0:
            return batch
        oldest = time.time() - age
        aged = [record for record in batch if record.arrival < oldest]
        if aged:
            await self._discard(aged, "RecordAgeExceeded", attempts, invocation)
        return [record for record in batch if record.arrival >= oldest]

    async def _discard(
        self,
        records: Sequence[Record],
        condition: str,
        attempts: int,
        invocation: EmulatedInvocation | None,
    ) -> None:
        self._mapping.status.discarded += len(records)
        if self._on_failure is not None:
            await send_failure(
                self._on_failure,
                self._mapping,
                self._shard,
                records,
                condition,
                attempts,
                invocation,
            )
