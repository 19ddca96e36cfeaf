"""Applications of CDK: the folder that ``cdk synth`` writes, ``cdk.out``.

https://github.com/aws/aws-cdk/tree/main/packages/%40aws-cdk/cloud-assembly-schema
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
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
        path: The path of its construct, such as ``Prod/Api``.
        id: The id of its artifact.
        needs: The ids of the artifacts that it depends on.
    """

    name: str
    template: Path
    path: str
    id: str
    needs: tuple[str, ...]


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


def stack_of_template(path: Path) -> CdkStack | None:
    """Return the stack of an application that a template is of, as people give it to SAM; or None.

    Args:
        path: Any file.

    Raises:
        ProjectError: The manifest beside it has another form.
    """
    if not is_cdk(path.parent):
        return None
    stacks = read_stacks(path.parent)
    return next((each for each in stacks if each.template.resolve() == path.resolve()), None)


def choose_stacks(
    stacks: Sequence[CdkStack], patterns: Sequence[str], folder: Path
) -> list[CdkStack]:
    """Return the stacks that patterns name, and those that these depend on, as ``cdk deploy`` does.

    Args:
        stacks: The stacks of an application.
        patterns: Patterns of names or paths, such as ``Prod/*``; none for all stacks.
        folder: The folder of the application.

    Raises:
        ProjectError: No stack has such a name.
    """
    if not patterns:
        return list(stacks)
    by_id = {each.id: each for each in stacks}
    waiting: list[str] = []
    for pattern in patterns:
        found = [
            each.id
            for each in stacks
            if any(fnmatchcase(name, pattern) for name in (each.name, each.path, each.id))
        ]
        if not found:
            names = ", ".join(each.path for each in stacks)
            raise ProjectError(f"{folder} has no stack {pattern!r}: it has {names}.")
        waiting += found
    chosen: set[str] = set()
    while waiting:
        if (key := waiting.pop()) in by_id and key not in chosen:
            chosen.add(key)
            waiting += by_id[key].needs
    return [each for each in stacks if each.id in chosen]


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
            yield CdkStack(
                str(properties.get("stackName", key)),
                folder / template,
                str(artifact.get("displayName", key)).partition(" ")[0],
                key,
                tuple(artifact.get("dependencies") or ()),
            )
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
