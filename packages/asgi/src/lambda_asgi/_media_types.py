"""The media types of bodies that are text."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

TEXT_TYPES = (
    "text/*",
    "*+json",
    "*+xml",
    "*+yaml",
    "application/ecmascript",
    "application/graphql",
    "application/javascript",
    "application/json",
    "application/jsonl",
    "application/sql",
    "application/toml",
    "application/x-javascript",
    "application/x-ndjson",
    "application/x-www-form-urlencoded",
    "application/x-yaml",
    "application/xml",
    "application/yaml",
)
"""The media types of bodies that are sent as text; an asterisk stands for anything."""


class TextTypes:
    """A set of media types."""

    def __init__(self, patterns: Iterable[str]) -> None:
        """Hold media types.

        Args:
            patterns: Media types, each with one asterisk at most, which stands for anything.

        Raises:
            TypeError: It is one string.
        """
        if isinstance(patterns, str):
            raise TypeError(f"text_types is a list of media types: write [{patterns!r}]")
        self._exact: set[str] = set()
        self._wild: list[tuple[str, str]] = []
        for pattern in patterns:
            start, asterisk, end = pattern.lower().partition("*")
            if asterisk:
                self._wild.append((start, end))
            else:
                self._exact.add(start)

    def match(self, content_type: str) -> bool:
        """Return True if a ``Content-Type`` is of one of the types; its parameters do not count."""
        media_type = content_type.partition(";")[0].strip().lower()
        return media_type in self._exact or any(
            media_type.startswith(start) and media_type.endswith(end) for start, end in self._wild
        )
