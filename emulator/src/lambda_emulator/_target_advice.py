"""Advice for a target that cannot be run: the fault, and the target that was probably meant."""

import ast
import os
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from ._handler_search import (
    all_candidates,
    calls_run,
    functions_of,
    handlers_in,
    is_likely,
    module_of,
    parse,
)
from ._names import is_function_name, is_handler_name
from ._similar import did_you_mean, similar

_MAX_FILES = 200  # that are read in search of projects
_TEMPLATES = frozenset({".json", ".template", ".yaml", ".yml"})
_HANDLER_SETTING = re.compile(r"""^\s*["']?Handler["']?:\s*["']?([\w./-]+\.\w+)""", re.MULTILINE)


def advise(target: str) -> str:
    """Return why a target is not a function, and what was probably meant.

    Args:
        target: The target that was typed.

    Returns:
        A sentence.
    """
    path = Path(target)
    if path.name == "cdk.out":
        return f"There is no manifest.json in {target!r}: write it with `cdk synth`."
    if path.is_dir():
        handlers = (each for each in handlers_in(path, depth=0) if is_likely(each))
        meant = did_you_mean([*projects_in(path)] or handlers)
        return (
            f"The directory {target!r} has no __main__.py: "
            + (meant or "add one that calls lambda_runtime.run(handler)")
            + ("" if meant else ", or name the handler as module.handler.")
        )
    if path.is_file():
        return f"The file {target!r} is not a Python program: {_what_of_file(path)}"
    if path.suffix in _TEMPLATES:
        meant = did_you_mean(projects_in(path.parent)) or "check its name, and the folder."
        return f"There is no file {target!r}: {meant}"
    if elsewhere := _outside(target):
        return elsewhere
    plain = _plain(target)
    candidates = list(all_candidates())
    meant = did_you_mean(_as_written(target, each) for each in _matches(plain, candidates))
    if is_handler_name(target):
        module = target.rpartition(".")[0]
        where = (
            _within_class(module, candidates)
            or meant
            or "run from the directory that holds it, or install it."
        )
        return f"There is no module {module!r} for the handler {target!r}: {where}"
    usage = "name a directory with a __main__.py, a .py file, or a handler as module.handler."
    return f"There is no {target!r}: {meant or usage}"


def projects_in(folder: Path) -> Iterator[str]:
    """Yield the projects in a folder: templates, and the output of CDK.

    Args:
        folder: The folder.
    """
    from ._project.cdk import is_cdk
    from ._project.template_file import is_template

    files = sorted(each for each in folder.glob("*") if each.suffix in _TEMPLATES)
    yield from (str(each) for each in islice(files, _MAX_FILES) if is_template(each))
    if is_cdk(folder / "cdk.out"):
        yield str(folder / "cdk.out")


def advise_handler(source: Path | None, target: str) -> str:
    """Return what was probably meant by a handler that its module does not have.

    Args:
        source: The module's file.
        target: The name of the handler, as ``module.handler``.

    Returns:
        A question, or nothing if the module has no function that could be meant.
    """
    module, _, attribute = target.rpartition(".")
    names = functions_of(source) if source is not None else []
    likely = similar(attribute, names) or [name for name in names if is_likely(f".{name}")]
    meant = [f"{module}.{name}" for name in likely]
    return did_you_mean(meant or _matches(_plain(target), list(all_candidates())))


def advise_program(source: Path | None) -> str:
    """Return what to do about a program that ends without having asked for an event.

    Args:
        source: The program's file.
    """
    usage = "does the program call lambda_runtime.run(handler)?"
    if source is None or not source.is_relative_to(Path.cwd()) or calls_run(source):
        return usage
    module = str(source.relative_to(Path.cwd()).with_suffix(""))
    likely = [f"{module}.{name}" for name in functions_of(source) if is_likely(f".{name}")]
    meant = did_you_mean(likely)
    return f"{usage} {meant[:1].upper()}{meant[1:]}".rstrip()


def class_warning(source: Path | None, target: str) -> str:
    """Return what to do with a handler that is a class, of which each event would make an object.

    Args:
        source: The module's file.
        target: The name of the handler, as ``module.handler``.

    Returns:
        A sentence, or nothing if the handler is not in a class of its module.
    """
    module, _, attribute = target.rpartition(".")
    if not attribute[:1].isupper() or source is None:  # as names of classes begin
        return ""
    for node in parse(source).body:
        if isinstance(node, ast.ClassDef) and node.name == attribute:
            return (
                f"{target} is a class, which Lambda would call with the event: add"
                f" handler = {attribute}().METHOD to {module}, and name {module}.handler."
            )
    return ""


def takes_event(source: Path | None, name: str) -> bool:
    """Return whether a name of a module is that of a function that takes an event.

    Functions that are web applications take ``(scope, receive, send)`` or
    ``(environ, start_response)``.

    Args:
        source: The module's file.
        name: The name.
    """
    for node in parse(source).body if source is not None else ():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            first = next(iter([*node.args.posonlyargs, *node.args.args]), None)
            return first is None or first.arg.strip("_") not in {"scope", "environ"}
    return False


def suggest_names(targets: Sequence[str]) -> list[str]:
    """Return targets with names that differ.

    Args:
        targets: Targets whose own names are the same.

    Returns:
        Each as ``NAME=TARGET``.
    """
    paths = [Path(target.rpartition(".")[0] if "." in target else target) for target in targets]
    parents = [path.resolve().parent.name for path in paths]
    attributes = [target.rpartition(".")[2] for target in targets]
    numbers = [f"{paths[0].name}-{number}" for number in range(1, len(targets) + 1)]
    for names in (parents, attributes, numbers):
        valid = all(map(is_function_name, names))
        if valid and len(set(names)) == len(names):
            return [f"{name}={target}" for name, target in zip(names, targets, strict=True)]
    return []


def _plain(target: str) -> str:
    """Return a target as it would be, with what people write in its place put right."""
    plain = target.strip().removesuffix("()").replace("\\", "/")
    plain = os.path.normpath(plain) if "/" in plain else plain
    here = f"{Path.cwd()}/"
    return plain.removeprefix(here).replace("::", ":").replace(":", ".").replace(".py.", ".")


def _matches(plain: str, candidates: list[str]) -> list[str]:
    """Return the candidates that a target probably stands for."""
    dotted = plain.replace("/", ".")
    same = [each for each in candidates if each.replace("/", ".").lower() == dotted.lower()]
    if same:
        return same
    base = dotted.removesuffix(".py")
    inside = [each for each in candidates if module_of(each) == base]
    if inside:
        return [each for each in inside if is_likely(each)] or inside
    if "." not in base:  # only the name of the function, perhaps
        names = [each.rpartition(".")[2] for each in candidates]
        meant = base if base in names else next(iter(similar(base, names)), None)
        named = [each for each, name in zip(candidates, names, strict=True) if name == meant]
        if named:
            return named
    name = Path(plain).name
    elsewhere = [each for each in candidates if each.endswith((f"/{name}", f".{name}"))]
    if elsewhere:
        return elsewhere
    module, _, attribute = dotted.rpartition(".")
    found: list[str] = []
    for close in similar(module or dotted, {module_of(each) for each in candidates}):
        inside = [each for each in candidates if module_of(each) == close]
        same = [each for each in inside if each.rpartition(".")[2] == attribute]
        found += same or [each for each in inside if is_likely(each)]
    return found


def _outside(target: str) -> str:
    """Return what to do when the module is there, and the name of the handler cannot say where."""
    module, _, attribute = target.rpartition(".")
    source = Path(f"{module}.py")
    if not (attribute.isidentifier() and os.path.isfile(source)):  # noqa: PTH113 (of any length)
        return ""
    if re.search(r"\s", target):
        return f"The handler {target!r} has a space, which Lambda refuses: rename {source}."
    folder = source.resolve().parent
    if not folder.is_relative_to(Path.cwd()):
        return (
            f"The handler {target!r} is not in the working directory:"
            f" change to {folder}, and name {source.stem}.{attribute}."
        )
    return ""


def _as_written(target: str, candidate: str) -> str:
    """Return a candidate with a colon, if the target has one and it may be an application."""
    module, _, name = candidate.rpartition(".")
    source = Path(f"{module}.py")
    is_application = ":" in target and source.is_file() and not takes_event(source, name)
    return f"{module}:{name}" if is_application else candidate


def _within_class(module: str, candidates: list[str]) -> str:
    """Return what to do when the module of a handler is a class of another."""
    outer, _, name = module.rpartition(".")
    if outer and name[:1].isupper() and any(module_of(each) == outer for each in candidates):
        return (
            f"{name} is within the module {outer}, and a handler is a function of a module:"
            " add one that calls the method."
        )
    return ""


def _what_of_file(path: Path) -> str:
    """Return what to name instead of a file that is not a program."""
    if path.suffix in _TEMPLATES:
        text = path.read_text(encoding="utf-8", errors="replace")
        if handlers := [*dict.fromkeys(_HANDLER_SETTING.findall(text))]:
            return f"name a handler that it has, such as {handlers[0]}."
        return "name a template of SAM or CloudFormation, such as `serverless package` writes."
    if path.suffix == ".ipynb":
        return "save the notebook as a .py file, and name that."
    if path.suffix in {".zip", ".whl"}:
        return "unpack the archive, and name the handler as module.handler."
    return "name a .py file."
