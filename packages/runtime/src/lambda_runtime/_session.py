"""The HTTP session that an async function's invocations share."""

from __future__ import annotations

from ._garbage import import_large
from .errors import INSTALL_AIOHTTP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aiohttp import ClientSession


class NoSessionError(RuntimeError, AttributeError):
    """So that ``hasattr``, `inspect.getmembers` and mocks can look at a context."""


class SharedSession:
    """The aiohttp session of `Context.session`, made when a handler first asks for it."""

    def __init__(self) -> None:
        self._session: ClientSession | None = None

    def get(self) -> ClientSession:
        """Return the session, which is open.

        Raises:
            NoSessionError: aiohttp is not installed.
            RuntimeError: No event loop runs.
        """
        if self._session is None or self._session.closed:
            from asyncio import get_running_loop

            try:
                import_large("aiohttp")
                from aiohttp import ClientSession
            except ModuleNotFoundError as error:
                raise NoSessionError(
                    f"context.session needs aiohttp: {error}; {INSTALL_AIOHTTP}"
                ) from error
            get_running_loop()  # or aiohttp would find another one
            self._session = ClientSession()
        return self._session

    async def close(self) -> None:
        """Close the session, if there is one."""
        if self._session is not None:
            await self._session.close()
            self._session = None
