"""The folders of functions' and layers' code on this machine."""

import contextlib
import hashlib
import json
import re
import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from lambda_emulator._names import is_handler_name, split_application_name
from lambda_emulator._project.cache import cache_folder
from lambda_emulator._project.sam import LOCAL_BUCKET
from lambda_emulator._project.stack import Resource
from lambda_emulator._project.template_file import text_of

_INSTRUCTION = re.compile(r"^\s*(\w+)\s+(.*)$")
_PYTHON_RUNTIME = re.compile(r"lambda[-_]runtime|awslambdaric")
_STAGE = re.compile(r"--from=(\S+)")
_TASK_ROOT = re.compile(r"\$\{?LAMBDA_TASK_ROOT\}?|/var/task")


class Code(NamedTuple):
    """The code of a function.

    Attributes:
        folder: The folder, or None if it is not on this machine.
        handler: The handler.
        runtime: The runtime.
        not_served: The reason that the emulator does not serve it; empty if it does.
    """

    folder: Path | None
    handler: str = ""
    runtime: str = ""
    not_served: str = ""


def zip_code(resource: Resource, handler: str, runtime: str, *, key: str = "Code") -> Code:
    """Return the code of a function or a layer that is not an image.

    Args:
        resource: The function or the layer.
        handler: The handler.
        runtime: The runtime.
        key: The property with the code.
    """
    inline = resource.get(key, "ZipFile")
    folder = _inline_folder(text_of(inline)) if inline is not None else _local_folder(resource, key)
    code = Code(folder, handler, runtime)
    if not runtime.startswith(("python", "provided")):
        language = runtime or "a runtime that is not named"
        return code._replace(not_served=f"its runtime is {language}, and only Python is served")
    if folder is None:
        return code._replace(not_served=f"its code is not on this machine: {_shown(resource, key)}")
    if not folder.exists():
        missing = (
            f"archive {folder}: build it first" if folder.suffix == ".zip" else f"folder {folder}"
        )
        return code._replace(folder=None, not_served=f"there is no {missing}")
    if folder.is_file():
        from lambda_emulator._project.archive import ArchiveError, unpacked

        try:
            code = code._replace(folder=unpacked(folder))
        except ArchiveError as error:
            reason = f"its archive {folder} cannot be read: {error}"
            return code._replace(folder=None, not_served=reason)
    if runtime.startswith("provided") and not module_exists(handler, filter(None, [code.folder])):
        return code._replace(
            not_served=f"its runtime is {runtime}, and {handler or 'its handler'} is not Python"
        )
    return code


def image_code(resource: Resource) -> Code:
    """Return the code of a function that is an image, from its Dockerfile.

    Args:
        resource: The function.
    """
    context, dockerfile = _image_source(resource)
    command = [text_of(each) for each in resource.items("ImageConfig", "Command")]
    code = Code(None, command[0] if command else "", "image")
    if context is None or not dockerfile.is_file():
        where = f"there is no {dockerfile}" if context is not None else "it names no Dockerfile"
        return code._replace(not_served=f"it is an image, and {where}")
    sources, own_command, is_python = _read_dockerfile(dockerfile)
    handler = command[0] if command else next(iter(own_command), "")
    if not is_python or not (is_handler_name(handler) or split_application_name(handler)):
        return code._replace(
            handler=handler, not_served="it is an image whose command is not a handler of Python"
        )
    folders = [context, *(context / each for each in sources)]
    folders = [each if each.is_dir() else each.parent for each in folders]
    folder = next((each for each in folders if module_exists(handler, [each])), None)
    if folder is None:
        return code._replace(
            handler=handler,
            not_served=f"it is an image, and no folder of {context} has its handler {handler!r}",
        )
    return Code(folder.resolve(), handler, "image")


def layer_folder(layer: Resource) -> Path | None:
    """Return the folder of a layer, as ``/opt`` has it; None if it is not on this machine.

    ``sam build`` puts the files of a layer with a runtime as ``BuildMethod`` into ``python``.
    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/building-layers.html

    Args:
        layer: The layer.
    """
    folder = zip_code(layer, "", "python", key="Content").folder
    method = str(layer.metadata.get("BuildMethod", ""))
    if folder is None or (folder / "python").is_dir():
        return folder
    if method == "makefile":
        layer.warn(
            "Its Makefile is not run: run `sam build`, and serve .aws-sam/build/template.yaml.",
            "Content",
        )
    if not method.startswith("python"):
        return folder
    built = cache_folder("layers") / hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    _link_all(folder, built / "python")
    return built


def _link_all(source: Path, target: Path) -> None:
    """Fill a folder with links to all that is in another; layers of one folder are merged."""
    target.mkdir(parents=True, exist_ok=True)
    for link in target.iterdir():
        if not link.exists():
            link.unlink(missing_ok=True)
    for each in source.iterdir():
        with contextlib.suppress(FileExistsError):
            (target / each.name).symlink_to(each)


def module_exists(handler: str, folders: Iterable[Path]) -> bool:
    """Return whether a folder has the module of a handler.

    Args:
        handler: The handler, or ``module:app``.
        folders: The folders.
    """
    application = split_application_name(handler)
    module = application[0] if application else handler.rpartition(".")[0]
    if not module:
        return False
    path = module.replace(".", "/")
    return any((folder / f"{path}.py").is_file() or (folder / path).is_dir() for folder in folders)


def _local_folder(resource: Resource, key: str) -> Path | None:
    """Return the folder of an archive, from what the translator, or CDK, or a person wrote."""
    stack = resource.stack
    asset = resource.metadata.get("aws:asset:path")
    if isinstance(asset, str) and resource.metadata.get("aws:asset:property") == key:
        return _absolute(stack.base / asset)
    value = resource.get(key)
    if isinstance(value, str):  # a path, before `aws cloudformation package`
        return None if "://" in value else _absolute(stack.base / value)
    if not isinstance(value, Mapping):
        return None
    archive = text_of(value.get("S3Key", ""))
    if value.get("S3Bucket") == LOCAL_BUCKET:
        return _absolute(stack.base / archive)
    name = archive.rpartition("/")[2]
    if name in stack.assets:
        return _absolute(stack.assets[name])
    beside = stack.base / name  # where `serverless package` leaves it
    return _absolute(beside) if name and beside.is_file() else None


def _absolute(path: Path) -> Path:
    return path.resolve()


def _shown(resource: Resource, key: str) -> str:
    value = resource.get(key)
    if isinstance(value, Mapping) and "S3Bucket" in value:
        return f"s3://{value['S3Bucket']}/{value.get('S3Key', '')}"
    return json.dumps(value) if value is not None else f"it has no {key}"


def _inline_folder(source: str) -> Path:
    """Write code that is in a template into a folder, as Lambda does."""
    folder = cache_folder("inline") / hashlib.sha256(source.encode()).hexdigest()[:16]
    path = folder / "index.py"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    return folder


def _image_source(resource: Resource) -> tuple[Path | None, Path]:
    """Return the folder that an image is built from, and its Dockerfile."""
    stack, metadata = resource.stack, resource.metadata
    if isinstance(context := metadata.get("DockerContext"), str):
        folder = (stack.base / context).resolve()
        return folder, folder / str(metadata.get("Dockerfile", "Dockerfile"))
    if isinstance(asset := metadata.get("aws:asset:path"), str):
        folder = (stack.base / asset).resolve()
        return folder, folder / str(metadata.get("aws:asset:dockerfile-path", "Dockerfile"))
    uri = resource.text("Code", "ImageUri")
    for name, (folder, dockerfile) in stack.images.items():
        if name in uri:
            return folder.resolve(), folder.resolve() / dockerfile
    return None, Path()


def _read_dockerfile(path: Path) -> tuple[list[str], list[str], bool]:
    """Return what goes into the folder of the code, the command, and whether it is Python's."""
    text = path.read_text(encoding="utf-8", errors="replace").replace("\\\n", " ")
    stages: dict[str, list[str]] = {}  # the files that are copied into each, by name and number
    number = 0
    sources: list[str] = []
    command: list[str] = []
    is_python = _PYTHON_RUNTIME.search(text) is not None
    for line in text.splitlines():
        match = _INSTRUCTION.match(line)
        if match is None or line.lstrip().startswith("#"):
            continue
        instruction, rest = match[1].upper(), match[2].strip()
        if instruction == "FROM":
            base, *name = [each for each in _words(rest) if not each.startswith("--")] or [""]
            sources, command = [*stages.get(base, ())], []  # not those of the stage before
            stages[str(number)] = stages[name[-1] if name else base] = sources
            number += 1
            is_python = is_python or "python" in rest.lower()
        elif instruction in {"COPY", "ADD"}:
            words = [each for each in _words(rest) if not each.startswith("--")]
            if (stage := _STAGE.search(rest)) is not None:
                sources += stages.get(stage[1], ())
            else:
                sources += [_TASK_ROOT.sub("", each).strip("/") or "." for each in words[:-1]]
        elif instruction == "CMD":
            command = _words(rest)[-1:]  # the arguments of the entry point come first
    return sources, command, is_python


def _words(text: str) -> list[str]:
    if text.startswith("["):
        try:
            return [str(each) for each in json.loads(text)]
        except ValueError:
            return []
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()
