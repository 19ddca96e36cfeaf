"""Take orders from a queue; only the messages that fail come again."""

from attrs import define

from lambda_events import BatchItemFailuresResponse, SQSEvent, SQSRecord, process_batch
from lambda_runtime import Context, run


@define
class Order:
    """The JSON of a message."""

    id: int
    item: str


def take(record: SQSRecord[Order]) -> None:
    """Process one message; any exception means that it is to come again."""
    order = record.payload
    if order.item == "nothing":
        raise ValueError(f"order {order.id} is for nothing")


def handler(event: SQSEvent[Order], context: Context) -> BatchItemFailuresResponse:
    """Process a batch.

    Args:
        event: Messages, whose bodies are decoded one by one, when they are looked at.
        context: The invocation: its request id, its function and the time that is left.

    Returns:
        The ids of the messages that failed. The trigger must have ``ReportBatchItemFailures`` on.
    """
    response = process_batch(event, take)
    failed = len(response.batch_item_failures)
    print(f"{context.function_name} got {len(event.records)} messages, {failed} failed")
    return response


if __name__ == "__main__":
    run(handler)
