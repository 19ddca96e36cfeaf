"""Releases, one package at a time: prepare one, check its tag, print its notes.

``python -m scripts.release prepare lambda-events 0.3.0`` writes the version and the changelog.
``python -m scripts.release check lambda-events/v0.3.0`` fails unless the tag, ``_version.py`` and
the changelog say the same, and prints ``name=value`` lines for GitHub Actions.
``python -m scripts.release notes lambda-events/v0.3.0`` prints that section of the changelog.
"""

from __future__ import annotations

import argparse
import datetime as dt
import re
import subprocess
import sys

from scripts.workspace import ROOT, Member, WorkspaceError, released

_TAG = re.compile(r"(?P<name>[a-z][a-z-]*)/v(?P<version>\d+\.\d+\.\d+)")
_SECTION = re.compile(
    r"^## \[(?P<version>[^\]]+)\](?P<date> - \d{4}-\d\d-\d\d)?\n(?P<text>.*?)(?=^## |\Z)",
    re.MULTILINE | re.DOTALL,
)


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    preparing = commands.add_parser("prepare")
    preparing.add_argument("package")
    preparing.add_argument("version")
    for name in ("check", "notes"):
        commands.add_parser(name).add_argument("tag")
    arguments = parser.parse_args()
    try:
        if arguments.command == "prepare":
            prepare(released(arguments.package), arguments.version)
            return
        package, version = parse_tag(arguments.tag)
        notes = check(package, version)
        if arguments.command == "notes":
            print(notes)
        else:
            print(f"package={package.name}\nversion={version}\nfolder={package.folder}")
    except WorkspaceError as error:
        sys.exit(str(error))


def parse_tag(tag: str) -> tuple[Member, str]:
    """Return the package and the version that a tag such as ``lambda-events/v0.3.0`` names.

    Raises:
        WorkspaceError: It is not a tag of a release.
    """
    found = _TAG.fullmatch(tag)
    if found is None:
        raise WorkspaceError(f"the tag {tag!r} is not of the form PACKAGE/vMAJOR.MINOR.PATCH")
    return released(found["name"]), found["version"]


def check(package: Member, version: str) -> str:
    """Return the notes of a release whose version is the same everywhere.

    Args:
        package: The package to release.
        version: The version in its tag.

    Raises:
        WorkspaceError: ``_version.py`` or the changelog says otherwise.
    """
    if package.version != version:
        raise WorkspaceError(
            f"the tag says {package.name} {version}, and {package.version_file.relative_to(ROOT)} "
            f"says {package.version}"
        )
    changelog = (package.path / "CHANGELOG.md").read_text("utf-8")
    where = f"{package.folder}/CHANGELOG.md"
    sections = [found for found in _SECTION.finditer(changelog) if found["version"] != "Unreleased"]
    if not sections or sections[0]["version"] != version:
        newest = f"has {sections[0]['version']} first" if sections else "has no release"
        raise WorkspaceError(f"the tag says {package.name} {version}, and {where} {newest}")
    if not sections[0]["date"]:
        raise WorkspaceError(
            f"{where} does not say the day of {version}: ## [{version}] - YYYY-MM-DD"
        )
    notes = str(sections[0]["text"]).strip()
    if not notes:
        raise WorkspaceError(f"{where} has no entry for {version}")
    return notes


def prepare(package: Member, version: str) -> None:
    """Write a version, and make the changelog's section of it from fragments and ``Unreleased``.

    Args:
        package: The package to release.
        version: The new version.

    Raises:
        WorkspaceError: The version is not a release's, or is older than the present one.
    """
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise WorkspaceError(f"{version!r} is not of the form MAJOR.MINOR.PATCH")
    if _key(version) < _key(package.version):
        raise WorkspaceError(f"{package.name} is at {package.version} already")
    source = package.version_file.read_text("utf-8")
    package.version_file.write_text(source.replace(f'"{package.version}"', f'"{version}"'), "utf-8")
    today = dt.datetime.now(dt.UTC).date().isoformat()
    options = {
        "--config": "scripts/towncrier.toml",
        "--dir": package.folder,
        "--name": package.name,
        "--version": version,
        "--date": today,
    }
    words = [word for option in options.items() for word in option]
    command = [sys.executable, "-m", "towncrier", "build", "--yes", *words]
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        raise WorkspaceError("towncrier failed; what it says is above")
    check(package, version)
    print(f"read {package.folder}/CHANGELOG.md, commit, and tag {package.name}/v{version}")


def _key(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


if __name__ == "__main__":
    main()
