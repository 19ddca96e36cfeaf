"""Structs of msgspec: decoded by itself, with all the problems of a value."""

from __future__ import annotations

import sys
from decimal import Decimal
from operator import is_not
from typing import TYPE_CHECKING, Any, get_args, get_origin

from ._field import is_foreign, is_msgspec
from ._problems import Path, Problem, Problems, missing, noted
from ._scalars import ExactFloat

if TYPE_CHECKING:
    from collections.abc import Callable

_DEEP = 20
_PIECE = 256
_ListOf: Any = list


def document_decoder(kind: Any) -> Callable[[Any], Any]:
    """Return what decodes a JSON document to a struct."""
    library = sys.modules["msgspec"]

    def decode(document: Any) -> Any:
        try:
            return library.json.decode(document, type=kind)
        except library.ValidationError as error:
            raise _problems_of_struct(error, library.json.decode(document), kind) from None
        except library.MsgspecError as error:  # it is not JSON
            raise Problems([_problem_of_msgspec(error)]) from None

    return decode


def value_decoder(kind: Any) -> Callable[[Any], Any]:
    """Return what converts a JSON value to a struct."""
    library = sys.modules["msgspec"]

    def decode(value: Any) -> Any:
        try:
            try:
                return library.convert(value, kind, str_keys=True)
            except library.ValidationError:
                plain = _plain_numbers(value)
                if plain is value:
                    raise
                return library.convert(plain, kind, str_keys=True)
        except library.ValidationError as error:
            raise _problems_of_struct(error, value, kind) from None

    return decode


def _plain_numbers(value: Any) -> Any:
    """Return a value with JSON's numbers for those that carry their digits, or the value itself."""
    if isinstance(value, dict):
        made: Any = {key: _plain_numbers(item) for key, item in value.items()}
        return made if any(made[key] is not item for key, item in value.items()) else value
    if isinstance(value, list):
        made = [_plain_numbers(item) for item in value]
        return made if any(map(is_not, made, value)) else value
    if type(value) is ExactFloat:
        return float(value)
    if type(value) is Decimal:
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _problems_of_struct(error: Any, value: Any, kind: Any) -> Problems:
    """Return the problems of a value; msgspec itself stops at the first."""
    found = _deeper(value, kind, sys.modules["msgspec"], _DEEP)
    return found or Problems([_problem_of_msgspec(error)])


def _problem_of_msgspec(error: Exception) -> Problem:
    told, _, path = str(error).rpartition(" - at `$")
    if not told:
        return Problem("", "", str(error))
    return Problem("", "", told, (Path(path[:-1].removeprefix(".")), None))


def _deeper(value: Any, kind: Any, library: Any, depth: int) -> Problems | None:
    """Return the problems of the parts of a value, each found by msgspec itself."""
    if depth == 0:
        return None
    if hasattr(kind, "__metadata__"):
        kind = kind.__origin__
    problems: Problems | None = None
    for step, part, part_kind, required in _parts(value, kind, library):
        if part is library.UNSET:
            if required:
                problems = missing(problems, step, part_kind)
        else:
            try:
                library.convert(part, part_kind, str_keys=True)
            except library.ValidationError as error:
                inner = _deeper(part, part_kind, library, depth - 1)
                inner = inner or Problems([_problem_of_msgspec(error)])
                problems = noted(problems, step, inner, part, part_kind)
        if problems is not None and problems.full:
            break
    return problems


def _is_right(value: Any, kind: Any, library: Any) -> bool:
    try:
        library.convert(value, kind, str_keys=True)
    except library.ValidationError:
        return False
    return True


def _parts(value: Any, kind: Any, library: Any) -> Any:
    """Yield the parts of a value: each one's step, value, type, and whether it must be there."""
    arguments = get_args(kind)
    if is_msgspec(kind) and isinstance(value, dict):
        for field in library.structs.fields(kind):
            key = field.encode_name
            yield key, value.get(key, library.UNSET), field.type, field.required
    elif isinstance(value, list) and get_origin(kind) in (list, set, frozenset, tuple):
        if get_origin(kind) is not tuple or arguments[1:] == (...,):
            for start in range(0, len(value), _PIECE):
                piece = value[start : start + _PIECE]
                if not _is_right(piece, _ListOf[arguments[0]], library):
                    for index, item in enumerate(piece, start):
                        yield index, item, arguments[0], True
    elif isinstance(value, dict) and get_origin(kind) is dict:
        keys = [*value]
        for start in range(0, len(keys), _PIECE):
            part = {key: value[key] for key in keys[start : start + _PIECE]}
            if not _is_right(part, kind, library):
                for key, item in part.items():
                    yield key, item, arguments[1], True
    else:
        members = [member for member in arguments if member is not type(None)]
        if len(members) == 1 and is_foreign(members[0]):
            yield from _parts(value, members[0], library)
