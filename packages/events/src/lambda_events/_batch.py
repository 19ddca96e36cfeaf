"""Batches whose records may fail one by one.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from __future__ import annotations

from .streams import BatchItemFailuresResponse

TYPE_CHECKING = False
if not TYPE_CHECKING:

    def overload(function: object) -> object:
        """Stand in for typing's, which only means something to type checkers."""
        return function

else:
    from typing import overload

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator
    from types import TracebackType
    from typing import Any

    from ._typing import K, T, V
    from .dynamodb import DynamoDBEvent, DynamoDBRecord
    from .kafka import KafkaEvent, KafkaRecord
    from .kinesis import KinesisEvent, KinesisRecord
    from .sqs import SQSEvent, SQSRecord

    OnFailure = Callable[[Any, Exception], object] | None


class _Item:
    """A record of a batch.

    Attributes:
        record: The record.
        place: The place in the batch.
        identifier: The identifier for the response.
        lane: Records of one lane come one after the other; those of others may come between them.
        scope: A failure makes Lambda send the later records of its scope again.
    """

    __slots__ = ("identifier", "lane", "place", "record", "scope")

    def __init__(
        self, record: Any, place: int, identifier: Any, lane: Hashable, scope: Hashable
    ) -> None:
        self.record = record
        self.place = place
        self.identifier = identifier
        self.lane = lane
        self.scope = scope


_PACKAGE = __file__.rpartition("/")[0] + "/"


def _without_ours(trace: TracebackType | None) -> TracebackType | None:
    """Return a traceback without the frames of this package, which say nothing about a record."""
    frames: list[TracebackType] = []
    while trace is not None:
        if not trace.tb_frame.f_code.co_filename.startswith(_PACKAGE):
            frames.append(trace)
        trace = trace.tb_next
    kept: TracebackType | None = None
    for each in reversed(frames):
        kept = type(each)(kept, each.tb_frame, each.tb_lasti, each.tb_lineno)
    return kept


class _Batch:
    """The state of a batch, for as long as its invocation lasts."""

    def __init__(self, event: Any, on_failure: OnFailure) -> None:
        self._items, self._first_only = _items(event)
        self._on_failure = on_failure
        self._first_failures: dict[Hashable, int] = {}

    def due(self) -> Iterator[_Item]:
        """List the records that no failure has put off, as they come due."""
        return filter(self.is_due, self._items)

    def is_due(self, item: _Item) -> bool:
        """Return True if no failure has put a record off."""
        return item.place < self._first_failures.get(item.scope, len(self._items))

    def lanes(self) -> list[list[_Item]]:
        """Return the records of each lane."""
        lanes: dict[Hashable, list[_Item]] = {}
        for item in self._items:
            lanes.setdefault(item.lane, []).append(item)
        return [*lanes.values()]

    def fail(self, item: _Item, error: Exception) -> None:
        """Record a failure, and log it: nobody else would."""
        earlier = self._first_failures.get(item.scope, item.place)
        self._first_failures[item.scope] = min(earlier, item.place)
        if self._on_failure is not None:
            self._on_failure(item.record, error)
            return
        from logging import getLogger

        error.__traceback__ = _without_ours(error.__traceback__)
        getLogger("lambda_events").error(
            "record %s failed; Lambda is asked to retry it", item.identifier, exc_info=error
        )

    def response(self) -> BatchItemFailuresResponse:
        """Return what the function returns."""
        firsts = self._first_failures
        return BatchItemFailuresResponse.of(
            item.identifier
            for item in self._items
            if item.scope in firsts
            and (
                item.place == firsts[item.scope]
                or (not self._first_only and item.place > firsts[item.scope])
            )
        )


def _numbered(
    records: Iterable[Any], describe: Callable[[Any, int], tuple[Any, Hashable, Hashable]]
) -> list[_Item]:
    """List records; a batch with one that cannot be named fails before any is processed."""
    from .errors import EventDecodeError, describe as in_words

    items: list[_Item] = []
    for place, record in enumerate(records):
        try:
            identifier, lane, scope = describe(record, place)
        except AttributeError:
            identifier = lane = scope = None  # a record, or a part of it, is not an object
        if not identifier:
            raise EventDecodeError(
                type(record).__name__, "", "an identifier to report it by", in_words(identifier)
            )
        items.append(_Item(record, place, identifier, lane, scope))
    return items


def _sqs(record: Any, place: int) -> tuple[Any, Hashable, Hashable]:
    arn = record.event_source_arn
    if isinstance(arn, str) and arn.endswith(".fifo"):
        group = record.attributes.message_group_id
        return record.message_id, group, group
    return record.message_id, place, place


def _kinesis(record: Any, _place: int) -> tuple[Any, Hashable, Hashable]:
    return record.kinesis.sequence_number, record.kinesis.partition_key, None


def _dynamodb(record: Any, _place: int) -> tuple[Any, Hashable, Hashable]:
    change = record.dynamodb
    return change.sequence_number, repr(change.keys), None


def _kafka(record: Any, _place: int) -> tuple[Any, Hashable, Hashable]:
    partition = f"{record.topic}-{record.partition}"
    return {"partition": partition, "offset": record.offset}, partition, partition


# By name: to import the other triggers' models would cost more than most batches do. The flag says
# whether a scope's first failure is all that Lambda needs: it reads a shard again from there on.
_TRIGGERS: dict[str, tuple[Callable[[Any, int], tuple[Any, Hashable, Hashable]], bool]] = {
    "SQSEvent": (_sqs, False),
    "KinesisEvent": (_kinesis, True),
    "DynamoDBEvent": (_dynamodb, True),
    "KafkaEvent": (_kafka, False),
}


def _items(event: Any) -> tuple[list[_Item], bool]:
    """List the records of an event, and return whether only first failures are reported."""
    for cls in type(event).__mro__:
        if cls.__name__ in _TRIGGERS and cls.__module__.startswith(f"{__package__}."):
            describe, first_only = _TRIGGERS[cls.__name__]
            records = event.all_records if describe is _kafka else event.records
            return _numbered(records, describe), first_only
    raise TypeError(
        "process_batch takes an SQSEvent, KinesisEvent, DynamoDBEvent or KafkaEvent,"
        f" not {type(event).__name__}: the other triggers have no partial failures"
    )


@overload
def process_batch(
    event: SQSEvent[T], handler: Callable[[SQSRecord[T]], object], *, on_failure: OnFailure = None
) -> BatchItemFailuresResponse: ...
@overload
def process_batch(
    event: KinesisEvent[T],
    handler: Callable[[KinesisRecord[T]], object],
    *,
    on_failure: OnFailure = None,
) -> BatchItemFailuresResponse: ...
@overload
def process_batch(
    event: DynamoDBEvent[T],
    handler: Callable[[DynamoDBRecord[T]], object],
    *,
    on_failure: OnFailure = None,
) -> BatchItemFailuresResponse: ...
@overload
def process_batch(
    event: KafkaEvent[K, V],
    handler: Callable[[KafkaRecord[K, V]], object],
    *,
    on_failure: OnFailure = None,
) -> BatchItemFailuresResponse: ...
def process_batch(
    event: Any, handler: Callable[[Any], object], *, on_failure: OnFailure = None
) -> BatchItemFailuresResponse:
    """Process the records of a batch, so that only those that fail come again.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html

    The trigger must have ``ReportBatchItemFailures`` on. Order is kept where the source has one:
    after a failure, later messages of the same group of a FIFO queue, later records of the shard,
    and later records of the same partition of a topic are left for the next time.

    Args:
        event: The event.
        handler: Called with each record. An exception marks the record as failed; so does a payload
            that is not of the declared type. Its result is not used.
        on_failure: Called with a record and its exception, instead of logging them with
            ``logging.getLogger("lambda_events")``. An exception from it fails the whole batch.

    Returns:
        The response, with the records that failed. A function with a tumbling window puts its
        ``batch_item_failures`` into a `TimeWindowResponse`.

    Raises:
        EventDecodeError: A record has no identifier to report it by; none was processed.
        TypeError: The event has no partial failures, or the handler is async; see
            `process_batch_async`.
    """
    batch = _Batch(event, on_failure)
    for item in batch.due():
        try:
            result = handler(item.record)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this record's failure
            batch.fail(item, error)
        else:
            if hasattr(result, "__await__"):
                close = getattr(result, "close", None)
                if close is not None:
                    close()  # a coroutine that is dropped would warn
                raise TypeError(
                    "process_batch got an async handler: use await process_batch_async(...)"
                )
    return batch.response()


@overload
async def process_batch_async(
    event: SQSEvent[T],
    handler: Callable[[SQSRecord[T]], object],
    *,
    concurrency: int = 10,
    on_failure: OnFailure = None,
) -> BatchItemFailuresResponse: ...
@overload
async def process_batch_async(
    event: KinesisEvent[T],
    handler: Callable[[KinesisRecord[T]], object],
    *,
    concurrency: int = 10,
    on_failure: OnFailure = None,
) -> BatchItemFailuresResponse: ...
@overload
async def process_batch_async(
    event: DynamoDBEvent[T],
    handler: Callable[[DynamoDBRecord[T]], object],
    *,
    concurrency: int = 10,
    on_failure: OnFailure = None,
) -> BatchItemFailuresResponse: ...
@overload
async def process_batch_async(
    event: KafkaEvent[K, V],
    handler: Callable[[KafkaRecord[K, V]], object],
    *,
    concurrency: int = 10,
    on_failure: OnFailure = None,
) -> BatchItemFailuresResponse: ...
async def process_batch_async(
    event: Any,
    handler: Callable[[Any], Any],
    *,
    concurrency: int = 10,
    on_failure: OnFailure = None,
) -> BatchItemFailuresResponse:
    """Process the records of a batch as `process_batch` does, several at a time.

    Records that have an order are processed one after the other: messages of one group of a FIFO
    queue, records of one partition key, changes of one item, records of one partition of a topic.

    Args:
        event: The event.
        handler: A function that processes a record, async or not; see `process_batch`.
        concurrency: The number of records that are processed at a time, at most.
        on_failure: See `process_batch`.

    Returns:
        The response, with the records that failed.

    Raises:
        EventDecodeError: A record has no identifier to report it by; none was processed.
        ExceptionGroup: ``on_failure`` raised.
        TypeError: The event has no partial failures.
        ValueError: The concurrency is less than one.
    """
    from asyncio import CancelledError, TaskGroup, current_task

    if concurrency < 1:
        raise ValueError(f"concurrency is {concurrency}; it must be 1 or more")
    batch = _Batch(event, on_failure)
    lanes = batch.lanes()
    waiting = iter(lanes)

    async def work() -> None:
        for lane in waiting:  # every worker takes the next lane that nobody has
            for item in filter(batch.is_due, lane):
                try:
                    result = handler(item.record)
                    if hasattr(result, "__await__"):
                        await result
                except CancelledError as error:
                    task = current_task()
                    if task is None or task.cancelling():
                        raise
                    # Not this batch, but something that the handler waited for was cancelled. Left
                    # alone, it would end this worker without a word, and its records with it.
                    failure = RuntimeError("what the handler waited for was cancelled")
                    failure.__cause__ = error
                    batch.fail(item, failure)
                except Exception as error:  # noqa: BLE001 - it is this record's failure
                    batch.fail(item, error)

    async with TaskGroup() as workers:
        for _ in range(min(concurrency, len(lanes))):
            workers.create_task(work())
    return batch.response()
