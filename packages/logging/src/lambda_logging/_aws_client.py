"""The request and the log channel of awslambdaric, AWS's runtime for Python."""

from __future__ import annotations

import os

from ._sink import TelemetryChannel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from ._protocols import RequestContext


class AwsRequestContext:
    """A request as three values, apart from any context."""

    __slots__ = ("aws_request_id", "tenant_id", "trace_id")

    def __init__(self, aws_request_id: str, tenant_id: str | None, trace_id: str | None) -> None:
        self.aws_request_id = aws_request_id
        self.tenant_id = tenant_id
        self.trace_id = trace_id


def request_of(bootstrap: ModuleType) -> Callable[[], RequestContext | None]:
    """Return a function that finds the current request.

    awslambdaric serves one invocation at a time and keeps it in a global variable, which counts in
    all threads.

    Args:
        bootstrap: The module ``awslambdaric.bootstrap``.
    """

    def request() -> RequestContext | None:
        request_id = getattr(bootstrap, "_GLOBAL_AWS_REQUEST_ID", None)
        if not request_id:
            return None
        tenant_id = getattr(bootstrap, "_GLOBAL_TENANT_ID", None)
        return AwsRequestContext(request_id, tenant_id, os.environ.get("_X_AMZN_TRACE_ID"))

    return request


def channel_of(logging: ModuleType | None) -> TelemetryChannel | None:
    """Return the framed channel that awslambdaric has opened, or None if there is none.

    Args:
        logging: The standard library's module, if it has been imported.
    """
    for handler in logging.getLogger().handlers if logging else ():
        fd = getattr(getattr(handler, "log_sink", None), "fd", None)
        if isinstance(fd, int):
            return TelemetryChannel(fd)
    return None
