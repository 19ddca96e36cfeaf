"""From ``"module.handler"`` to a handler."""

from __future__ import annotations

import sys

from .errors import Fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, MutableSequence
    from types import ModuleType
    from typing import Any

_CODE = type((lambda: None).__code__)


def load(name: str) -> Callable[..., Any]:
    """Import a handler by its name.

    Args:
        name: ``module.function``; the module may be nested, with dots or with slashes. Of a web
            application, ``module:application``, with ``asgi:`` or ``wsgi:`` before it to say which.

    Returns:
        The handler.

    Raises:
        Fault: The name is not a handler's name, or the module cannot be imported, with the error
            types and the messages of the managed runtime.
        Exception: Whatever else the module raises while it is imported.
    """
    if ":" in name:
        return _load_application(name)
    try:
        module_name, function_name = name.rsplit(".", 1)
    except ValueError as error:
        raise Fault("Runtime.MalformedHandlerName", f"Bad handler '{name}': {error}") from None
    module = _import(module_name)
    try:
        handler: Callable[..., Any] = getattr(module, function_name)
    except AttributeError:
        raise _not_found(module_name, function_name) from None
    return handler


def _load_application(name: str) -> Callable[..., Any]:
    *interface, module_name, attributes = name.split(":")
    if interface not in ([], ["asgi"], ["wsgi"]) or not module_name or not attributes:
        raise Fault(
            "Runtime.MalformedHandlerName",
            f"Bad handler '{name}': an application is named as module:application, "
            "asgi:module:application or wsgi:module:application",
        )
    try:
        from lambda_asgi import handler_of
    except ModuleNotFoundError as error:
        raise Fault(
            "Runtime.ImportModuleError",
            f"Unable to serve the web application '{name}': {error}; pip install lambda-asgi",
        ) from error
    application: Any = _import(module_name)
    for attribute in attributes.split("."):
        try:
            application = getattr(application, attribute)
        except AttributeError:
            raise _not_found(module_name, attributes) from None
    try:
        return handler_of(application, *interface)  # type: ignore[arg-type] # one of the two
    except (ModuleNotFoundError, TypeError, ValueError) as error:
        raise Fault(
            "Runtime.InvalidApplication", f"Unable to serve the web application '{name}': {error}"
        ) from error


def _not_found(module_name: str, name: str) -> Fault:
    return Fault("Runtime.HandlerNotFound", f"Handler '{name}' missing on module '{module_name}'")


def _import(module_name: str) -> ModuleType:
    """Import a module, and fail with the error types and messages of the managed runtime."""
    if module_name.partition(".")[0] in sys.builtin_module_names:
        raise Fault(
            "Runtime.BuiltInModuleConflict",
            f"Cannot use built-in module {module_name} as a handler module",
        )
    dotted = module_name.replace("/", ".")
    try:
        __import__(dotted)
        return sys.modules[dotted]
    except (ImportError, ValueError) as error:  # ValueError: an empty name, as in ".handler"
        if isinstance(error, ValueError) and error.__traceback__ and error.__traceback__.tb_next:
            raise  # the module's own
        # The cause has the way to the import that failed, from the function's module on.
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


def refuse_application(handler: object, function: Any) -> None:
    """Refuse a web application in place of a handler: it would fail at each invocation.

    Args:
        handler: The handler as it was given.
        function: The innermost function of it.

    Raises:
        Fault: The parameters are those of ASGI or WSGI.
    """
    code = getattr(function, "__code__", None)
    names = code.co_varnames[: code.co_argcount] if isinstance(code, _CODE) else ()
    wrapper = "WsgiHandler" if names[-1:] == ("start_response",) else "AsgiHandler"
    if wrapper == "WsgiHandler" or names[-2:] == ("receive", "send"):
        raise Fault(
            "Runtime.InvalidApplication",
            f"{handler!r} is a web application, not a handler: name it with a colon, as in "
            f"main:app, or wrap it, as in {wrapper}(app), with lambda-asgi",
        )


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
