"""Do something every night, for the day that has just ended."""

from datetime import timedelta

from lambda_events import ScheduledEvent
from lambda_runtime import Context, Fault, run


def handler(event: ScheduledEvent, context: Context) -> dict[str, str]:
    """Answer one tick of a rule of EventBridge.

    Args:
        event: Says when it was due. Use that and not the clock: a retry may come hours later.
        context: The invocation: its request id, its function and the time that is left.

    Returns:
        The day. Nobody waits for the answer of a rule: this is for invocations by hand.

    Raises:
        Fault: The event does not say when it was due.
    """
    due = event.time_utc
    if due is None:
        raise Fault("Report.NoTime", f"{event.time!r} is not a time in ISO 8601")
    day = (due - timedelta(days=1)).date().isoformat()
    print(f"{context.function_name} makes the report for {day}")
    return {"day": day}


if __name__ == "__main__":
    run(handler)
