"""The parts of this package that a runtime for AWS Lambda needs.

A runtime calls `lambda_logging.configure` at its start, and sets `current_request` for each
invocation, in the invocation's own context::

    from lambda_logging.runtime import current_request

    current_request.set(context)

From then on, every record has the id of its request. A runtime that serves one invocation at a time
calls `serve_alone` too, for the threads that the function starts. Names that a start does not need
load when they are first used.
"""

from ._settings import current_request, serve_alone
from ._shape import Shape, shape_of
from ._small_json import write as write_json

TYPE_CHECKING = False  # importing typing for this name would be felt in every cold start
if TYPE_CHECKING:
    from ._protocols import RequestContext, Sink
    from ._sink import StandardOutput
    from ._stdlib_handler import root_handler

EVENT_UNCHANGED = "__lambda_event_unchanged__"
"""A global that is True in a module whose decorators hand on the event that they get.

The annotation of a decorated handler's event counts through such decorators, and not through
others: a decorator may hand on another event.
"""

__all__ = [
    "EVENT_UNCHANGED",
    "RequestContext",
    "Shape",
    "Sink",
    "StandardOutput",
    "current_request",
    "root_handler",
    "serve_alone",
    "shape_of",
    "write_json",
]

_HOME = {
    "RequestContext": "_protocols",
    "Sink": "_protocols",
    "StandardOutput": "_sink",
    "root_handler": "_stdlib_handler",
}


def __getattr__(name: str) -> object:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = __import__(f"{__package__}.{home}", fromlist=(name,))
    value = globals()[name] = getattr(module, name)
    return value


def __dir__() -> list[str]:
    return __all__
