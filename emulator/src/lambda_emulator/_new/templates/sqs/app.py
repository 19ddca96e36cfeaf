"""Orders from a queue: only the messages that fail come again."""

from attrs import frozen
from lambda_events import BatchItemFailuresResponse, SQSEvent, SQSRecord, process_batch
from lambda_runtime import Context, run


@frozen
class Order:
    """A message's body, as JSON."""

    id: int
    item: str


def take(record: SQSRecord[Order]) -> None:
    """Process one message; an exception makes the queue send it again."""
    order = record.payload
    if order.item == "nothing":
        raise ValueError(f"order {order.id} is for nothing")
    print(f"order {order.id} is for {order.item}")


def handler(event: SQSEvent[Order], context: Context) -> BatchItemFailuresResponse:
    """Process a batch, and return the messages that failed."""
    return process_batch(event, take)


if __name__ == "__main__":
    run(handler)
