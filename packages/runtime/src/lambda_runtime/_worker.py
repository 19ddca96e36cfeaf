"""A worker process: what it knows of itself, and how it begins and ends."""

from __future__ import annotations

import fcntl
import os
import signal
import sys
from mmap import mmap

from lambda_logging import configure
from lambda_logging.runtime import StandardOutput

from ._in_flight import slots_in
from ._worker_output import redirect_output
from .errors import RuntimeAPIError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import NoReturn

    from lambda_logging import PlatformLog

    from ._environment import Environment
    from ._in_flight import Slot


class Worker:
    """One of the processes that serve invocations side by side.

    Attributes:
        index: Its number, from 0; the process that replaces it gets the same.
        slots: Where its pollers note what they have in flight: one for each poller that it has to
            run.
        log: Where its records go: a log of its own if the platform provides one.
    """

    __slots__ = ("index", "log", "slots")

    def __init__(self, index: int, slots: Sequence[Slot], log: PlatformLog) -> None:
        """Describe a worker.

        Args:
            index: Its number.
            slots: One for each of its pollers.
            log: Where its records go.
        """
        self.index = index
        self.slots = slots
        self.log = log


def worker_from_description(environment: Environment, log: PlatformLog) -> Worker | None:
    """Become a worker, if this process was started afresh to be one.

    Call it before the function is imported, whose output is the worker's own from here on.

    Args:
        environment: The settings, with what `describe` has said of the worker.
        log: The log that the worker's records go to.

    Returns:
        The worker, or None in every other process.
    """
    if not environment.worker:
        return None
    index, memory, lifeline, supervisor = map(int, environment.worker.split(":"))
    os.set_inheritable(lifeline, False)
    hold(lifeline, supervisor)
    redirect_output(environment.log_socket, log)
    slots = slots_in(mmap(memory, 0))
    os.close(memory)
    return Worker(index, slots, log)


def describe(index: int, memory: int, lifeline: int) -> str:
    """Return the description that makes a worker of a fresh process.

    Args:
        index: The worker's number.
        memory: An inheritable file descriptor of the memory for its slots.
        lifeline: An inheritable file descriptor, as for `hold`.
    """
    return f"{index}:{memory}:{lifeline}:{os.getpid()}"


def hold(lifeline: int, supervisor: int) -> None:
    """Let this process end with its supervisor, however that ends.

    The kernel kills it when the last writer of a pipe is gone. Only Linux can; elsewhere a worker
    ends when it finds that the Runtime API is gone.

    Args:
        lifeline: The end for reading of a pipe whose other end only the supervisor has.
        supervisor: The process id of the supervisor.
    """
    # prctl(PR_SET_PDEATHSIG) would do the same, by ctypes, which takes longer to import than all
    # of this package.
    if sys.platform == "linux":
        fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(lifeline, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(lifeline, fcntl.F_SETFL, os.O_ASYNC)
    if os.getppid() != supervisor:  # it was gone before it could be missed
        os._exit(1)


def work(
    index: int,
    slots: Sequence[Slot],
    log: PlatformLog,
    serve: Callable[[Worker], NoReturn],
    log_socket: str,
) -> NoReturn:
    """Serve as a worker in a forked process, and end the process.

    It ends at once, without exit handlers: those that it has were set by the process that it was
    forked from, and clear up what its siblings still use.

    Args:
        index: The worker's number.
        slots: One for each of its pollers.
        log: The log of the process that it was forked from.
        serve: Serves invocations. However it ends, the process ends too: with the code of its
            SystemExit, or with 1 and the reason in the log.
        log_socket: The path of the socket that gives the worker its own output, or empty.
    """
    code = 1
    try:
        if redirect_output(log_socket, log):
            # The other log may be a channel of frames, which several writers would garble.
            log = configure(sink=StandardOutput())
        serve(Worker(index, slots, log))
    except SystemExit as ending:
        code = _code(ending)
    except KeyboardInterrupt:
        code = 130  # as a shell says of a program that was interrupted
    except RuntimeAPIError as error:
        log.write("FATAL", str(error))
    except BaseException as error:  # noqa: BLE001 (it must not go on into the parent's code)
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        log.flush()
        os._exit(code)


def _code(ending: SystemExit) -> int:
    if ending.code is None:
        return 0
    if isinstance(ending.code, int):
        return ending.code & 0xFF
    print(ending.code, file=sys.stderr)  # noqa: T201 (as Python does)
    return 1
