"""One invocation: what the runtime gets, and what became of it."""

from __future__ import annotations

import asyncio
import json
import math
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from multidict import CIMultiDict, CIMultiDictProxy

from ._wire import DEADLINE, ERROR_TYPE

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

Kind = Literal["response", "error", "init_error", "timeout", "exit"]
_NO_HEADERS: Mapping[str, str] = CIMultiDictProxy(CIMultiDict[str]())


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of an invocation.

    Attributes:
        kind: ``response`` and ``error`` come from the runtime, or from Lambda in its place when
            the response cannot be passed on; ``init_error`` is what the runtime told of a start
            that failed; ``timeout`` and ``exit`` are for a runtime that can tell no more.
        body: What the caller gets, in bytes.
        headers: The headers of the runtime's request, names in any case.
        delivered: When the runtime first got the event, in seconds of `time.monotonic`; None if
            it never did.
        answered: When the outcome was known, in seconds of `time.monotonic`.
    """

    kind: Kind
    body: bytes
    headers: Mapping[str, str]
    delivered: float | None = None
    answered: float = field(default_factory=time.monotonic)

    @property
    def error_type(self) -> str | None:
        """The error type that the runtime named in its header, or None."""
        return self.headers.get(ERROR_TYPE)

    def json(self) -> Any:
        """Decode the body.

        Returns:
            The JSON value.

        Raises:
            ValueError: The body is no JSON; the message shows how it begins.
        """
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise ValueError(
                f"the body of this {self.kind} is no JSON ({error}): {self.body[:200]!r}"
            ) from error


class Invocation:
    """An invocation that was queued. Await it, or wait for it, to get its `Outcome`.

    Awaiting works on any asyncio event loop, whichever the server's is; cancelling one who waits
    does nothing to the invocation.
    """

    def __init__(
        self,
        *,
        request_id: str,
        invocation_id: str | None,
        event: bytes,
        headers: CIMultiDict[str | None],
        timeout: float,
        report: Callable[[], str],
    ) -> None:
        """Hold what the runtime will get.

        Args:
            request_id: The request's id.
            invocation_id: The nonce that the runtime must send back, or None.
            event: The body for the runtime.
            headers: The headers for the runtime; None stands for one to leave out.
            timeout: Seconds from delivery to the deadline, unless the headers name one.
            report: Tells what the server has seen, for errors.
        """
        self.request_id = request_id
        self.invocation_id = invocation_id
        self.event = event
        self.delivered: float | None = None
        self._headers = headers
        self._timeout = timeout
        self._report = report
        self._outcome: Future[Outcome] = Future()

    @property
    def outcome(self) -> Outcome | None:
        """The outcome, or None as long as there is none."""
        known = self._outcome.done() and self._outcome.exception() is None
        return self._outcome.result() if known else None

    @property
    def state(self) -> Literal["queued", "running", "done"]:
        """Whether the runtime has yet to get it, works on it, or nothing more can come of it."""
        if self._outcome.done():
            return "done"
        return "queued" if self.delivered is None else "running"

    def wait(self, timeout: float = 10) -> Outcome:
        """Block until the outcome is known. Not for the event loop that runs the server.

        Args:
            timeout: The longest wait, in seconds.

        Returns:
            The outcome.

        Raises:
            TimeoutError: No outcome came in time; the message tells what the server has seen.
            ConnectionAbortedError: The server was closed first.
        """
        try:
            return self._outcome.result(timeout)
        except TimeoutError:
            raise TimeoutError(
                f"invocation {self.request_id} is still {self.state} after {timeout:g} s; "
                f"{self._report()}"
            ) from None

    def __await__(self) -> Generator[Any, None, Outcome]:
        # Shielded: a caller who gives up must not take the outcome from the others.
        return asyncio.shield(asyncio.wrap_future(self._outcome)).__await__()

    def deliver(self) -> Mapping[str, str | None]:
        """Note that the runtime gets the event; the time of the first delivery counts.

        Returns:
            The headers for the runtime, the deadline among them.
        """
        if self.delivered is None:
            self.delivered = time.monotonic()
            deadline = math.floor((time.time() + self._timeout) * 1000)
            self._headers.setdefault(DEADLINE, str(deadline))
        return self._headers

    def settle(self, kind: Kind, body: bytes, headers: Mapping[str, str] = _NO_HEADERS) -> None:
        """Set the outcome, once.

        Args:
            kind: What it is.
            body: What the caller gets.
            headers: The headers of the runtime's request.
        """
        self._outcome.set_result(
            Outcome(kind=kind, body=body, headers=headers, delivered=self.delivered)
        )

    def abort(self, error: Exception) -> None:
        """Let who waits fail: there will be no outcome.

        Args:
            error: What is raised there.
        """
        if not self._outcome.done():
            self._outcome.set_exception(error)
