"""The command ``hatch-lambda``: build without an environment of hatch's, and report."""

from __future__ import annotations

import argparse
import os
import signal
from pathlib import Path

from ._builder import LambdaBuilder
from ._options import PREFIX
from ._version import __version__


def main() -> None:
    """Build the functions of a project, and print the path of each archive."""
    parser = argparse.ArgumentParser(
        prog="hatch-lambda",
        description="Build archives for AWS Lambda, from [tool.hatch.build.targets.lambda].",
    )
    parser.add_argument("function", nargs="*", help="functions to build; default: all")
    parser.add_argument("--project", type=Path, default=Path(), help="project; default: here")
    parser.add_argument("--directory", help="folder for the archives; default: dist")
    parser.add_argument(
        "--report", action="store_true", help="print the sizes of parts and the times of imports"
    )
    parser.add_argument(
        "--check",
        action=argparse.BooleanOptionalAction,
        help="start the built function, up to its first request; default, unless check = false",
    )
    parser.add_argument("--version", action="version", version=__version__)
    arguments = parser.parse_args()
    if arguments.report:
        os.environ[f"{PREFIX}REPORT"] = "1"
    if arguments.check is not None:
        os.environ[f"{PREFIX}CHECK"] = str(int(arguments.check))
    builder = LambdaBuilder(str(arguments.project.resolve()))
    try:
        for artifact in builder.build(directory=arguments.directory, versions=arguments.function):
            print(artifact)  # noqa: T201 (a command's answer)
    except KeyboardInterrupt:
        raise SystemExit(128 + signal.SIGINT) from None


if __name__ == "__main__":
    main()
