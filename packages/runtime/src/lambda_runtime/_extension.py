"""The internal extension that makes Lambda send SIGTERM before it ends an environment.

Lambda kills a function without an extension. One that has registered gets SIGTERM and about half a
second.

Contract: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
"""

from __future__ import annotations

from ._http1 import Request
from ._socket_transport import SocketTransport

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from lambda_logging import PlatformLog

_PREFIX = "/2020-01-01/extension"
_NAME = "lambda-runtime-shutdown"
_REGISTER = Request(
    "POST",
    f"{_PREFIX}/register",
    "the registration for a shutdown signal",
    (("Lambda-Extension-Name", _NAME), ("Content-Type", "application/json")),
    b'{"events":[]}',  # an internal extension may not ask for SHUTDOWN; it gets the signal anyway
)


class ShutdownExtension:
    """An extension that wants no events, and therefore never gets one."""

    def __init__(self, address: str, headers: Sequence[tuple[str, str]], log: PlatformLog) -> None:
        """Name the server; nothing is sent yet.

        Args:
            address: ``host:port``, as in ``AWS_LAMBDA_RUNTIME_API``.
            headers: The header fields of every request.
            log: Gets the refusals.
        """
        self._transport = SocketTransport(address, headers)
        self._log = log
        self._wait: Request | None = None

    def register(self) -> None:
        """Register, and begin to wait; a refusal is logged, and costs nothing but the signal."""
        try:
            response = self._transport.round_trip(_REGISTER)
        except OSError as error:
            self._log.write("WARN", f"Lambda will send no shutdown signal: {error}")
            return
        identifier = response.headers.get("lambda-extension-identifier")
        if response.status != 200 or not identifier:
            said = response.body[:500].decode("utf-8", "replace")
            self._log.write(
                "WARN", f"Lambda will send no shutdown signal: status {response.status}: {said}"
            )
            return
        header = (("Lambda-Extension-Identifier", identifier),)
        self._wait = Request("GET", f"{_PREFIX}/event/next", "an extension's event", header)
        self.wait()

    def wait(self) -> None:
        """Send the poll that Lambda wants to see before it ends the init phase.

        Its response never comes, so nobody waits for it: the request alone is what counts.
        """
        if self._wait is None:
            return
        self._transport.close()
        try:
            self._transport.park(self._wait)
        except OSError as error:
            self._log.write("WARN", f"Lambda will send no shutdown signal: {error}")
