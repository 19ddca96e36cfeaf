"""The invocation that the calling code works for: the one context variable of the project."""

from _contextvars import ContextVar  # contextvars itself is this and one more import

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._protocols import RequestContext

current_request: ContextVar["RequestContext | None"] = ContextVar("lambda_request", default=None)
"""The request in hand, or None outside of any. The runtime sets it for each invocation."""
