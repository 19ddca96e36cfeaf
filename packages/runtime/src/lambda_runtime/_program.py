"""One process of a function: the handler with its options, and how it starts and gives up."""

from __future__ import annotations

import sys

from ._shutdown import forks
from ._version import __version__
from .errors import RuntimeAPIError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Any, NoReturn

    from lambda_logging import PlatformLog

    from ._asyncio_shutdown import PollerShutdown
    from ._environment import Environment
    from ._extension import ShutdownExtension
    from ._lifespan import Lifespan
    from ._options import Options
    from ._prepared_handler import PreparedHandler
    from ._shutdown import Shutdown
    from ._worker import Worker

_PYTHON = ".".join(map(str, sys.version_info[:3]))
HEADERS = (("User-Agent", f"lambda-runtime/{__version__} Python/{_PYTHON}"),)
"""The headers of every request."""


class Program:
    """A handler with all that surrounds its loop.

    Attributes:
        environment: The settings of the execution environment.
        handler: The handler.
        lifespan: The lifespan, or None.
        options: The options.
    """

    def __init__(
        self, handler: PreparedHandler, options: Options, environment: Environment
    ) -> None:
        """Describe a program; nothing is started yet."""
        self.environment = environment
        self.handler = handler
        self.options = options
        self.lifespan: Lifespan | None = None
        self._extension: ShutdownExtension | None = None
        if options.lifespan is not None:
            from ._lifespan import Lifespan

            self.lifespan = Lifespan(options.lifespan)
        self._graceful_shutdown = options.graceful_shutdown
        if self._graceful_shutdown is None:
            self._graceful_shutdown = options.lifespan is not None

    def register_extension(self) -> None:
        """Ask Lambda for SIGTERM before it ends the environment, if anyone is to hear it."""
        if self._graceful_shutdown:
            from ._extension import ShutdownExtension

            self._extension = ShutdownExtension(self.environment.api, HEADERS, self.handler.log)
            self._extension.register()

    def listen(self, shutdown: Shutdown | PollerShutdown, worker: Worker | None) -> None:
        """Let a loop end at SIGTERM if anyone sends it, or something has to be closed."""
        if worker is not None or self.lifespan is not None or self._graceful_shutdown:
            shutdown.listen()

    def snapshot_steps(self) -> Generator[Any, None, None] | None:
        """Return the steps of taking and restoring a snapshot, if Lambda takes one."""
        if not self.environment.snapshot:
            return None
        from ._snapstart import snapshot
        from ._socket_transport import SocketTransport

        transport = SocketTransport(self.environment.api, HEADERS)
        return snapshot(transport, self._extension, self.handler.log)


def give_up(error: BaseException, environment: Environment, log: PlatformLog) -> NoReturn:
    """Report that the function cannot start, and end the process.

    Args:
        error: The reason.
        environment: The settings of the execution environment.
        log: The log for the failure.

    Raises:
        SystemExit: With code 1, or that of the error if it is one.
    """
    from ._delivery import deliver, exchange
    from ._invocation import failure_of

    if forks.is_child:
        forks.end(error, lambda error, _: log.failure(failure_of(error).error))
    from ._socket_transport import SocketTransport
    from ._start_requests import init_error_request

    failure = failure_of(error)
    log.start_failure(failure.error)
    log.flush()
    agents = sys.modules.get("lambda_runtime._agents")
    if agents is not None:
        agents.report_failed_start(failure.error, failure.error_type, log)
    request = init_error_request(failure.body, failure.error_type)
    try:
        exchange(SocketTransport(environment.api, HEADERS), request, deliver(request, log))
    except RuntimeAPIError as unreachable:
        log.write("FATAL", str(unreachable))
    sys.exit(vars(SystemExit)["code"].__get__(error) if issubclass(type(error), SystemExit) else 1)
