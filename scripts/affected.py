"""Say which packages a change concerns, as a matrix for GitHub Actions.

``python -m scripts.affected BASE`` compares the work tree's commit with where it left ``BASE``, a
commit or a branch, and prints a line ``matrix=JSON``. Without ``BASE`` everything is concerned.

A package is concerned by a change in its folder, and in those of the packages that it runs or is
tested with. Any other file concerns all of them, except benchmarks and texts, which the gate
tests.
"""

from __future__ import annotations

import argparse
import json
import subprocess

from scripts.workspace import ROOT, Member, members

PYTHONS = ("3.11", "3.12", "3.13", "3.14")

_NO_PACKAGE = ("benchmarks/", "docs/")


def main() -> None:
    """Print the matrix."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", nargs="?", help="the commit or branch that the change is against")
    base = parser.parse_args().base
    everything = members()
    names = concerned(changed_files(base), everything) if base else list(everything)
    packages = [everything[name] for name in names if everything[name].is_released]
    rows = [
        {"package": package.name, "folder": package.folder, "python": python}
        for package in packages
        for python in PYTHONS
    ]
    print(f"matrix={json.dumps({'include': rows}) if rows else ''}")


def changed_files(base: str) -> list[str]:
    """Return the paths that differ from the last common commit with ``base``."""
    command = ["git", "diff", "--name-only", "-z", "--no-renames", f"{base}...HEAD"]
    output = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout.decode()
    return output.split("\0")[:-1]


def concerned(paths: list[str], everything: dict[str, Member]) -> list[str]:
    """Return the names of the members that a change of these files concerns.

    Args:
        paths: Changed files, relative to the root, with slashes.
        everything: The members by name.
    """
    names: set[str] = set()
    for path in paths:
        owners = [name for name, m in everything.items() if path.startswith(f"{m.folder}/")]
        if owners:
            names.update(owners)
        elif not path.startswith(_NO_PACKAGE) and not path.endswith(".md"):
            return list(everything)
    while more := {
        name
        for name, member in everything.items()
        if name not in names and names & member.uses.keys()
    }:
        names |= more
    return [name for name in everything if name in names]


if __name__ == "__main__":
    main()
