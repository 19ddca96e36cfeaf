"""An order that waits until a person approves it, for days if it must.

Lambda invokes a durable function again after each wait, and skips the steps that have run. Code
outside steps runs each time: keep effects in steps.
"""

from typing import TypedDict

from aws_durable_execution_sdk_python import (
    DurableContext,
    StepContext,
    durable_execution,
    durable_step,
)
from aws_durable_execution_sdk_python.config import CallbackConfig, Duration
from aws_durable_execution_sdk_python.exceptions import CallbackError
from lambda_runtime import run

SMALL = 100  # an order up to this total needs no approval


class Order(TypedDict):
    """The event."""

    id: int
    item: str
    total: float


class Outcome(TypedDict):
    """The result of an execution."""

    id: int
    status: str


@durable_step
def reserve(step: StepContext, order: Order) -> str:
    """Reserve the item, and return the id of the reservation."""
    step.logger.info("reserving %s", order["item"])
    return f"reservation-{order['id']}"


@durable_step
def ask(step: StepContext, order: Order, callback_id: str) -> None:
    """Ask a person for approval; replace the log record by a message to them."""
    step.logger.info("approve order %s? Callback: %s", order["id"], callback_id)


@durable_step
def cancel(step: StepContext, reservation: str) -> None:
    """Cancel a reservation."""
    step.logger.info("cancelling %s", reservation)


@durable_step
def ship(step: StepContext, reservation: str) -> None:
    """Ship the reserved item."""
    step.logger.info("shipping %s", reservation)


def is_approved(order: Order, context: DurableContext) -> bool:
    """Ask for approval, and wait up to two days for the answer."""
    config = CallbackConfig(timeout=Duration.from_days(2))
    approval = context.create_callback(name="approval", config=config)
    context.step(ask(order, approval.callback_id), name="ask")
    try:
        approval.result()
    except CallbackError:
        return False
    return True


@durable_execution
def handler(event: Order, context: DurableContext) -> Outcome:
    """Handle an order."""
    reservation = context.step(reserve(event), name="reserve")
    if event["total"] > SMALL and not is_approved(event, context):
        context.step(cancel(reservation), name="cancel")
        return {"id": event["id"], "status": "cancelled"}
    context.wait(Duration.from_seconds(1), name="packing")
    context.step(ship(reservation), name="ship")
    return {"id": event["id"], "status": "shipped"}


if __name__ == "__main__":
    run(handler)
