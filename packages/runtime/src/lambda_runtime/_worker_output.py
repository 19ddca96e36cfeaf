"""A worker's output: streams of its own, where the platform provides them.

On Lambda Managed Instances the platform identifies workers by the connection that their output
comes from. Each worker opens two connections to the socket that an environment variable names, and
puts the first over standard output and the second over standard error; what is written there is a
log as on standard output, without frames. awslambdaric's workers do the same.

Elsewhere all workers share one output, into which each writes whole lines.
"""

from __future__ import annotations

import os
import sys
from _socket import AF_UNIX, SOCK_STREAM, socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lambda_logging import PlatformLog

_STREAMS = ((1, "standard output"), (2, "standard error"))


def redirect_output(path: str, log: PlatformLog) -> bool:
    """Give this process an output of its own, if the platform provides it; else share lines.

    A stream that cannot be connected stays the one that all workers share: that is logged, and
    nothing more.

    Args:
        path: The path of the platform's socket, or empty if it provides none.
        log: The log for a failure.

    Returns:
        True if standard output is this process's own now.
    """
    if not path:
        _write_whole_lines()
        return False
    log.flush()  # what was printed so far belongs to the stream that it was printed to
    redirected: list[int] = []
    for fd, name in _STREAMS:
        try:
            _connect(fd, path)
        except OSError as error:
            log.write(
                "WARN",
                f"This worker's {name} stays the one that all workers share: "
                f"its socket {path} cannot be connected to: {error}",
            )
            _write_whole_lines()
        else:
            redirected.append(fd)
    return 1 in redirected


def _write_whole_lines() -> None:
    """Undo PYTHONUNBUFFERED, with which each part of a line is written for itself."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)  # it may be None, or a user's object
        if reconfigure is not None and not stream.closed:
            reconfigure(line_buffering=True, write_through=False)


def _connect(fd: int, path: str) -> None:
    connection = socket(AF_UNIX, SOCK_STREAM)
    try:
        connection.connect(path)
        os.dup2(connection.fileno(), fd)
    finally:
        connection.close()
