"""An order that waits until a person has approved it, even for days."""

from typing import TypedDict

from aws_durable_execution_sdk_python import (
    DurableContext,
    StepContext,
    durable_execution,
    durable_step,
)
from aws_durable_execution_sdk_python.config import CallbackConfig, Duration
from aws_durable_execution_sdk_python.exceptions import CallbackError

SMALL = 100  # euros, up to which nobody is asked


class Order(TypedDict):
    """An order."""

    id: int
    item: str
    total: float


class Outcome(TypedDict):
    """The outcome of an order."""

    id: int
    status: str


@durable_step
def reserve(_: StepContext, order: Order) -> str:
    """Take the item out of the stock: once, however often the function is invoked."""
    print(f"durable_order reserves {order['item']}")
    return f"reservation-{order['id']}"


@durable_step
def ask(_: StepContext, order: Order, callback_id: str) -> None:
    """Ask a person; here, the log is the mail."""
    print(f"durable_order asks: may order {order['id']} cost {order['total']} EUR?")
    print(f"durable_order takes the answer at callback {callback_id}")


@durable_step
def cancel(_: StepContext, reservation: str) -> None:
    """Put the item back."""
    print(f"durable_order cancels {reservation}")


@durable_step
def ship(_: StepContext, reservation: str) -> None:
    """Send the item."""
    print(f"durable_order ships {reservation}")


@durable_execution
def handler(event: Order, context: DurableContext) -> Outcome:
    """Handle an order.

    Args:
        event: The order.
        context: Runs steps, waits, and creates callbacks.

    Returns:
        The order's outcome.
    """
    reservation = context.step(reserve(event), name="reserve")
    if event["total"] > SMALL:
        config = CallbackConfig(timeout=Duration.from_days(2))
        approval = context.create_callback(name="approval", config=config)
        context.step(ask(event, approval.callback_id), name="ask")
        try:
            approval.result()
        except CallbackError:
            context.step(cancel(reservation), name="cancel")
            return {"id": event["id"], "status": "refused"}
    context.wait(Duration.from_seconds(1), name="packing")
    context.step(ship(reservation), name="ship")
    return {"id": event["id"], "status": "shipped"}
