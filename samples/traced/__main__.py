"""Price a basket, with a span for each thing that takes time."""

import asyncio
import os

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import get_aggregated_resources
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from lambda_otel import LambdaResourceDetector, instrument
from lambda_runtime import run

provider = TracerProvider(resource=get_aggregated_resources([LambdaResourceDetector()]))
if "OTEL_EXPORTER_OTLP_ENDPOINT" in os.environ:  # the emulator sets it
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(provider)
instrument()

tracer = trace.get_tracer("traced")
PRICES = {"tea": 470, "cup": 890}
RATES = {"EUR": 0.86, "CHF": 0.81}


async def price_of(item: str) -> int:
    """Look up a price, in cents; here that takes as long as a database would."""
    with tracer.start_as_current_span("look up the price", attributes={"item": item}):
        await asyncio.sleep(0.02)
        return PRICES[item]


def convert(cents: int, currency: str) -> float:
    """Convert an amount, as a library does that is not async."""
    with tracer.start_as_current_span("convert", attributes={"currency": currency}):
        return round(cents * RATES[currency] / 100, 2)


async def handler(event: dict[str, list[str]]) -> dict[str, float]:
    """Answer one invocation.

    Args:
        event: Such as ``{"items": ["tea", "cup"], "currencies": ["EUR"]}``.

    Returns:
        The total in each currency.
    """
    with tracer.start_as_current_span("price the basket"):
        total = sum(await asyncio.gather(*map(price_of, event["items"])))
    print(f"traced {len(event['items'])} items: {total} cents")
    amounts = [asyncio.to_thread(convert, total, currency) for currency in event["currencies"]]
    return dict(zip(event["currencies"], await asyncio.gather(*amounts), strict=True))


if __name__ == "__main__":
    run(handler)
