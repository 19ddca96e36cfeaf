"""Give an environment the byte code of another one.

uv links the same files into both, with the same times, so that what was compiled for one is valid
in the other. Python compiles again what is not.

    python -m scripts.share_byte_code FROM TO
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from shutil import copyfile


def share(source: Path, target: Path) -> int:
    """Copy byte code from one environment into another.

    Args:
        source: The environment that has the byte code.
        target: The environment that lacks it. Packages that it does not have get none.

    Returns:
        The number of files.
    """
    count = 0
    for folder, _, files in os.walk(target / "lib"):
        compiled = source / Path(folder).relative_to(target) / "__pycache__"
        modules = {name.removesuffix(".py") for name in files if name.endswith(".py")}
        if not modules or not compiled.is_dir():
            continue
        own = Path(folder, "__pycache__")
        own.mkdir(exist_ok=True)
        for path in compiled.iterdir():
            if path.name.partition(".")[0] in modules and not (own / path.name).exists():
                copyfile(path, own / path.name)
                count += 1
    return count


if __name__ == "__main__":
    share(*map(Path, sys.argv[1:]))
