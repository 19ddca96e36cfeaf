"""The records of a batch that failed, by the function's response.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

import json
from collections.abc import Collection
from typing import Any

from lambda_emulator._invocation import EmulatedInvocation


def failed_items(
    invocation: EmulatedInvocation, items: Collection[str], *, partial: bool
) -> set[str]:
    """Return the ids of the records that have failed.

    An error of the function fails all of them; so do item failures that are malformed, or that name
    a record that is not in the batch.

    Args:
        invocation: One that is done.
        items: The ids of all records of the batch.
        partial: True if the function reports the records that failed.
    """
    if invocation.is_error:
        return set(items)
    if not partial:
        return set()
    try:
        response = json.loads(invocation.payload)
        failures = (response.get("batchItemFailures") or []) if isinstance(response, dict) else []
        failed = {_identifier(failure["itemIdentifier"]) for failure in failures}
    except (ValueError, LookupError, TypeError, RecursionError):
        return set(items)
    return failed if failed.issubset(items) else set(items)


def _identifier(value: Any) -> Any:
    """Return what a record is named by; an object, as Kafka has it, becomes text."""
    return json.dumps(value, sort_keys=True) if isinstance(value, dict) else value
