"""The lines of a template that its resources come from, those included that are made of others."""

import re
from typing import Any

from lambda_emulator._project.template_file import TemplateFile, table_of

_LOOP = "Fn::ForEach::"


def line_of(source: TemplateFile, keys: tuple[str, ...]) -> int:
    """Return the line of a part of a template; 0 if it is not known.

    Args:
        source: The file.
        keys: The keys that lead there, in the template as it is once it was processed.
    """
    if keys[:1] != ("Resources",) or len(keys) == 1:
        return source.line(*keys)
    written = table_of(source.body.get("Resources"))
    made = keys[1]
    if made in written:
        return source.line("Resources", *keys[1:])
    if known := [each for each in written if made.startswith(each)]:
        origin = max(known, key=len)
        return _line_of_event(source, origin, made) or source.line("Resources", origin, *keys[2:])
    loop = next((name for name, body in written.items() if _makes(name, body, made)), None)
    return source.line("Resources", loop) if loop else 0


def _line_of_event(source: TemplateFile, origin: str, made: str) -> int:
    """Return the line of the event of which the translator has made a resource, or 0."""
    properties = table_of(table_of(source.body["Resources"][origin]).get("Properties"))
    rest = made.removeprefix(origin).removeprefix(f"Alias{properties.get('AutoPublishAlias')}")
    events: list[str] = [*table_of(properties.get("Events"))]
    for event in sorted(events, key=len, reverse=True):
        if rest.startswith(event):
            return source.line("Resources", origin, "Properties", "Events", event)
    return 0


def _makes(name: str, body: Any, made: str) -> bool:
    """Return whether a loop may have made a resource, or one that this is made of."""
    if not name.startswith(_LOOP) or not isinstance(body, list) or len(body) != 3:
        return False
    inner = table_of(body[2])
    patterns = (re.sub(r"\\[$&]\\{\w+\\}", r"\\w+", re.escape(each)) for each in inner)
    return any(re.match(pattern, made) for pattern in patterns) or any(
        _makes(key, each, made) for key, each in inner.items()
    )
