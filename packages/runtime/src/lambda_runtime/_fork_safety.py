"""Find out if a process can be forked into workers that all go on from its state.

Forks share the memory of the imported function, which is why they are wanted. They also share its
open connections and lose its threads, and that breaks code that holds either: sixteen processes
that speak over one TLS connection garble it, and a lock that another thread held stays locked.
"""

from __future__ import annotations

import os
import sys
from _socket import AF_INET, AF_INET6, SOCK_STREAM, socket
from stat import S_ISSOCK

_FIRST_OPENED = 3  # after standard input, output and error, which are meant to be shared


def fork_hazards(*, ours: str = "") -> list[str]:
    """Look for what makes it unsafe to fork this process.

    Args:
        ours: ``host:port``: connections to it do not count, because no fork will use them.

    Returns:
        One reason each, for a log; empty if nothing was found. A socket for datagrams is no
        reason: those that are opened at import (for metrics, or for X-Ray) only send.
    """
    return [*_threads(), *_descriptors(ours)]


def _threads() -> list[str]:
    threading = sys.modules.get("threading")
    known: list[str] = []
    if threading is not None:
        current = threading.current_thread()
        known = [thread.name for thread in threading.enumerate() if thread is not current]
    try:
        others = len(os.listdir("/proc/self/task")) - 1  # noqa: PTH208 (pathlib is slow to import)
    except OSError:  # only Linux has it
        others = len(known)
    hazards = [f"the thread {name!r} runs" for name in known]
    if others > len(known):
        hazards.append(f"{others - len(known)} threads run that were not started by Python")
    return hazards


def _descriptors(ours: str) -> list[str]:
    directory = "/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd"  # noqa: PTH112
    hazards: list[str] = []
    for name in os.listdir(directory):  # noqa: PTH208
        fd = int(name)
        try:
            if fd < _FIRST_OPENED:
                continue
            if S_ISSOCK(os.fstat(fd).st_mode):
                peer = _connected_to(fd)
                if peer and peer != ours:
                    hazards.append(f"a connection to {peer} is open")
            elif os.readlink(f"{directory}/{name}") == "anon_inode:[eventpoll]":  # noqa: PTH115
                hazards.append("an event loop was made")
        except OSError:  # closed: the listing had a descriptor of its own
            continue
    return hazards


def _connected_to(fd: int) -> str:
    """Return the address of a stream socket's peer, or nothing if it has no connection."""
    view = socket(fileno=fd)
    try:
        if view.family not in (AF_INET, AF_INET6) or view.type != SOCK_STREAM:
            return ""
        host, port = view.getpeername()[:2]
    except OSError:  # it listens, or is nobody's yet
        return ""
    else:
        return f"{host}:{port}"
    finally:
        view.detach()  # it is not ours to close
