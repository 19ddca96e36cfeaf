"""Typed values: from JSON values to classes of one's own, and back.

This is the one decoder of lambda-events and lambda-runtime. It decodes models of events, attrs
classes, dataclasses, TypedDicts, named tuples, enums, dates, Decimals, containers and unions of all
these, and coerces nothing: ``"5"`` is not an int, an array is not an object, and a value of the
wrong kind is an error and never an object of defaults. Classes of pydantic and msgspec are decoded
by these libraries, by their own rules.

cattrs is loaded when a class is decoded that is neither a model nor one of those libraries'.
"""

from __future__ import annotations

from ._field import is_foreign, is_model
from ._payload import decode, error_of, is_foreign_alone, keeps_digits, prepare

TYPE_CHECKING = False
if not TYPE_CHECKING:

    def overload(function: object) -> object:
        """Stand in for typing's, which only means something to type checkers."""
        return function

else:
    from typing import overload

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from cattrs import Converter

    from .errors import EventDecodeError

    M = TypeVar("M")

__all__ = [
    "decoder",
    "document_decoder",
    "make_converter",
    "places_of",
    "prepare_result",
    "structure",
    "unstructure",
]


@overload
def structure(
    value: Any,
    type: type[M],
    *,
    converter: Converter | None = None,
) -> M: ...
@overload
def structure(
    value: Any,
    type: Any,
    *,
    converter: Converter | None = None,
) -> Any: ...
def structure(
    value: Any,
    type: Any,  # noqa: A002
    *,
    converter: Converter | None = None,
) -> Any:
    """Make a value of a type from a JSON value.

    Args:
        value: The value as `json.loads` gives it. A model keeps it rather than copy it: do not
            change it afterwards.
        type: The type: a model of events (``SQSEvent[Order]``), a class, or a container or a union
            of such (``list[Order]``, ``Order | None``).
        converter: A cattrs converter such as `make_converter` returns, with rules of your own; it
            also decodes the payloads of models.

    Returns:
        The value.

    Raises:
        EventDecodeError: The value is not of the type; the error names every place, up to 20.
        TypeError: There is no rule for the type.
    """
    return decode(value, type, converter)


def decoder(type: Any, *, converter: Converter | None = None) -> Callable[[Any], Any]:  # noqa: A002
    """Return a function that makes values of a type from JSON values.

    All that the type needs is made now, in a function's init phase, so that no event waits for it.

    Args:
        type: As `structure` takes it.
        converter: As `structure` takes it.

    Returns:
        A function of a JSON value. It raises `EventDecodeError` if the value is not of the type.

    Raises:
        TypeError: There is no rule for the type.
        Exception: The type cannot be evaluated: a name in it does not exist.
    """
    prepare(type, converter)
    return lambda value: decode(value, type, converter)


def document_decoder(
    type: Any,  # noqa: A002
    *,
    converter: Converter | None = None,
    parse: Callable[[bytes], Any] | None = None,
) -> Callable[[bytes], Any]:
    """Return a function that makes values of a type from JSON documents.

    Unlike `decoder`, it keeps every digit of a Decimal, and has pydantic and msgspec read the
    document themselves.

    Args:
        type: As `structure` takes it.
        converter: As `structure` takes it.
        parse: A function that reads documents in place of ours.

    Returns:
        A function of a document in UTF-8. It raises `EventDecodeError` if the document is not of
        the type, and what ``parse`` raises if it is not JSON.

    Raises:
        TypeError: There is no rule for the type.
        Exception: The type cannot be evaluated: a name in it does not exist.
    """
    prepare(type, converter)
    if converter is None and is_foreign_alone(type):
        from ._foreign import document_decoder as of_library

        read = of_library(type)

        def decode_document(document: bytes) -> Any:
            try:
                return read(document)
            except (RecursionError, ValueError) as error:
                raise error_of(error, document, type) from None

        return decode_document
    from ._json import read as ours, read_exactly

    reader = read_exactly if keeps_digits(type, converter) else parse or ours
    return lambda document: decode(reader(document), type, converter)


def unstructure(value: Any, *, converter: Converter | None = None) -> Any:
    """Return an object as a JSON value.

    Args:
        value: A model, or an instance of an attrs class, a dataclass, a class of pydantic or
            msgspec, or whatever the converter knows; or containers of such.
        converter: As `structure` takes it.

    Returns:
        Dicts, lists, strings, numbers, booleans and None; Decimals as they are, bytes in base64,
        dates and times in ISO 8601. Values that cattrs does not know stay as they are.

    Raises:
        ValueError: The value holds itself.
    """
    kind = type(value)
    try:
        if is_model(kind):
            return value.__json_value__(converter)
        if is_foreign(kind):
            return _unstructured_by_library(value, converter)
        from ._cycles import check_for_cycles

        check_for_cycles(value)
        return (_results() if converter is None else converter).unstructure(value)
    except RecursionError:
        raise ValueError(
            f"Circular reference detected: the {kind.__name__} holds itself,"
            " or is nested too deeply"
        ) from None


def make_converter() -> Converter:
    """Return a new cattrs converter with the rules of typed values, to add others to.

    Returns:
        A converter for the ``converter=`` of `structure` and its like, and of lambda-runtime's
        ``run``.
    """
    from ._converter import make_converter as make

    return make()


def places_of(error: EventDecodeError) -> str:
    """Return all places that an error names, in one line, without the name of the type.

    Args:
        error: The error that `structure` or a decoder raised.

    Returns:
        Such as ``items[2].price: expected float, found str ('abc'); name: missing``.
    """
    from ._problems import places_of as places

    return places(error)


def prepare_result(type: Any, *, converter: Converter | None = None) -> None:  # noqa: A002
    """Make what `unstructure` needs for a type, so that the first result does not wait for it.

    Args:
        type: The type of results; nothing happens for what there is no rule for.
        converter: As `structure` takes it.
    """
    if is_model(type) or (converter is None and is_foreign(type)):
        return
    from ._classes import has_fields, types_in

    made = _results() if converter is None else converter
    for kind in types_in(type):
        if has_fields(kind) and not is_model(kind):
            made.get_unstructure_hook(kind)


def _unstructured_by_library(value: Any, converter: Converter | None) -> Any:
    from ._foreign import unstructure as of_library

    made = value if converter is None else converter.unstructure(value)
    return of_library(value) if made is value else made  # a converter may not know the class


def _results() -> Converter:
    from ._converter import results

    return results()
