"""The command ``hatch-lambda``: build without an environment of hatch's, and report."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from ._builder import LambdaBuilder
from ._options import PREFIX
from ._version import __version__


def main() -> None:
    """Build the functions of a project, and print the path of each archive."""
    parser = argparse.ArgumentParser(
        prog="hatch-lambda",
        description="Build what AWS Lambda deploys, as [tool.hatch.build.targets.lambda] says.",
    )
    parser.add_argument("function", nargs="*", help="only these; all by default")
    parser.add_argument("--project", type=Path, default=Path(), help="its folder; here by default")
    parser.add_argument("--directory", help="where to put the archives; dist by default")
    parser.add_argument(
        "--report", action="store_true", help="print the sizes of parts and the times of imports"
    )
    parser.add_argument(
        "--check",
        action=argparse.BooleanOptionalAction,
        help="start what was built, up to its first request; by default, unless check = false",
    )
    parser.add_argument("--version", action="version", version=__version__)
    arguments = parser.parse_args()
    if arguments.report:
        os.environ[f"{PREFIX}REPORT"] = "1"
    if arguments.check is not None:
        os.environ[f"{PREFIX}CHECK"] = str(int(arguments.check))
    builder = LambdaBuilder(str(arguments.project.resolve()))
    for artifact in builder.build(directory=arguments.directory, versions=arguments.function):
        print(artifact)  # noqa: T201 (a command's answer)


if __name__ == "__main__":
    main()
