"""The names that Lambda allows: of functions, and of handlers."""

import re

_FUNCTION = re.compile(r"[A-Za-z0-9_-]{1,64}")
# Lambda's API takes handlers without white space; a colon is for other things.
_NOT_IN_HANDLERS = re.compile(r"[\s:\x00-\x1f\x7f]")


def is_function_name(text: str) -> bool:
    """Return whether a text can be the name of a function.

    https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html

    Args:
        text: Any text.
    """
    return _FUNCTION.fullmatch(text) is not None


def is_handler_name(text: str) -> bool:
    """Return whether a text can be the name of a handler, as ``module.handler``.

    As on Lambda, a module that no import statement could name can be imported all the same.

    Args:
        text: Any text.
    """
    module, _, attribute = text.rpartition(".")
    return attribute.isidentifier() and attribute != "py" and _is_module_name(module)


def split_application_name(text: str) -> tuple[str, str] | None:
    """Return the module and the attribute of a web application, such as ``main:app``.

    Args:
        text: Any text. ``asgi:`` or ``wsgi:`` may precede the module.

    Returns:
        Both, or None if the text cannot be the name of an application.
    """
    *interface, module, attribute = text.split(":") if ":" in text else ("", "")
    is_name = _is_module_name(module) and all(map(str.isidentifier, attribute.split(".")))
    return (module, attribute) if is_name and interface in ([], ["asgi"], ["wsgi"]) else None


def _is_module_name(text: str) -> bool:
    names = text.replace("/", ".").split(".")
    return all(name and not _NOT_IN_HANDLERS.search(name) for name in names)
