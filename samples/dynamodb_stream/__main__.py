"""Follow the changes of a table: items come as objects of a class."""

from decimal import Decimal

from attrs import define

from lambda_events import BatchItemFailuresResponse, DynamoDBEvent, DynamoDBRecord, process_batch
from lambda_runtime import Context, run


@define
class Product:
    """An item of the table."""

    id: str
    price: Decimal


def describe(record: DynamoDBRecord[Product]) -> str:
    """Say what a change is."""
    old, new = record.old_item, record.new_item
    if old is not None and new is not None:
        return f"{new.id} costs {new.price} instead of {old.price}"
    if new is not None:
        return f"{new.id} is new"
    return f"{record.keys['id']} is gone" + (", its time was over" if record.expired else "")


def handler(event: DynamoDBEvent[Product], context: Context) -> BatchItemFailuresResponse:
    """Process changes of one shard, in order.

    Args:
        event: The changes; keys and items have Python's types instead of DynamoDB's.
        context: The invocation: its request id, its function and the time that is left.

    Returns:
        The first change that failed, if any: Lambda sends it again, and all that come after it.
    """
    changes: list[str] = []
    response = process_batch(event, lambda record: changes.append(describe(record)))
    print(f"{context.function_name}: {'; '.join(changes)}")
    return response


if __name__ == "__main__":
    run(handler)
