"""A report that is made every night, for the day that has just ended."""

from datetime import timedelta

from lambda_events import ScheduledEvent
from lambda_runtime import Context, Fault, run


def handler(event: ScheduledEvent, context: Context) -> dict[str, str]:
    """Make the report.

    The event says when the report was due. The clock may say something else: a retry can come hours
    later.
    """
    due = event.time_utc
    if due is None:
        raise Fault("Report.NoTime", f"{event.time!r} is not a time in ISO 8601")
    day = (due - timedelta(days=1)).date().isoformat()
    print(f"{context.function_name} makes the report for {day}")
    return {"day": day}


if __name__ == "__main__":
    run(handler)
