"""Make a receipt for an order: classes in, classes out, and wrong orders refused."""

from datetime import date
from decimal import Decimal

from attrs import field, frozen

from lambda_runtime import Context, run


@frozen
class Item:
    """A line of an order."""

    name: str
    price: Decimal
    count: int = 1


@frozen
class Order:
    """The request."""

    customer: str
    items: list[Item]
    day: date | None = None


@frozen
class Receipt:
    """The response."""

    customer: str
    total: Decimal
    items_sold: int = field(alias="itemsSold")
    day: date | None = None


def handler(event: Order, context: Context) -> Receipt:
    """Answer one invocation.

    Args:
        event: The order. It is checked before this function is called.
        context: The invocation: its request id, its function and the time that is left.

    Returns:
        The receipt, which is sent as JSON.
    """
    print(f"{context.function_name} got an order of {len(event.items)} lines")
    return Receipt(
        customer=event.customer,
        total=sum((item.price * item.count for item in event.items), Decimal()),
        itemsSold=sum(item.count for item in event.items),
        day=event.day,
    )


if __name__ == "__main__":
    run(handler)
