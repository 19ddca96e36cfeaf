"""JSON as Lambda's Python functions know it: loaded at once, and written fast where it counts.

Documents are read, and small ones written, by the C code below Python's own `json`. To load ujson
takes nearly as long as all of this package: it only writes the results after a large one, and those
that are not plain. It never reads, because it accepts documents that are not JSON. Where it cannot
be loaded, the same C code writes.

Neither reports a value that it writes wrongly: a named tuple becomes a list, and ujson rounds a
Decimal. So what was written counts only when the value held nothing but the plain types that are
written exactly; any other value is first made plain, by the rules of the managed runtime, and what
has no place in JSON is an error that says where it was.
"""

from __future__ import annotations

from marshal import dumps as marshal
from sys import modules, version_info

from lambda_logging.runtime import write_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

_PLAIN = frozenset((str, int, float, bool, type(None)))
_CONTAINERS = frozenset((dict, list, tuple))
_BUILT_IN = _PLAIN | _CONTAINERS
_KEYS = frozenset((str, int, bool, type(None)))
_LARGE = 65_536  # characters; writing them, ujson has paid for its import after ten invocations
_WITHOUT_REFERENCES = 2  # a version of marshal's format
# More would not stay in the processor's cache until they are looked at again, and would leave gaps
# in memory.
_SOME = 256
# There, the dict of an object's attributes is empty to the garbage collector.
_HIDES_ATTRIBUTES = version_info >= (3, 13)


def decode(data: bytes) -> Any:
    """Return the value of a JSON document.

    Args:
        data: JSON in UTF-8.

    Returns:
        Dicts, lists, strings, integers of any size, floats, booleans and None.

    Raises:
        ValueError: It is not JSON; the message says what is wrong, and where.
    """
    try:
        text = data.decode().strip(" \t\n\r")
        value, end = _scan(text, 0)
        if end == len(text):
            return value
    # Not only a ValueError: Python 3.11 raises a SystemError as long as `json` is not loaded, and
    # later versions load it, which may be the function's own json.py.
    except Exception:  # noqa: BLE001, S110
        pass  # the next lines say what is wrong
    try:
        from json import loads

        return loads(data.decode("utf-8-sig"), parse_constant=_refuse)
    except ValueError:
        raise
    except RecursionError as error:
        raise ValueError(str(error)) from None
    except Exception:  # noqa: BLE001 (no file can be opened, or the function has a json.py)
        raise ValueError("Expecting a JSON document") from None


def encode(value: Any, unstructure: Callable[[Any], Any] | None = None) -> bytes:
    """Return the JSON document of a value.

    Args:
        value: Whatever `decode` returns, and tuples, named tuples and others with ``_asdict`` (as
            objects), Decimals (every digit kept), enums of int and str, and UTF-8 bytes (as
            strings). Keys may be strings, numbers, booleans and None. Instances of attrs classes
            and dataclasses may be anywhere in it.
        unstructure: The function that turns an object into such a value. Without one, attrs classes
            and dataclasses are turned by ours, which cattrs has to be installed for.

    Returns:
        JSON in UTF-8; a lone surrogate is escaped, because UTF-8 has no bytes for it.

    Raises:
        TypeError: It holds a value, or a key, that JSON cannot express.
        ValueError: It holds itself, is nested too deeply, or holds a number that is not finite.
    """
    global _write  # noqa: PLW0603 (one assignment, and so right in any thread)
    try:
        if type(value) not in _BUILT_IN and is_decodable_class(type(value)):
            value = _simple(value, unstructure)
        text = _write(value)
        if len(text) < _LARGE and _write is write_json:
            # It refuses subclasses, and copies the value: three times quicker, where that is small.
            # (Other keys that it takes have been refused above. ujson would have written any key.)
            marshal(value, _WITHOUT_REFERENCES)
            return _encode(text)
        if _is_plain(value):  # a value that holds itself does not get here
            if len(text) >= _LARGE:  # others will be
                _write = _write_large
            return _encode(text)
    except (RecursionError, TypeError, ValueError, OverflowError):
        pass  # it is not plain, or not JSON: the next lines know
    try:
        return _encode(_write_large(_plain(value, "", unstructure)))
    except (RecursionError, OverflowError):
        raise ValueError("Circular reference detected, or more than 1000 levels") from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"Out of range float values are not JSON compliant: {constant}")


class _Rules:
    """Read JSON as the standard library does, but without NaN and the infinities."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = staticmethod(_refuse)


_scan: Callable[[str, int], tuple[Any, int]]
try:
    from _json import make_scanner
except ImportError:  # not every Python has it, and its own `json` does without it, too
    from json import JSONDecoder

    _scan = JSONDecoder(parse_constant=_refuse).raw_decode
else:
    _scan = make_scanner(_Rules)  # type: ignore[arg-type]
_write = write_json


def _write_large(value: Any) -> str:
    try:
        from ujson import dumps
    except Exception:  # noqa: BLE001 (no file can be opened; a folder of the function's is first)
        return _written(value)
    return dumps(value, ensure_ascii=False, escape_forward_slashes=False, allow_nan=False)


def _written(value: Any) -> str:
    """Return the JSON of a value, with its numbers digit by digit, without loading anything."""
    if isinstance(value, _Written):
        return value.__json__()
    if isinstance(value, dict) and value:
        # A key is written as what precedes a null.
        items = [f"{write_json({key: None})[1:-5]}{_written(item)}" for key, item in value.items()]
        return "{" + ",".join(items) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(_written, value)) + "]"
    return write_json(value)


def _encode(text: str) -> bytes:
    # A lone surrogate becomes what is also its escape in JSON.
    return text.encode("utf-8", "backslashreplace")


def _is_plain(value: Any) -> bool:
    """Return True if a value is written exactly, by C code for many containers at once."""
    if type(value) not in _CONTAINERS:
        return type(value) in _PLAIN
    # Built into Python: that takes no file. A garbage collector knows what containers hold.
    from gc import get_referents
    from itertools import chain

    groups = [[value]]  # in each, containers of one type
    while groups:
        group = groups.pop()
        some = group[-_SOME:]
        if len(group) > _SOME:
            del group[-_SOME:]
            groups.append(group)
        children = get_referents(*some)
        if type(some[0]) is dict:
            if _HIDES_ATTRIBUTES and not all(map(get_referents, filter(None, some))):
                return False
            # It holds the keys of a dict only if they are not all strings.
            if len(children) != sum(map(len, some)) and not _KEYS.issuperset(
                map(type, chain.from_iterable(some))
            ):
                return False
        kinds = {*map(type, children)}
        if not kinds <= _BUILT_IN:
            return False
        for kind in kinds - _PLAIN:
            alike = len(kinds) == 1
            groups.append(children if alike else [c for c in children if type(c) is kind])
    return True


class _Written:
    """A value that is JSON already: ujson calls ``__json__`` for an object's JSON."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __json__(self) -> str:
        return self._text


def _plain(value: Any, path: str, unstructure: Callable[[Any], Any] | None) -> Any:
    """Return the value in the types that ujson writes exactly.

    Args:
        value: Any value.
        path: The place of the value in the whole, for messages.
        unstructure: The function that turns an object into such a value.
    """
    kind = type(value)  # a mock or a proxy claims the class of another object
    if value is None or kind is bool:
        return value
    if issubclass(kind, str):
        return str.__str__(value)
    if issubclass(kind, int):
        return int.__index__(value)
    if issubclass(kind, float):
        number = float.__float__(value)
        if number - number != 0:  # NaN and the infinities
            raise ValueError(
                f"Out of range float values are not JSON compliant: {value}{_at(path)}"
            )
        return number
    if issubclass(kind, (dict, list, tuple)):
        if kind not in _CONTAINERS and _has_as_dict(kind):  # as in a named tuple
            return _plain(_as_dict(value), path, unstructure)
        if issubclass(kind, dict):
            return {
                _key(key, path): _plain(item, f"{path}.{key}", unstructure)
                for key, item in value.items()
            }
        return [_plain(item, f"{path}[{index}]", unstructure) for index, item in enumerate(value)]
    if issubclass(kind, bytes):
        return bytes.decode(value)
    # There are Decimals only where their module is loaded, and the function may have a decimal.py.
    decimal = modules.get("_decimal") or modules.get("_pydecimal")
    if decimal is not None and issubclass(kind, decimal.Decimal):
        if not decimal.Decimal.is_finite(value):
            raise ValueError(f"Out of range Decimals are not JSON compliant: {value}{_at(path)}")
        return _Written(decimal.Decimal.__str__(value))
    if (simple := _simple(value, unstructure)) is not value:
        return _plain(simple, path, unstructure)
    if _has_as_dict(kind):  # as in a row of SQLAlchemy
        return _plain(_as_dict(value), path, unstructure)
    # AWS's runtime writes with simplejson, which takes parts that are JSON already.
    raw_json = getattr(modules.get("simplejson.raw_json"), "RawJSON", None)
    if raw_json is not None and issubclass(kind, raw_json):
        return _Written(value.encoded_json)
    raise TypeError(f"Object of type {kind.__name__} is not JSON serializable{_at(path)}")


def _simple(value: Any, unstructure: Callable[[Any], Any] | None) -> Any:
    """Return an object as simpler values, or the object itself if nothing is known about it."""
    if unstructure is not None:
        return unstructure(value)
    if not is_decodable_class(type(value)):
        return value
    if _has_as_dict(type(value)):
        return _as_dict(value)
    from ._unstructure import unstructure as ours

    return ours(value)


def _has_as_dict(kind: type) -> bool:
    """Return True for a class that has it: a mock has any name, and its class does not."""
    found = _on_class(kind, "_asdict")
    return callable(found) or isinstance(found, property)


def _as_dict(value: Any) -> Any:
    fields: Any = value._asdict()
    kind: type = type(fields)
    if not issubclass(kind, dict):
        raise TypeError(f"_asdict() must return a dict, not {kind.__name__}")
    return fields


def is_model(kind: Any) -> bool:
    """Return True if a type is a model of lambda-events, or one such as ``SQSEvent[Order]``."""
    if not issubclass(type(kind), type):
        kind = getattr(kind, "__origin__", None)
    return issubclass(type(kind), type) and _on_class(kind, "__lambda_event__") is True


def is_decodable_class(kind: Any) -> bool:
    """Return True if JSON can be decoded to a class, and its objects be written as JSON.

    Models of lambda-events can, and classes of attrs, `dataclasses`, pydantic and msgspec: each has
    a mark.
    """
    return issubclass(type(kind), type) and (
        is_model(kind)  # before attrs, which a model would load to answer
        or _on_class(kind, *_MARKS) is not None
        or _on_class(type(kind), "__struct_fields__") is not None  # of msgspec
    )


_MARKS = (
    "__attrs_attrs__",
    "__dataclass_fields__",
    "__pydantic_validator__",
    "__pydantic_core_schema__",
)


def _on_class(kind: type, *names: str) -> Any:
    """Return an attribute that a class has, or None: a metaclass may make up any."""
    for base in kind.__mro__:
        for name in names:
            if name in base.__dict__:
                return base.__dict__[name]
    return None


# As keys they are strings, and good JSON.
_NOT_FINITE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def _key(key: Any, path: str) -> Any:
    if issubclass(type(key), float):
        number = float.__float__(key)
        return number if number - number == 0 else _NOT_FINITE[float.__repr__(number)]
    if key is None or issubclass(type(key), (str, int, bytes)):
        return _plain(key, path, None)
    raise TypeError(
        f"keys must be str, int, float, bool or None, not {type(key).__name__}{_at(path)}"
    )


def _at(path: str) -> str:
    return f" (at {path})" if path else ""
