"""The thread beside the handler: it exports, and ends the spans of invocations that time out.

Exports may take longer than they should, and nothing can stop them. In a thread of their own, they
go on while the next invocation runs, and the time that an invocation waits for them is bounded.
"""

from __future__ import annotations

import os
from _thread import allocate_lock
from logging import getLogger
from threading import Thread
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from lambda_runtime import Context

_log = getLogger("lambda_otel")
_NEVER = float("inf")


class Background:
    """Does the work that must not delay the handler. It is started when it is first needed.

    Two bare locks pass the word: a queue and an `Event` would double what that costs.

    Attributes:
        work: The function that `run` calls in the thread.
    """

    def __init__(self, margin: float) -> None:
        """Prepare the thread.

        Args:
            margin: The seconds before the deadline at which an invocation counts as timed out.
        """
        self.work: Callable[[], object] = int
        self._margin = margin
        self._watched: dict[str, tuple[Context, Callable[[], object]]] = {}
        self._start_anew()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._start_anew)

    def _start_anew(self) -> None:
        self._thread: Thread | None = None
        self._wake = allocate_lock()
        self._wake.acquire()
        self._idle = allocate_lock()  # held while there is work that is not done
        self._is_wanted = False
        self._wakes_at = _NEVER
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
            self._call()  # so that it sleeps no longer than that

    def unwatch(self, context: Context) -> None:
        """Stop watching an invocation.

        Args:
            context: The invocation.
        """
        self._watched.pop(context.aws_request_id, None)

    def run(self, seconds: float) -> bool:
        """Have the work done, and wait for it. Work that is under way is waited for first.

        Args:
            seconds: The longest wait, in seconds; the work goes on after that.

        Returns:
            True if it is done.
        """
        idle = self._idle
        if not idle.acquire(False):
            end = monotonic() + seconds
            if not idle.acquire(timeout=max(0.0, seconds)):
                return False
            seconds = end - monotonic()
        self._is_wanted = True
        self._call()
        if not idle.acquire(timeout=max(0.0, seconds)):
            return False
        idle.release()
        return True

    def _call(self) -> None:
        if self._thread is None:
            self._thread = Thread(target=self._serve, name="lambda-otel", daemon=True)
            self._thread.start()
        if self._wake.locked():  # else it has been called, and has not come yet
            self._wake.release()

    def _serve(self) -> None:
        wake, idle = self._wake, self._idle
        while True:
            wake.acquire(timeout=self._sleep())
            if self._is_wanted:
                self._is_wanted = False
                self._do(self.work)
                idle.release()

    def _do(self, work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException:  # noqa: BLE001 (whatever an exporter raises)
            _log.warning("lambda-otel's thread goes on after a failure", exc_info=True)

    def _sleep(self) -> float:
        """Call what is due; return the seconds until more may be, or -1 for no end."""
        now = monotonic()
        if now < self._wakes_at != _NEVER and not self._watched:
            return self._wakes_at - now  # the next invocation need not wake it before that
        soonest = self._wakes_at = _NEVER  # an invocation that comes from here on wakes it again
        for request_id, (context, timed_out) in list(self._watched.items()):
            left = context.remaining() - self._margin
            if left > 0:
                soonest = min(soonest, now + left)
            elif self._watched.pop(request_id, None) is not None:
                self._do(timed_out)
        self._wakes_at = soonest
        return -1 if soonest == _NEVER else max(0.001, soonest - now)
