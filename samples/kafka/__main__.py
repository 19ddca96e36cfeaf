"""Read a topic's records, several partitions at a time, and each partition in order."""

from attrs import define

from lambda_events import BatchItemFailuresResponse, KafkaEvent, KafkaRecord, process_batch_async
from lambda_runtime import Context, run


@define
class Reading:
    """The JSON of a record's value."""

    celsius: float


async def store(record: KafkaRecord[str, Reading]) -> None:
    """Process one record; a function of yours would await a database."""
    reading = record.payload
    if reading is not None and reading.celsius < -273.15:
        raise ValueError(f"{record.key_payload} says {reading.celsius} degrees")


async def handler(event: KafkaEvent[str, Reading], context: Context) -> BatchItemFailuresResponse:
    """Process records of some partitions.

    Args:
        event: The records by topic and partition; keys are text, values are readings.
        context: The invocation: its request id, its function and the time that is left.

    Returns:
        The failures: of each partition the first such record, and those after it.
    """
    response = await process_batch_async(event, store, concurrency=8)
    print(f"{context.function_name} got {len(event.all_records)} records")
    return response


if __name__ == "__main__":
    run(handler)
