"""The end of a function's process, and of the processes that the function forks.

A loop ends between two invocations, and not in the middle of one. A process that the function's
code has forked does not belong to Lambda: it has no invocation to answer, does not poll, and ends
like any other program.
"""

from __future__ import annotations

import os
import sys

# The C module below `signal`, whose enums take longer to make than all of this.
from _signal import (  # type: ignore[import-not-found]
    SIG_BLOCK,
    SIG_DFL,
    SIG_SETMASK,
    SIGCHLD,
    SIGINT,
    SIGTERM,
    default_int_handler,
    getsignal,
    pthread_sigmask,
    set_wakeup_fd,
    signal,
)
from _thread import get_ident

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

    from ._wakeup import Wakeup


class Shutdown:
    """Ends a loop on SIGTERM: at once while it waits for an invocation, else after that one.

    Attributes:
        idle: True while the loop waits for an invocation; the loop sets it.
        requested: True if the loop has to end before it waits again.
        interrupt: Ends the wait; an event loop needs its own way.
    """

    def __init__(self) -> None:
        self.idle = False
        self.requested = False
        self.interrupt: Callable[[], object] = leave_at_once

    def listen(self) -> None:
        """Handle SIGTERM, unless the function does."""
        if getsignal(SIGTERM) is SIG_DFL:
            signal(SIGTERM, self._request)

    def function_handles_sigterm(self) -> bool:
        """Return True if the function has a SIGTERM handler of its own."""
        handler = getsignal(SIGTERM)
        return callable(handler) and handler != self._request

    def wakeup(self) -> Wakeup | None:
        """Return the means to wait without missing SIGTERM; None where nobody handles it."""
        if not callable(getsignal(SIGTERM)):
            return None
        from ._wakeup import Wakeup

        try:
            wakeup = Wakeup()
        except ValueError:  # only the main thread gets signals, and this is another one
            return None
        if wakeup.replaced == -1:
            return wakeup
        wakeup.close()  # an event loop gets them, and needs them
        return None

    def _request(self, *_: object) -> None:
        first, self.requested = not self.requested, True
        if first and self.idle:  # a second signal does not disturb the end
            self.interrupt()


def leave_at_once() -> NoReturn:
    """Raise the exception that ends a loop."""
    raise SystemExit(0)


_NOT_IN_A_CHILD = ("asyncio", "uvloop", __name__.partition(".")[0])


def _print(error: BaseException, _request_id: str) -> None:
    sys.excepthook(type(error), error, error.__traceback__)


class Forks:
    """The processes that the function's code forks: they keep no part of the runtime.

    Signals end them again, as if the runtime had never handled any. Their copies of its connections
    are closed. Where one comes back from the function's code into the runtime's, it ends.

    Attributes:
        is_child: True if this process is one of them.
        of_runtime: True while the runtime itself forks; such a process does not count.
        in_child: The actions that a child takes first, such as to close what it shares with its
            parent.
    """

    def __init__(self) -> None:
        self.is_child = False
        self.of_runtime = False
        self.in_child: list[Callable[[], object]] = []
        self._masks: dict[int, Any] = {}

    def watch(self) -> None:
        """Notice forks from now on; there is no way back."""
        os.register_at_fork(
            before=self._block, after_in_parent=self._unblock, after_in_child=self._become_child
        )

    def end(
        self,
        error: BaseException | None = None,
        complain: Callable[..., object] = _print,
        request_id: str = "",
    ) -> NoReturn:
        """End a child as Python ends a program, except for the frames on its stack.

        Its exit code is that of its SystemExit, 1 after another exception, and otherwise 0.

        Args:
            error: The exception that the function's code has raised, if any.
            complain: Logs an exception, with the invocation that it belongs to.
            request_id: That invocation, or empty outside of any.
        """
        code = 0
        try:
            if issubclass(type(error), SystemExit):
                code = exit_code(error)
            elif issubclass(type(error), KeyboardInterrupt):
                code = 130  # as a shell says of a program that was interrupted
            elif error is not None:
                code = 1
                complain(error, request_id)
            _run_exit_handlers()
        finally:
            _flush()
            os._exit(code)

    def _block(self) -> None:
        # A signal that reaches the child before it is ready would be taken for one of its parent.
        self._masks[get_ident()] = pthread_sigmask(SIG_BLOCK, (SIGINT, SIGTERM))

    def _unblock(self) -> None:
        mask = self._masks.pop(get_ident(), None)
        if mask is not None:
            pthread_sigmask(SIG_SETMASK, mask)

    def _become_child(self) -> None:
        try:
            if self.of_runtime:
                return
            self.is_child = True
            _restore_signals()
            for action in self.in_child:
                action()
        finally:
            self._unblock()


forks = Forks()
"""Those of this process."""


def exit_code(ending: BaseException | None) -> int:
    """Return the exit code of a SystemExit; a message in its place is printed, as Python does.

    Args:
        ending: The SystemExit.
    """
    code = vars(SystemExit)["code"].__get__(ending)
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)  # noqa: T201 (as Python does)
    return 1


def _restore_signals() -> None:
    """Undo what handlers of the runtime, or of its event loop, do with signals."""
    set_wakeup_fd(-1)  # the other end of that pipe is the parent's
    for number, default in (
        (SIGTERM, SIG_DFL),
        (SIGINT, default_int_handler),
        (SIGCHLD, SIG_DFL),
    ):
        handler = getsignal(number)
        owner = getattr(getattr(handler, "func", handler), "__module__", None) or ""
        if str(owner).partition(".")[0] in _NOT_IN_A_CHILD:
            signal(number, default)


def _run_exit_handlers() -> None:
    threading = sys.modules.get("threading")
    if threading is not None:
        threading._shutdown()  # noqa: SLF001 (as multiprocessing does: it waits for threads)
    import atexit

    atexit._run_exitfuncs()  # noqa: SLF001 (there is no other way that does not unwind the stack)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:  # noqa: BLE001, S112 (it may be closed, None, or the function's object)
            continue
