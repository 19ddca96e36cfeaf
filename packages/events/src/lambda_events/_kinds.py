"""Whose class a class is, known by its marks: nothing is imported to find out."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def is_model(kind: Any) -> bool:
    """Tell whether a type is a model of this package, or one with type arguments."""
    kind = getattr(kind, "__origin__", kind)
    return isinstance(kind, type) and getattr(kind, "__lambda_event__", False) is True


def is_pydantic(kind: Any) -> bool:
    """Tell whether a type is a model or a dataclass of pydantic."""
    return isinstance(kind, type) and (
        hasattr(kind, "__pydantic_validator__") or hasattr(kind, "__pydantic_core_schema__")
    )


def is_msgspec(kind: Any) -> bool:
    """Tell whether a type is a struct of msgspec, or one with type arguments."""
    kind = getattr(kind, "__origin__", kind)
    return (
        isinstance(kind, type)
        and hasattr(kind, "__struct_fields__")
        and hasattr(kind, "__struct_config__")
    )


def is_foreign(kind: Any) -> bool:
    """Tell whether the library that a class is of decodes and encodes it: pydantic, msgspec."""
    return is_pydantic(kind) or is_msgspec(kind)
