"""The invocation that the calling code works for: the one context variable of the project."""

from __future__ import annotations

from _contextvars import ContextVar  # contextvars itself is this and one more import

from ._settings import settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._protocols import RequestContext

current_request: ContextVar[RequestContext | None] = ContextVar("lambda_request", default=None)
"""The request in hand, or None outside of any. The runtime sets it for each invocation."""


def request_in_hand() -> RequestContext | None:
    """Return the request in hand, also under a runtime that does not set `current_request`."""
    request = current_request.get()
    if request is None and settings.foreign_request is not None:
        return settings.foreign_request()
    return request
