"""A handler with lambda-otel's span."""

from __future__ import annotations

from typing import Any

import dropping  # noqa: F401 (it sets the provider)

from lambda_otel import instrument

instrument()


def handler(event: dict[str, Any], context: Any) -> dict[str, str]:
    return {"message": f"Hello {event.get('name', 'World')}!"}
