"""A handler in a folder, which a handler's name may reach with a slash or with a dot."""

from __future__ import annotations


def handler(event: object, _context: object) -> object:
    return {"nested": event}
