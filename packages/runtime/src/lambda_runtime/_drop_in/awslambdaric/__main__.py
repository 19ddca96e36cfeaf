"""The program ``python -m awslambdaric``, which programs that choose a server themselves call."""

from __future__ import annotations

import sys

from .bootstrap import run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

__all__ = ["main"]


def main(args: Sequence[str | None]) -> NoReturn:
    """Serve a handler.

    Args:
        args: The name of the program, and that of the handler.

    Raises:
        SystemExit: Always, in the end.
    """
    run(args[1] if len(args) > 1 else None)


if __name__ == "__main__":
    main(sys.argv)
