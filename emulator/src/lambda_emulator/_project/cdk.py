"""Applications of CDK: the folder that ``cdk synth`` writes, ``cdk.out``.

https://github.com/aws/aws-cdk/tree/main/packages/%40aws-cdk/cloud-assembly-schema
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from lambda_emulator._project.template_file import ProjectError

_STACK = "aws:cloudformation:stack"
_ASSEMBLY = "cdk:cloud-assembly"
MANIFEST = "manifest.json"
"""The file by which a folder is known."""


class CdkStack(NamedTuple):
    """A stack of an application.

    Attributes:
        name: The name.
        template: The file of its template.
    """

    name: str
    template: Path


class Assets(NamedTuple):
    """The files that templates refer to by hashes.

    Attributes:
        archives: Folders by the names of archives, such as ``HASH.zip``.
        images: Folders and Dockerfiles, by hashes.
    """

    archives: dict[str, Path]
    images: dict[str, tuple[Path, str]]


def is_cdk(path: Path) -> bool:
    """Return whether a folder is the output of CDK.

    Args:
        path: Any path.
    """
    if not (path / MANIFEST).is_file():
        return False
    try:
        return "artifacts" in json.loads((path / MANIFEST).read_bytes())
    except ValueError:
        return False


def read_stacks(folder: Path) -> list[CdkStack]:
    """Return the stacks of an application, those of its stages included.

    Args:
        folder: The folder.

    Raises:
        ProjectError: A file cannot be read, or has another form.
    """
    return list(_stacks(folder))


def read_assets(folder: Path) -> Assets:
    """Return the assets of an application, those of its stages included.

    Args:
        folder: The folder.

    Raises:
        ProjectError: A file cannot be read.
    """
    assets = Assets({}, {})
    for path in sorted(folder.rglob("*.assets.json")):
        table = _read(path)
        for key, each in (table.get("files") or {}).items():
            source = (each.get("source") or {}).get("path")
            if isinstance(source, str):
                assets.archives[f"{key}.zip"] = path.parent / source
                for destination in (each.get("destinations") or {}).values():
                    name = str(destination.get("objectKey", "")).rpartition("/")[2]
                    assets.archives[name] = path.parent / source
        for key, each in (table.get("dockerImages") or {}).items():
            source = each.get("source") or {}
            if isinstance(directory := source.get("directory"), str):
                dockerfile = str(source.get("dockerFile", "Dockerfile"))
                assets.images[key] = (path.parent / directory, dockerfile)
    return assets


def _stacks(folder: Path) -> Iterator[CdkStack]:
    artifacts = _read(folder / MANIFEST).get("artifacts") or {}
    for key, artifact in artifacts.items():
        properties = artifact.get("properties") or {}
        if artifact.get("type") == _STACK:
            template = properties.get("templateFile")
            if not isinstance(template, str):
                raise ProjectError(f"{folder / MANIFEST}: the stack {key} names no templateFile.")
            yield CdkStack(str(properties.get("stackName", key)), folder / template)
        elif artifact.get("type") == _ASSEMBLY:
            yield from _stacks(folder / str(properties.get("directoryName", "")))


def _read(path: Path) -> Mapping[str, Any]:
    try:
        table: Any = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ProjectError(f"{path} cannot be read: {error}") from error
    if not isinstance(table, dict):
        raise ProjectError(f"{path} has another form than CDK's.")
    return table
