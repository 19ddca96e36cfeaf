"""Classes that decode and encode themselves: models of pydantic, structs of msgspec.

Whoever has such a class has loaded its library, so nothing is imported here. Values go through
JSON, as each library's own ``validate_json`` and ``decode`` take them: what is strict about
Python's objects takes text for a date there.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import TYPE_CHECKING, Any, get_args

from ._field import is_msgspec, is_pydantic
from ._problems import UNIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    Hook = Callable[[Any, Any], Any]


def is_union_of_one_library(annotation: Any) -> bool:
    """Return True if all members of a union are of pydantic, or all of msgspec, or None."""
    bare = annotation.__origin__ if hasattr(annotation, "__metadata__") else annotation
    members = [member for member in get_args(bare) if member is not type(None)]
    is_union = type(bare).__name__ in UNIONS
    return (
        is_union
        and len(members) > 1
        and (all(map(is_pydantic, members)) or all(map(is_msgspec, members)))
    )


@lru_cache(maxsize=256)
def foreign_hook(kind: Any) -> Hook:
    """Return the hook that has a class's own library decode a JSON value."""
    if _is_of_msgspec(kind):
        from ._msgspec import value_decoder

        decode = value_decoder(kind)
    else:
        from ._pydantic import Validator

        decode = Validator(kind).of_value
    return lambda value, _: decode(value)


@lru_cache(maxsize=256)
def document_decoder(kind: Any) -> Callable[[Any], Any]:
    """Return what decodes a JSON document, text or bytes, to a class of pydantic or msgspec.

    It raises `Problems`, with the places that the library names.
    """
    if _is_of_msgspec(kind):
        from ._msgspec import document_decoder as of_msgspec

        return of_msgspec(kind)
    from ._pydantic import Validator

    return Validator(kind).of_document


def unstructure(value: Any) -> Any:
    """Return an object of pydantic or msgspec as its library writes it to JSON."""
    kind = type(value)
    if is_msgspec(kind):
        return sys.modules["msgspec"].to_builtins(value, str_keys=True)
    if hasattr(kind, "model_dump"):
        return value.model_dump(mode="json")
    return sys.modules["pydantic"].TypeAdapter(kind).dump_python(value, mode="json")


def _is_of_msgspec(kind: Any) -> bool:
    return is_msgspec(kind) or any(map(is_msgspec, get_args(kind)))
