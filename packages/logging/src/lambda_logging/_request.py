"""The invocation that the code at hand works for: the one context variable of the project."""

from _contextvars import ContextVar  # contextvars itself is this and an import more

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Request(Protocol):
        """What a record says of the invocation that it belongs to; any runtime's context will do.

        Contract: https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
        """

        aws_request_id: str
        """The invocation's id."""
        tenant_id: str | None
        """The tenant, for functions with tenant isolation."""
        trace_id: str | None
        """The X-Ray trace header, such as ``Root=1-...;Parent=...;Sampled=1``."""


current: ContextVar["Request | None"] = ContextVar("lambda_request", default=None)
"""The request in hand, or None outside of any. The runtime sets it for each invocation."""
