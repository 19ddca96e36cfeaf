"""OpenTelemetry for AWS Lambda functions on lambda-runtime: one true span for each invocation.

Names load when they are first used: `instrument` does not load what `LambdaRuntimeInstrumentor`
needs to be found by ``opentelemetry-instrument``.
"""

from ._version import __version__

TYPE_CHECKING = False  # importing typing for this name would be felt in every cold start
if TYPE_CHECKING:
    from ._instrument import instrument, uninstrument
    from ._instrumentor import LambdaRuntimeInstrumentor
    from ._message_span import message_span
    from ._resource import LambdaResourceDetector

__all__ = [
    "LambdaResourceDetector",
    "LambdaRuntimeInstrumentor",
    "__version__",
    "instrument",
    "message_span",
    "uninstrument",
]

_HOME = {
    "LambdaResourceDetector": "_resource",
    "LambdaRuntimeInstrumentor": "_instrumentor",
    "instrument": "_instrument",
    "message_span": "_message_span",
    "uninstrument": "_instrument",
}


def __getattr__(name: str) -> object:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = __import__(f"{__name__}.{home}", fromlist=(name,))
    value = globals()[name] = getattr(module, name)
    return value


def __dir__() -> list[str]:
    return __all__
