"""Type variables that cost nothing at run time: importing ``typing`` would be felt in a cold start.

A type checker sees the real ``Generic`` and variables with defaults (PEP 696), so that a plain
``SQSEvent`` is ``SQSEvent[Any]``.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Generic

    from typing_extensions import TypeVar

    T = TypeVar("T", default=Any)
    K = TypeVar("K", default=Any)
    V = TypeVar("V", default=K)  # KafkaEvent[Order] is a topic of orders
    P = TypeVar("P")
    Q = TypeVar("Q")
else:

    class Generic:
        """A base that ``Generic[T]`` gives a class at run time: nothing."""

        __slots__ = ()

        def __class_getitem__(cls, _: object) -> type:
            return cls

    T, K, V, P, Q = "TKVPQ"

__all__ = ["Generic", "K", "P", "Q", "T", "V"]
