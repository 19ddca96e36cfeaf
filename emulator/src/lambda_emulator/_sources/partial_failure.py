"""Which records of a batch have failed, by the response of a function.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

import json
from collections.abc import Collection

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
        partial: Whether the function reports the records that failed.
    """
    if invocation.is_error:
        return set(items)
    if not partial:
        return set()
    try:
        response = json.loads(invocation.payload)
        failures = (response.get("batchItemFailures") or []) if isinstance(response, dict) else []
        failed = {failure["itemIdentifier"] for failure in failures}
    except (ValueError, LookupError, TypeError, RecursionError):
        return set(items)
    return failed if failed.issubset(items) else set(items)
