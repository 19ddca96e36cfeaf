"""The seam between the loops and the network: each transport has these methods.

This module is for type checkers: nothing loads it when a function runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Mapping

    from ._http1 import Request


class Response(Protocol):
    """The server's response to a request, the same for every transport."""

    @property
    def status(self) -> int:
        """The HTTP status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """The values by lower-case name."""
        ...

    @property
    def body(self) -> bytes:
        """The whole body."""
        ...


class Upload(Protocol):
    """A request whose body is sent part by part, as it comes into being."""

    @property
    def response(self) -> Response | None:
        """The server's response, if it came before the end of the body."""

    def send(self, data: bytes) -> None:
        """Send a part, which is not empty; OSError when nobody takes it."""

    def end(self, trailers: Iterable[tuple[str, str]]) -> Response:
        """Send the end and return the response; OSError when there is none."""
        ...

    def close(self) -> None:
        """Break off, unless it has ended."""


class AsyncUpload(Protocol):
    """A request whose body is sent part by part, on the running event loop."""

    @property
    def response(self) -> Response | None:
        """The server's response, if it came before the end of the body."""

    def send(self, data: bytes) -> Awaitable[None] | None:
        """Send a part, which is not empty.

        Return what to await before the next part, if anything: OSError when nobody takes this one.
        """

    async def end(self, trailers: Iterable[tuple[str, str]]) -> Response:
        """Send the end and return the response; OSError when there is none."""
        ...

    def close(self) -> None:
        """Break off, unless it has ended."""


class Transport(Protocol):
    """Carries requests to the Runtime API, blocking until each has its response."""

    def round_trip(self, request: Request) -> Response:
        """Send a request once and return its response; OSError when there is none."""
        ...

    def upload(self, request: Request) -> Upload:
        """Begin a request whose body comes in parts; OSError when there is no connection."""
        ...

    def close(self) -> None:
        """Close the connection."""


class AsyncTransport(Protocol):
    """Carries requests to the Runtime API on the running event loop."""

    async def round_trip(self, request: Request) -> Response:
        """Send a request once and return its response; OSError when there is none."""
        ...

    async def upload(self, request: Request) -> AsyncUpload:
        """Begin a request whose body comes in parts; OSError when there is no connection."""
        ...

    async def close(self) -> None:
        """Close the connections."""
