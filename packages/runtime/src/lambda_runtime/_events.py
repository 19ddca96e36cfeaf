"""Models of lambda-events, which read and write themselves: told from other classes by their base."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def is_model(kind: Any) -> bool:
    """Tell whether a type is a model of lambda-events.

    Args:
        kind: A class, or one with type arguments, such as ``SQSEvent[Order]``.

    Returns:
        Whether it is. Nothing is imported: whoever has a model has loaded the package.
    """
    package = sys.modules.get("lambda_events._model")
    kind = getattr(kind, "__origin__", kind)
    return package is not None and isinstance(kind, type) and issubclass(kind, package.Model)
