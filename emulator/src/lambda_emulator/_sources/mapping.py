"""An event source mapping at work: what the pollers of all kinds of sources share.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html
"""

import asyncio
import json
import uuid
from collections.abc import Callable, Collection, Sequence
from typing import Any

from lambda_emulator._blocking import in_thread
from lambda_emulator._invocation import EmulatedInvocation, ExecutionOptions, Throttled
from lambda_emulator._limits import MAX_SYNCHRONOUS_EXECUTION
from lambda_emulator._project.description import EventSource
from lambda_emulator._service import FunctionService

from .clients import Clients
from .filters import compile_filters
from .partial_failure import failed_items
from .record import Record
from .status import Batch, SourceStatus

_PAUSE_SECONDS = 1.0  # after a failure to reach a source
_MAX_BATCH_BYTES = 6_000_000  # Lambda takes 6 MiB, in which the batch has an envelope
_NOUNS = {"sqs": "queue", "kafka": "topic"}


class EventSourceMapping:
    """A source, the function that gets its records, and how both are doing.

    Attributes:
        source: The description of the source.
        service: The function.
        clients: Clients of AWS's services.
        status: The state of the source.
        uuid: The id of the mapping.
        matches: Returns whether the function gets a record.
        region: The region of the source.
    """

    def __init__(
        self,
        source: EventSource,
        service: FunctionService,
        clients: Clients,
        say: Callable[[str], object],
    ) -> None:
        """Prepare to poll a source.

        Args:
            source: The description of the source.
            service: The function.
            clients: Clients of AWS's services.
            say: Called with a message when the source cannot be reached.

        Raises:
            PatternError: A filter is not valid.
        """
        self.source = source
        self.service = service
        self.clients = clients
        self.uuid = str(uuid.uuid4())
        self.matches = compile_filters(source.kind, source.filters)
        self.status = SourceStatus(source.kind, source.source, service.function.name)
        self.region = service.function.region
        if source.source.startswith("arn:"):
            self.region = source.source.split(":")[3] or self.region
        self._say = say

    async def call(self, function: Callable[..., Any], **options: Any) -> Any:
        """Call a service until it answers; a failure is logged once.

        Args:
            function: A method of a client of boto3.
            **options: The arguments.

        Returns:
            The answer.

        Raises:
            ExpiredError: The iterator of a shard has expired, or what it points at has.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        while True:
            try:
                answer = await in_thread(function, **options)
            except (BotoCoreError, ClientError) as error:
                if isinstance(error, ClientError) and _is_expired(error):
                    raise ExpiredError(str(error)) from None
                self.note_unreachable(str(error))
                await asyncio.sleep(_PAUSE_SECONDS)
            else:
                self.note_reached()
                return answer

    def note_unreachable(self, reason: str) -> None:
        """Note, and say, that the source cannot be reached.

        Args:
            reason: The reason.
        """
        if reason != self.status.error:
            noun = _NOUNS.get(self.source.kind, "stream")
            self._say(f"The {noun} {self.status.source} cannot be reached: {reason}")
        self.status.state, self.status.error = "unreachable", reason

    def note_reached(self) -> None:
        """Note that the source has answered."""
        self.status.error = ""
        if self.status.state in {"starting", "unreachable"}:
            self.status.state = "polling"

    def admit(self, records: Sequence[Record]) -> list[Record]:
        """Count records that have come, and return those that the function gets.

        Args:
            records: The records.
        """
        admitted = [record for record in records if self.matches(record)]
        self.status.received += len(records)
        self.status.filtered += len(records) - len(admitted)
        return admitted

    async def invoke(self, event: dict[str, Any]) -> EmulatedInvocation:
        """Invoke the function when it is free, and wait for its response.

        Args:
            event: The event.
        """
        payload = json.dumps(event).encode()
        while True:
            await self.service.wait_for_room()
            try:
                invocation = self.service.invoke(
                    payload,
                    kind="Event",
                    execution=ExecutionOptions(max_seconds=MAX_SYNCHRONOUS_EXECUTION),
                )
            except Throttled:  # another was faster
                continue
            self.status.state = "invoking"
            try:
                await invocation
            finally:
                self.status.state = "polling"
            return invocation

    def conclude(self, invocation: EmulatedInvocation, items: Collection[str]) -> set[str]:
        """Note a batch that is done.

        Args:
            invocation: The invocation.
            items: The ids of its records.

        Returns:
            The ids of the records that have failed.
        """
        failed = failed_items(invocation, items, partial=self.source.partial_failures)
        self.status.batches.append(Batch(invocation.request_id, len(items), len(failed)))
        self.status.returned += len(failed)
        return failed


class ExpiredError(Exception):
    """A place in a shard cannot be read from any more."""


def split_batch(records: Sequence[Record], size: int) -> list[list[Record]]:
    """Part records into batches that an invocation takes.

    Args:
        records: The records.
        size: The number of records that a batch may have.
    """
    batches: list[list[Record]] = []
    room = 0
    for record in records:
        length = len(json.dumps(record.event)) + 1
        if not batches or len(batches[-1]) == size or length > room:
            batches.append([])
            room = _MAX_BATCH_BYTES
        batches[-1].append(record)
        room -= length
    return batches


def _is_expired(error: Any) -> bool:
    code = error.response.get("Error", {}).get("Code")
    return code in {"ExpiredIteratorException", "TrimmedDataAccessException"}
