"""ASGI and WSGI applications as handlers of AWS Lambda functions.

::

    from fastapi import FastAPI
    from lambda_asgi import AsgiHandler

    app = FastAPI()
    handler = AsgiHandler(app)

Names load when they are first used: what a function does not use costs its cold start nothing.
"""

TYPE_CHECKING = False  # importing typing for this name would be felt in every cold start
if TYPE_CHECKING:
    from ._application import handler_of
    from ._handler import AsgiHandler
    from ._media_types import TEXT_TYPES
    from ._version import __version__
    from ._wsgi import WsgiHandler

__all__ = ["TEXT_TYPES", "AsgiHandler", "WsgiHandler", "__version__", "handler_of"]

_HOME = {
    "AsgiHandler": "_handler",
    "TEXT_TYPES": "_media_types",
    "WsgiHandler": "_wsgi",
    "__version__": "_version",
    "handler_of": "_application",
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
