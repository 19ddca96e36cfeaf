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
    names = module.replace("/", ".").split(".")
    return (
        attribute.isidentifier()
        and attribute != "py"
        and all(name and not _NOT_IN_HANDLERS.search(name) for name in names)
    )
