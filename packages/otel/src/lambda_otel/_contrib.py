"""OpenTelemetry's own instrumentation of handlers, which AWS's layers use too.

It wraps the function that ``_HANDLER`` names, and makes a span of the call. Where the invocation
has a span already, the call goes past it. Under another runtime it does its work.
"""

from __future__ import annotations

import sys

from ._tracing import is_in_span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

_CONTRIB = "opentelemetry.instrumentation.aws_lambda"


def keep_contrib_quiet() -> None:
    """Let it make no span where there is one, whether it is loaded already or later."""
    module = sys.modules.get(_CONTRIB)
    if module is not None:
        _wrap_less(module)
    elif not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def _wrap_less(module: ModuleType) -> None:
    """Replace the function by which it wraps handlers, and wrap again what is wrapped."""
    places: Any = module
    original = places.wrap_function_wrapper
    if getattr(original, "is_quiet", False):
        return

    def wrap(target: Any, name: str, wrapper: Callable[..., Any], *args: Any) -> Any:
        def call(wrapped: Callable[..., Any], instance: Any, given: Any, named: Any) -> Any:
            if is_in_span():
                return wrapped(*given, **named)
            return wrapper(wrapped, instance, given, named)

        return original(target, name, call, *args)

    wrap.is_quiet = True  # type: ignore[attr-defined] # a mark
    places.wrap_function_wrapper = wrap
    instrumentor = places.AwsLambdaInstrumentor()
    if instrumentor.is_instrumented_by_opentelemetry:
        try:
            instrumentor.uninstrument()
        except AttributeError:  # it has found no handler, and does not know where one would be
            return
        instrumentor.instrument(skip_dep_check=True)


class _Finder:
    """Waits for the module to be imported."""

    def find_spec(self, name: str, *_: Any) -> ModuleSpec | None:
        if name != _CONTRIB:
            return None
        sys.meta_path.remove(self)
        from importlib.util import find_spec

        spec = find_spec(name)
        if spec is not None and spec.loader is not None:
            loader = spec.loader
            execute = loader.exec_module

            def exec_module(module: ModuleType) -> None:
                execute(module)
                _wrap_less(module)

            loader.exec_module = exec_module  # type: ignore[method-assign] # of this one loader
        return spec
