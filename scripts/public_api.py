"""Write down the public API of the packages, so that a change of it is seen and meant.

``uv run python -m scripts.public_api`` writes ``tests/api/PACKAGE.txt`` for every package;
``uv run python -m scripts.public_api PACKAGE`` prints one. A test compares the two.

Public is what a package's ``__all__`` names, and what its modules without an underscore define.
"""

from __future__ import annotations

import ast
import enum
import importlib
import inspect
import pkgutil
import re
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack, get_args, get_origin

from scripts.workspace import ROOT, members, released

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

# Where a type is defined is private, and differs between Pythons: pathlib._local.Path.
_MODULE = re.compile(r"\b(?:[a-z_]\w*\.)+(?=\w)")

FOLDER = ROOT / "tests" / "api"


def main() -> None:
    """Print the API of one package, or write that of all."""
    if names := sys.argv[1:]:
        for name in names:
            print(described(name), end="")
        return
    FOLDER.mkdir(exist_ok=True)
    for member in members().values():
        if member.is_released:
            (FOLDER / f"{member.name}.txt").write_text(described(member.name), "utf-8")


def described(name: str) -> str:
    """Return a package's public API as text, a line for a name and its members below it."""
    package = importlib.import_module(released(name).module)
    lines: list[str] = []
    told: set[str] = set()
    for module in public_modules(package):
        for public in sorted(names_of(module)):
            value = getattr(module, public)
            if identity(value) in told:
                continue  # a name of the package's that one of its modules defines
            told.add(identity(value))
            lines += description(f"{module.__name__}.{public}", value)
    return "".join(f"{line}\n" for line in lines)


def public_modules(package: ModuleType) -> list[ModuleType]:
    """Return a package and its modules whose names have no underscore."""
    found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    names = [info.name for info in found if "._" not in info.name]
    return [package, *map(importlib.import_module, sorted(names))]


def names_of(module: ModuleType) -> list[str]:
    """Return what a module offers: ``__all__``, or the public names that it defines."""
    if "__all__" in vars(module) or hasattr(module, "__all__"):
        return [name for name in module.__all__ if name != "__version__"]
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__
    ]


def identity(value: object) -> str:
    """Return the identity of an object: where it is defined, or what it is."""
    where = getattr(value, "__qualname__", None)
    return f"{value.__module__}.{where}" if where else f"{type(value).__qualname__} {id(value)}"


def description(path: str, value: Any) -> Iterator[str]:
    """Yield the lines that describe one name."""
    if inspect.isclass(value):
        bases = [base.__qualname__ for base in value.__bases__ if base is not object]
        yield f"class {path}({', '.join(bases)})"
        if issubclass(value, enum.Enum):
            yield from (f"    {member.name} = {member.value!r}" for member in value)
        else:
            maker = "__new__" if issubclass(value, tuple) else "__init__"
            yield f"    {maker}{signature(value)}"
        yield from members_of(value)
    elif callable(value) and inspect.isroutine(value):
        kind = "async def" if inspect.iscoroutinefunction(value) else "def"
        yield f"{kind} {path}{signature(value)}"
    elif type(value).__module__ == "typing":
        yield f"{path} = {value}"
    else:
        yield f"{path}: {type(value).__qualname__}"


def members_of(class_: type) -> Iterator[str]:
    """Yield the lines for what a class has: its own members, and those of private bases."""
    own = [base for base in class_.__mro__ if base is class_ or is_part_of(base, class_)]
    names = {name for base in own for name in (*vars(base), *types_in(base), *assigned(base))}
    for name in sorted(name for name in names if not name.startswith("_")):
        value = inspect.getattr_static(class_, name, None)
        if isinstance(value, (staticmethod, classmethod)):
            yield f"    {type(value).__name__} {name}{signature(value.__func__)}"
        elif isinstance(value, property):
            settable = ", settable" if value.fset else ""
            yield f"    property {name}{returns(value.fget)}{settable}"
        elif inspect.isfunction(value):
            kind = "async def" if inspect.iscoroutinefunction(value) else "def"
            yield f"    {kind} {name}{signature(value)}"
        elif not isinstance(value, enum.Enum):  # whose members are listed already
            types = [types_in(base)[name] for base in own if name in types_in(base)]
            yield f"    {name}: {types[0]}" if types else f"    {name}"


def is_part_of(base: type, class_: type) -> bool:
    """Return True if a base is private, so that what it has is the class's own."""
    package = class_.__module__.partition(".")[0]
    is_ours = base.__module__.partition(".")[0] == package
    return is_ours and base.__name__ not in names_of(importlib.import_module(package))


def types_in(class_: type) -> dict[str, str]:
    """Return the types that a class body names for attributes, as the source writes them."""
    return {name: printed(value) for name, value in inspect.get_annotations(class_).items()}


def assigned(class_: type) -> set[str]:
    """Return the attributes that ``__init__`` sets."""
    function = vars(class_).get("__init__")
    if not inspect.isfunction(function) or not Path(function.__code__.co_filename).exists():
        return set()
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    }


class Text(str):
    """Text that a signature shows as it is, without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def signature(function: Callable[..., Any]) -> str:
    """Return parameters and result as the source writes them, alike on every run and Python."""
    try:
        found = inspect.signature(function)
    except ValueError:  # made in C, and without a signature
        return "(...)"
    parameters = [
        parameter.replace(annotation=text(parameter.annotation), default=default(parameter))
        for parameter in found.parameters.values()
    ]
    result = text(found.return_annotation)
    return str(found.replace(parameters=parameters, return_annotation=result))


def text(annotation: object) -> object:
    """Return an annotation as something that a signature prints without quotes."""
    return annotation if annotation is inspect.Signature.empty else Text(printed(annotation))


def printed(annotation: Any) -> str:
    """Return a type as the source writes it, or nearly so where it was evaluated."""
    if isinstance(annotation, str):
        return annotation
    if "__forward_arg__" in dir(annotation):
        return str(annotation.__forward_arg__)
    if get_origin(annotation) is Unpack:
        return f"Unpack[{printed(get_args(annotation)[0])}]"
    return _MODULE.sub("", inspect.formatannotation(annotation))


def default(parameter: inspect.Parameter) -> object:
    """Return the default of a parameter in a form that every run prints alike."""
    value = parameter.default
    if isinstance(value, (set, frozenset)):
        return Text(f"{{{', '.join(sorted(map(repr, value)))}}}")
    if " at 0x" in repr(value):
        return Text(f"<{type(value).__qualname__}>")
    return value


def returns(getter: Callable[..., Any] | None) -> str:
    """Return the type that a property's getter names."""
    result = getattr(getter, "__annotations__", {}).get("return")
    return f" -> {printed(result)}" if result else ""


if __name__ == "__main__":
    main()
