"""The thread beside the handler: it exports, and ends the spans of invocations that time out.

Exports may take longer than they should, and nothing can stop them. In a thread of their own, they
go on while the next invocation runs, and the time that an invocation waits for them is bounded.
"""

from __future__ import annotations

import os
from _queue import Empty, SimpleQueue
from logging import getLogger
from threading import Event, Thread
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from lambda_runtime import Context

_log = getLogger("lambda_otel")


class Background:
    """Does what must not stand in the handler's way. It is started when it is first needed."""

    def __init__(self, margin: float) -> None:
        """Prepare the thread.

        Args:
            margin: How long before the deadline an invocation counts as timed out, in seconds.
        """
        self._margin = margin
        self._watched: dict[str, tuple[Context, Callable[[], object]]] = {}
        self._start_anew()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._start_anew)

    def _start_anew(self) -> None:
        self._jobs: SimpleQueue[Callable[[], object]] = SimpleQueue()
        self._thread: Thread | None = None
        self._wakes_at = float("inf")
        self._watched.clear()

    def watch(self, context: Context, timed_out: Callable[[], object]) -> None:
        """Call something when an invocation is about to be ended by Lambda.

        Args:
            context: The invocation.
            timed_out: Called in the thread, unless `unwatch` comes first.
        """
        left = context.remaining() - self._margin
        if left < self._margin:
            return  # hardly any time, or a clock that jumped: Lambda's to judge
        self._watched[context.aws_request_id] = (context, timed_out)
        if monotonic() + left < self._wakes_at:
            self._do(_nothing)  # so that it sleeps no longer than that

    def unwatch(self, context: Context) -> None:
        """Stop watching an invocation.

        Args:
            context: The invocation.
        """
        self._watched.pop(context.aws_request_id, None)

    def start(self, work: Callable[[], object]) -> Event:
        """Have some work done in the thread, after what it has been given before.

        Args:
            work: What to do.

        Returns:
            What tells when it is done.
        """
        done = Event()

        def job() -> None:
            try:
                work()
            finally:
                done.set()

        self._do(job)
        return done

    def _do(self, job: Callable[[], object]) -> None:
        self._jobs.put(job)
        if self._thread is None:
            self._thread = Thread(target=self._serve, name="lambda-otel", daemon=True)
            self._thread.start()

    def _serve(self) -> None:
        jobs = self._jobs
        while True:
            try:
                job = jobs.get(timeout=self._sleep())
            except Empty:
                continue
            try:
                job()
            except Exception:  # noqa: BLE001 (whatever an exporter raises)
                _log.warning("lambda-otel's thread goes on after a failure", exc_info=True)

    def _sleep(self) -> float | None:
        """Call what is due; return the seconds until more may be, or None for no end."""
        now, soonest = monotonic(), float("inf")
        if now < self._wakes_at < soonest and not self._watched:
            return self._wakes_at - now  # the next invocation need not wake it before that
        self._wakes_at = soonest  # an invocation that comes from here on puts a job
        for request_id, (context, timed_out) in list(self._watched.items()):
            left = context.remaining() - self._margin
            if left > 0:
                soonest = min(soonest, now + left)
            elif self._watched.pop(request_id, None) is not None:
                timed_out()
        self._wakes_at = soonest
        return None if soonest == float("inf") else max(0.001, soonest - now)


def _nothing() -> None:
    """Wake the thread."""
