"""Clients of AWS's services, which boto3's own configuration leads to any endpoint."""

import asyncio
from collections.abc import Callable
from typing import Any

from lambda_emulator._blocking import in_thread


class ServiceError(Exception):
    """A service cannot be reached, or refuses a request; the message says why."""


class Clients:
    """Makes clients when they are needed, and keeps them: each takes a tenth of a second."""

    def __init__(self) -> None:
        """Begin with none."""
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = asyncio.Lock()  # boto3's default session is not safe for threads

    async def get(self, service: str, region: str) -> Any:
        """Return a client.

        Args:
            service: boto3's name of the service.
            region: The region.
        """
        async with self._lock:
            if (service, region) not in self._clients:
                self._clients[service, region] = await in_thread(_make, service, region)
            return self._clients[service, region]

    async def call(self, method: Callable[..., Any], **options: Any) -> Any:
        """Call a service once.

        Args:
            method: A method of a client.
            **options: The arguments of the method.

        Raises:
            ServiceError: The service cannot be reached, or refuses the request.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return await in_thread(method, **options)
        except (BotoCoreError, ClientError) as error:
            raise ServiceError(f"The service cannot be reached: {error}") from None


def _make(service: str, region: str) -> Any:
    import boto3

    return boto3.client(service, region_name=region)
