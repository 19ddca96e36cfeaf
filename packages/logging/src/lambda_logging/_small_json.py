"""JSON of small values, by the C code below Python's own `json`.

ujson is faster for large ones, but takes longer to load than all of this package: it brings the C++
library and `decimal`. And `json` imports `re`, which nothing here needs.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, NoReturn


def write(value: Any) -> str:
    """Return a value as a JSON document, without spaces.

    Args:
        value: Dicts, lists, tuples, strings, finite numbers, booleans and None; keys that are not
            strings are written as strings.

    Raises:
        RecursionError: It holds itself, or is nested too deeply.
        TypeError: It holds something else.
        ValueError: It holds a number that is not finite.
    """
    return "".join(_encode(value, 0))


def to_json(value: Any) -> bytes:
    """Return a value as a JSON document, in UTF-8.

    Args:
        value: As for `write`. A lone surrogate in a string becomes its escape sequence.

    Raises:
        RecursionError: As for `write`.
        TypeError: As for `write`.
        ValueError: As for `write`.
    """
    text = "".join(_encode(value, 0))
    try:
        return text.encode()
    except UnicodeEncodeError:
        # The replacement for a lone surrogate is also its escape sequence in JSON.
        return text.encode("utf-8", "backslashreplace")


def _refuse(value: object) -> NoReturn:
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


_encode: Callable[[Any, int], Iterable[str]]
try:
    from _json import encode_basestring, make_encoder
except ImportError:  # not every Python has it, and its own `json` does without it, too
    from json import JSONEncoder

    _encoder = JSONEncoder(
        ensure_ascii=False, check_circular=False, allow_nan=False, separators=(",", ":")
    )

    def _iterate(value: Any, _: int) -> Iterable[str]:
        return _encoder.iterencode(value)

    _encode = _iterate
else:
    # No record of what holds what, no indent, no sorted keys, no keys left out, no NaN.
    _encode = make_encoder(None, _refuse, encode_basestring, None, ":", ",", False, False, False)
