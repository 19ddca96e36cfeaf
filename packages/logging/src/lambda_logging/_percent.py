"""Messages with arguments for their percent signs, as ``logging`` has them."""

from __future__ import annotations

from _collections_abc import Mapping

from ._plain import text
from ._settings import settings


def formatted(message: object, args: object) -> str:
    """Return a message with its arguments in it.

    Args:
        message: The message, which is taken as text.
        args: A tuple of arguments, or the mapping that is the only one.

    Returns:
        The message; if the arguments do not fit, they follow it, with the reason.
    """
    try:
        args = _without_secrets(args)
        if isinstance(args, tuple) and len(args) == 1 and isinstance(args[0], Mapping) and args[0]:
            args = args[0]
        return str(message) % args
    except Exception as error:  # noqa: BLE001 (wrong arguments, or a user's __str__)
        return f"{text(message)} {text(args)} ({type(error).__name__}: {text(error)})"


def _without_secrets(args: object) -> object:
    if not settings.redact:
        return args
    from ._redact import without_secrets

    if isinstance(args, tuple):
        return tuple(without_secrets(arg, settings.redact) for arg in args)
    return without_secrets(args, settings.redact)
