"""A worker process: what it knows of itself, and how it begins and ends."""

from __future__ import annotations

import fcntl
import os
import signal
import sys
from _socket import SCM_RIGHTS, SOL_SOCKET, socket
from functools import partial
from mmap import mmap

from lambda_logging import configure
from lambda_logging.runtime import StandardOutput

from ._in_flight import Arrival, arrivals_in, slots_in
from ._shutdown import exit_code, forks
from ._worker_output import redirect_output
from .errors import RuntimeAPIError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import NoReturn

    from lambda_logging import PlatformLog

    from ._environment import Environment
    from ._in_flight import HasFileno, Slot


class Worker:
    """One of the processes that serve invocations side by side.

    Attributes:
        arrivals: The buffers for the responses of its pollers, one for each slot.
        index: The number, from 0; the process that replaces it gets the same.
        slots: The notes of its pollers on their invocations in flight: one for each poller that it
            has to run.
        log: The log for its records: a log of its own if the platform provides one.
    """

    __slots__ = ("arrivals", "index", "log", "slots")

    def __init__(self, index: int, memory: mmap, log: PlatformLog, control: socket) -> None:
        """Describe a worker.

        Args:
            index: The number.
            memory: The memory of its pollers, which it shares with its supervisor.
            log: The log for its records.
            control: The way to its supervisor, for duplicates of connections.
        """
        self.index = index
        self.slots: Sequence[Slot] = slots_in(memory)
        self.log = log
        control.setblocking(False)
        identity = os.fstat(control.fileno())
        self.arrivals = [
            Arrival(part, partial(_share, control, identity, number))
            for number, part in enumerate(arrivals_in(memory))
        ]
        forks.in_child.append(control.close)  # its end is the worker's end


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
    index, descriptor, lifeline, control, supervisor = map(int, environment.worker.split(":"))
    os.set_inheritable(lifeline, False)
    os.set_inheritable(control, False)
    hold(lifeline, supervisor)
    redirect_output(environment.log_socket, log)
    memory = mmap(descriptor, 0)
    os.close(descriptor)
    return Worker(index, memory, log, socket(fileno=control))


def describe(index: int, memory: int, lifeline: int, control: int) -> str:
    """Return the description that makes a worker of a fresh process.

    Args:
        index: The worker's number.
        memory: An inheritable file descriptor of the memory for its pollers.
        lifeline: An inheritable file descriptor, as for `hold`.
        control: An inheritable file descriptor, its way to the supervisor.
    """
    return f"{index}:{memory}:{lifeline}:{control}:{os.getpid()}"


def _share(control: socket, identity: os.stat_result, poller: int, connection: HasFileno) -> None:
    """Send the supervisor a duplicate of a connection; it takes the place of the one before."""
    rights = connection.fileno().to_bytes(4, sys.byteorder)
    try:
        if not os.path.samestat(os.fstat(control.fileno()), identity):
            return  # the function has closed it, and another file has got its number
        control.sendmsg([poller.to_bytes(4, sys.byteorder)], [(SOL_SOCKET, SCM_RIGHTS, rights)])
    except OSError:  # the function has closed it, or there is no descriptor left
        return


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
    memory: mmap,
    log: PlatformLog,
    serve: Callable[[Worker], NoReturn],
    log_socket: str,
    control: socket,
) -> NoReturn:
    """Serve as a worker in a forked process, and end the process.

    It ends at once, without exit handlers: those that it has were set by the process that it was
    forked from, and clear up what its siblings still use.

    Args:
        index: The worker's number.
        memory: The memory of its pollers, which it shares with its supervisor.
        log: The log of the process that it was forked from.
        serve: Serves invocations. However it ends, the process ends too: with the code of its
            SystemExit, or with 1 and the reason in the log.
        log_socket: The path of the socket that gives the worker its own output, or empty.
        control: The way to its supervisor, for duplicates of connections.
    """
    code = 1
    try:
        if redirect_output(log_socket, log):
            # The other log may be a channel of frames, which several writers would garble.
            log = configure(sink=StandardOutput())
        serve(Worker(index, memory, log, control))
    except SystemExit as ending:
        code = exit_code(ending)
    except KeyboardInterrupt:
        code = 130  # as a shell says of a program that was interrupted
    except RuntimeAPIError as error:
        log.write("FATAL", str(error))
    except BaseException as error:  # noqa: BLE001 (it must not go on into the parent's code)
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        log.flush()
        os._exit(code)
