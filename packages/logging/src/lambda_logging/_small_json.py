"""JSON of small values, by the C code below Python's own `json`.

ujson is quicker for large ones, but takes longer to load than all of this package: it brings the C++
library and `decimal`. And `json` takes `re` along, which nothing here needs.
"""

from __future__ import annotations

from _json import encode_basestring, make_encoder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


def write(value: Any) -> str:
    """Return the JSON document of a value, without spaces.

    Args:
        value: Dicts, lists, tuples, strings, finite numbers, booleans and None; keys that are no
            strings are written as such.

    Raises:
        RecursionError: It holds itself, or is nested too deeply.
        TypeError: It holds something else.
        ValueError: It holds a number that is not finite.
    """
    return "".join(_encode(value, 0))


def _refuse(value: object) -> NoReturn:
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


# No record of what holds what, no indent, no sorted keys, no keys left out, no NaN.
_encode = make_encoder(None, _refuse, encode_basestring, None, ":", ",", False, False, False)
