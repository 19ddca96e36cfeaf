"""Names that were probably meant."""

from collections.abc import Iterable
from itertools import islice

_MAX_SHOWN = 3


def similar(name: str, known: Iterable[str]) -> list[str]:
    """Return the names that one was probably meant to be, the likeliest first.

    Args:
        name: A name that is not known.
        known: Those that are.
    """
    from difflib import get_close_matches

    by_lower = {each.lower(): each for each in known}
    close = get_close_matches(name.lower(), by_lower, _MAX_SHOWN, 0.6)
    return [by_lower[each] for each in close]


def did_you_mean(names: Iterable[str]) -> str:
    """Return a question with the first of some names; nothing if there are none.

    Args:
        names: Names, the likeliest first.
    """
    shown = [*islice(dict.fromkeys(names), _MAX_SHOWN)]
    if not shown:
        return ""
    *others, last = shown
    return f"did you mean {', '.join(others)} or {last}?" if others else f"did you mean {last}?"
