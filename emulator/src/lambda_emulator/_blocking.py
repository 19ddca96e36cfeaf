"""Calls that block, such as those of boto3, beside an event loop."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Any


async def in_thread(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Call a function in a thread, which may outlive this one: a program does not wait for it.

    Args:
        function: The function.
        *arguments: The arguments.
        **options: More of them, by their names.

    Returns:
        The function's result.

    Raises:
        Exception: It was raised there.
    """
    loop = asyncio.get_running_loop()
    result: asyncio.Future[Any] = loop.create_future()

    def settle(value: Any, error: Exception | None) -> None:
        if result.done():  # the caller has given up
            return
        if error is None:
            result.set_result(value)
        else:
            result.set_exception(error)

    def call() -> None:
        value, error = None, None
        try:
            value = function(*arguments, **options)
        except Exception as caught:  # noqa: BLE001 (it is raised where it is awaited)
            error = caught
        with contextlib.suppress(RuntimeError):  # the loop has been closed
            loop.call_soon_threadsafe(settle, value, error)

    threading.Thread(target=call, name="lambda-emulator-call", daemon=True).start()
    return await result
