"""The handler of ``traced``, as an ``async def``."""

from __future__ import annotations

from typing import Any

import traced


async def handler(event: dict[str, Any], context: Any) -> dict[str, str]:
    return traced.handler(event, context)
