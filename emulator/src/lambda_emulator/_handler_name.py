"""The names of handlers, as Lambda allows them."""

import re

# Lambda's API takes handlers without white space; a colon is for other things.
_NOT_IN_HANDLERS = re.compile(r"[\s:\x00-\x1f\x7f]")


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
