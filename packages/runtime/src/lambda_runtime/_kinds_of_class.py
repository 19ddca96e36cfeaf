"""Whose class a class is, known by its marks: nothing is imported to find out."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def is_model(kind: Any) -> bool:
    """Tell whether a type is a model of lambda-events, or one such as ``SQSEvent[Order]``."""
    kind = getattr(kind, "__origin__", kind)
    return isinstance(kind, type) and getattr(kind, "__lambda_event__", False) is True


def is_decodable_class(kind: Any) -> bool:
    """Tell whether events can be decoded to a class.

    Models of lambda-events can, and classes of attrs, `dataclasses`, pydantic and msgspec: each has
    a mark.
    """
    return isinstance(kind, type) and (
        is_model(kind)  # before attrs, which a model would load to answer
        or hasattr(kind, "__attrs_attrs__")
        or hasattr(kind, "__dataclass_fields__")
        or hasattr(kind, "__pydantic_validator__")
        or hasattr(kind, "__pydantic_core_schema__")
        or (hasattr(kind, "__struct_fields__") and hasattr(kind, "__struct_config__"))
    )
