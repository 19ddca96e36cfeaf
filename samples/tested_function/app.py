"""A function with tests of its own: the price of an order."""

from decimal import Decimal

from attrs import frozen

from lambda_runtime import Context, Fault

PRICES = {"bread": Decimal("2.35"), "milk": Decimal("1.10")}


@frozen
class Order:
    """The request."""

    item: str
    count: int = 1


@frozen
class Price:
    """The response."""

    total: Decimal


def handler(event: Order, context: Context) -> Price:
    """Answer one invocation.

    Args:
        event: The order.
        context: The invocation: its request id, its function and the time that is left.

    Returns:
        The price.

    Raises:
        Fault: There is no such item.
    """
    print(f"{context.function_name} got an order of {event.item}")
    if event.item not in PRICES:
        raise Fault("Shop.NoSuchItem", f"there is no {event.item}")
    return Price(PRICES[event.item] * event.count)
