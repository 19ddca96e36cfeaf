"""The patterns of policies."""

import re
from functools import lru_cache


@lru_cache(256)
def wildcard(pattern: str, *, cased: bool) -> re.Pattern[str]:
    """Return the regular expression of a pattern: ``*`` is any text, ``?`` any character.

    Args:
        pattern: The pattern.
        cased: True to distinguish capitals from small letters.
    """
    parts = (
        {"*": ".*", "?": "."}.get(part, re.escape(part)) for part in re.split(r"([*?])", pattern)
    )
    return re.compile("".join(parts), re.DOTALL if cased else re.DOTALL | re.IGNORECASE)
