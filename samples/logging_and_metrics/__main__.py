"""Write log records with fields, and metrics that CloudWatch reads from the log."""

import logging

from lambda_logging import invocation, log
from lambda_logging.metrics import Metrics
from lambda_runtime import Context, run

library = logging.getLogger("shop.stock")  # as any library would


@invocation(correlation_id="headers.x-correlation-id", buffer="DEBUG")
def handler(event: dict[str, dict[str, str]], context: Context) -> dict[str, int]:
    """Answer one request.

    Args:
        event: An HTTP request, as a function URL passes it on.
        context: The invocation: its request id, its function and the time that is left.

    Returns:
        The status.
    """
    item = event["queryStringParameters"]["item"]
    log.debug("written only if this fails", item=item, seconds=context.remaining())
    with log.scope(item=item), Metrics("Shop", service="orders") as metrics:
        log.info("ordered", count=2)
        library.warning("%s is running low", item, extra={"left": 3})
        metrics.add("Orders", 1, "Count")
        metrics.add_property("item", item)
    return {"statusCode": 200}


if __name__ == "__main__":
    run(handler)
