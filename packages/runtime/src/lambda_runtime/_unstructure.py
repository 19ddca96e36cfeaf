"""Objects to JSON values, by lambda-events. Loaded for results that are not plain JSON."""

from __future__ import annotations

from .errors import INSTALL_TYPED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def unstructure(value: Any, converter: Any = None) -> Any:
    """Return an object as a value that `encode` can write.

    Args:
        value: A model, an instance of an attrs class, a dataclass, or a class of pydantic or
            msgspec, or whatever the converter knows.
        converter: A cattrs converter; ours without one.

    Returns:
        Dicts, lists and scalars; Decimals as they are, bytes in base64, dates in ISO 8601.

    Raises:
        TypeError: lambda-events or what it needs is not installed.
        ValueError: The object holds itself.
    """
    try:
        from lambda_events import typed

        return typed.unstructure(value, converter=converter)
    except ModuleNotFoundError as error:
        raise TypeError(
            f"Object of type {type(value).__name__} is not JSON serializable: {error}; "
            f"{INSTALL_TYPED}"
        ) from error
