"""The handler of ``traced`` with the span of OpenTelemetry's own instrumentation."""

from __future__ import annotations

from typing import Any

import dropping  # noqa: F401 (it sets the provider)
from opentelemetry.instrumentation.aws_lambda import AwsLambdaInstrumentor


def handler(event: dict[str, Any], context: Any) -> dict[str, str]:
    return {"message": f"Hello {event.get('name', 'World')}!"}


AwsLambdaInstrumentor().instrument()
