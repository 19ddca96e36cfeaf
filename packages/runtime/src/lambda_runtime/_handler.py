"""From ``"module.handler"`` to a function, and what kind of function it is."""

from __future__ import annotations

import sys

from .errors import Fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, MutableSequence
    from typing import Any

# inspect has names for them, and takes 20 ms to import.
_CO_VARARGS, _CO_GENERATOR, _CO_COROUTINE, _CO_ASYNC_GENERATOR = 0x04, 0x20, 0x80, 0x200


def load(name: str) -> Callable[..., Any]:
    """Import a handler by its name.

    Args:
        name: ``module.function``; the module may be nested, with dots or with slashes.

    Returns:
        The handler.

    Raises:
        Fault: The name is no handler's name, or the module cannot be imported, with the error
            types and the messages of the managed runtime.
        Exception: Whatever else the module raises while it is imported.
    """
    try:
        module_name, function_name = name.rsplit(".", 1)
    except ValueError as error:
        raise Fault("Runtime.MalformedHandlerName", f"Bad handler '{name}': {error}") from None
    if module_name.split(".")[0] in sys.builtin_module_names:
        raise Fault(
            "Runtime.BuiltInModuleConflict",
            f"Cannot use built-in module {module_name} as a handler module",
        )
    dotted = module_name.replace("/", ".")
    try:
        __import__(dotted)
        module = sys.modules[dotted]
    except (ImportError, ValueError) as error:  # ValueError: an empty name, as in ".handler"
        if isinstance(error, ValueError) and error.__traceback__ and error.__traceback__.tb_next:
            raise  # the module's own
        raise Fault(
            "Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}"
        ) from error
    except SyntaxError as error:
        where = f'  File "{error.filename}" Line {error.lineno}\n    {error.text}'
        raise Fault(
            "Runtime.UserCodeSyntaxError",
            f"Syntax error in module '{module_name}': {error}",
            [where],
        ) from error
    try:
        handler: Callable[..., Any] = getattr(module, function_name)
    except AttributeError:
        raise Fault(
            "Runtime.HandlerNotFound",
            f"Handler '{function_name}' missing on module '{module_name}'",
        ) from None
    return handler


def add_import_paths(path: MutableSequence[str], task_root: str | None, directory: str) -> None:
    """Make a function's modules importable, as the managed runtime does.

    Args:
        path: ``sys.path``, changed in place.
        task_root: ``LAMBDA_TASK_ROOT``, where Lambda unpacks the function.
        directory: The working directory, which ``python -I`` leaves out.
    """
    for folder in (directory, task_root):
        if folder and folder not in path:
            path.insert(0, folder)


def is_async(handler: Callable[..., Any]) -> bool:
    """Tell whether a handler needs an event loop.

    Args:
        handler: An (async) function, a method, a partial of them, or an object with ``__call__``.

    Returns:
        Whether it is declared with ``async def``; it may be a generator too.
    """
    return bool(_flags(handler) & (_CO_COROUTINE | _CO_ASYNC_GENERATOR))


def is_async_generator(handler: Callable[..., Any]) -> bool:
    """Tell whether calling a handler returns an async generator.

    Args:
        handler: As for `is_async`.
    """
    return bool(_flags(handler) & _CO_ASYNC_GENERATOR)


def is_generator(handler: Callable[..., Any]) -> bool:
    """Tell whether calling a handler returns a generator, of either kind.

    Args:
        handler: As for `is_async`.
    """
    return bool(_flags(handler) & (_CO_GENERATOR | _CO_ASYNC_GENERATOR))


def arity(handler: Callable[..., Any]) -> int:
    """Tell what a handler takes.

    Args:
        handler: As for `is_async`.

    Returns:
        1 for a handler that can take the event only, 3 for one that cannot do without a stream
        between the event and the context, and 2 for all others.
    """
    function, bound, named = _function(handler)
    code = getattr(function, "__code__", None)
    if code is None or code.co_flags & _CO_VARARGS:
        return 2
    names = code.co_varnames[bound : code.co_argcount]
    least = len(names) - len(getattr(function, "__defaults__", None) or ())
    # A partial that gives an argument by its name leaves no place for those from there on.
    most = min((names.index(name) for name in named if name in names), default=len(names))
    return 1 if most == 1 else 3 if min(least, most) == 3 else 2


def _flags(handler: Callable[..., Any]) -> int:
    code = getattr(_function(handler)[0], "__code__", None)
    return code.co_flags if code else 0


def _function(handler: Any) -> tuple[Any, int, set[str]]:
    """Return the function that does a handler's work, and what it has already.

    Returns:
        The function, how many arguments it has by their place, and the names of others.
    """
    bound = 0
    named: set[str] = set()
    while True:
        if hasattr(handler, "__func__"):  # a bound method
            bound += 1
            handler = handler.__func__
        elif hasattr(handler, "__code__"):
            break
        elif hasattr(handler, "func") and hasattr(handler, "args"):  # functools.partial
            bound += len(handler.args)
            named.update(getattr(handler, "keywords", ()))
            handler = handler.func
        elif hasattr(type(handler).__call__, "__code__"):
            bound += 1
            handler = type(handler).__call__
        else:
            break  # written in C: it is what it is
    return handler, bound, named
