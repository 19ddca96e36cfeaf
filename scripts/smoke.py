"""Import a package as its users get it: ``python -I scripts/smoke.py lambda_events 0.3.0``.

It is run by the interpreter of a fresh environment and from anywhere, and needs nothing else.
"""

from __future__ import annotations

import importlib
import sys
from importlib.metadata import version
from pathlib import Path


def main() -> None:
    """Import the module, check where it is from and what it says, and load all its names."""
    name, expected = sys.argv[1:]
    module = importlib.import_module(name)
    where = Path(module.__file__ or "")
    if not where.is_relative_to(sys.prefix):
        sys.exit(f"{name} was imported from {where}, which is not in {sys.prefix}")
    found = {module.__version__, version(name)}
    if found != {expected}:
        sys.exit(f"{name} should be {expected}, and says that it is {', '.join(sorted(found))}")
    if not (where.parent / "py.typed").exists():
        sys.exit(f"{name} has no py.typed, so type checkers would not read its types")
    for public in module.__all__:
        getattr(module, public)
    print(f"{name} {expected}: {len(module.__all__)} names")


if __name__ == "__main__":
    main()
