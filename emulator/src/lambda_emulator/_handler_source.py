"""Reads what a function's source says of its handler, and runs none of it."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ._target import FunctionProgram

_MAX_HOPS = 5  # from one name or module to the next
_STREAMS = frozenset(
    {"AsyncGenerator", "AsyncIterable", "AsyncIterator", "Generator", "Iterable", "Iterator"}
)
_HTTP_EVENTS = ("LambdaFunctionURLEvent",)  # of web applications
_Function = ast.FunctionDef | ast.AsyncFunctionDef


class HandlerSource(NamedTuple):
    """A handler, as its source describes it.

    Attributes:
        module: The module that it can be imported from; None if importing that would run it.
        name: The name there.
        event_types: The names of the types in the annotation of its event, the likeliest first.
        streams: True if it streams its response.
    """

    module: str | None = None
    name: str = "handler"
    event_types: tuple[str, ...] = ()
    streams: bool = False


def read_handler(program: FunctionProgram) -> HandlerSource:
    """Read what the source of a function says of its handler.

    Args:
        program: The function's program.

    Returns:
        All that is found: nothing, if the source cannot be read.
    """
    search = [program.task_root, *map(Path, sys.path)]
    if ":" in program.handler:  # a web application, such as main:app
        return HandlerSource(event_types=_HTTP_EVENTS)
    if program.handler != "bootstrap":
        module, _, name = program.handler.rpartition(".")
        module = module.replace("/", ".")
        return _describe(_Module.find(module, search), module, name)
    path = next((Path(each) for each in reversed(program.arguments) if _is_program(each)), None)
    if path is None:
        return HandlerSource()
    main = _Module.read(path / "__main__.py" if path.is_dir() else path, search)
    if main is None:
        return HandlerSource()
    call, guarded = main.run_call()
    match call:
        case ast.Call(args=[ast.Constant(value=str(target)), *_]) if "." in target:
            module, _, name = target.rpartition(".")
            return _describe(_Module.find(module, search), module, name)
        case ast.Call(args=[ast.Attribute(value=ast.Name(id=module), attr=name), *_]):
            module = main.modules.get(module, module)
            return _describe(_Module.find(module, search), module, name)
        case ast.Call(args=[ast.Name(id=name), *_]):
            if (imported := main.imports.get(name)) is not None:
                module, name = imported
                return _describe(main.find_near(module), module.lstrip("."), name)
            importable = guarded and path.is_file() and path.stem.isidentifier()
            return _describe(main, path.stem if importable else None, name)
        case _:
            return HandlerSource()


def _is_program(argument: str) -> bool:
    path = Path(argument)
    return (path.suffix == ".py" and path.is_file()) or (path / "__main__.py").is_file()


def _describe(module: _Module | None, module_name: str | None, name: str) -> HandlerSource:
    if module is None:
        return HandlerSource(module_name, name)
    node, home = module.resolve(name)
    if isinstance(node, _Function):
        arguments = [*node.args.posonlyargs, *node.args.args]
        annotation = arguments[0].annotation if arguments else None
        types = [*home.decorator_types(node), *home.type_names(annotation)]
        streams = _yields(node) or bool(_STREAMS & {*_names(node.returns)})
        return HandlerSource(module_name, name, tuple(dict.fromkeys(types)), streams)
    if isinstance(node, ast.Call) and _is_application(node):
        streams = any(
            each.arg == "streaming" and isinstance(each.value, ast.Constant) and each.value.value
            for each in node.keywords
        )
        return HandlerSource(module_name, name, _HTTP_EVENTS, streams)
    return HandlerSource(module_name, name)


class _Module:
    """The names that a module defines and imports."""

    def __init__(self, tree: ast.Module, path: Path, search: Iterable[Path]) -> None:
        self._path = path
        self._search = list(search)
        self._tree = tree
        self._nodes: dict[str, ast.AST] = {}
        self.imports: dict[str, tuple[str, str]] = {}
        self.modules: dict[str, str] = {}
        for node in _statements(tree.body):
            self._note(node)

    @classmethod
    def read(cls, path: Path, search: Iterable[Path]) -> _Module | None:
        try:
            tree = ast.parse(path.read_bytes())
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        return cls(tree, path, search)

    @classmethod
    def find(cls, name: str, search: Iterable[Path]) -> _Module | None:
        search = list(search)
        parts = name.split(".")
        if not all(part.isidentifier() for part in parts):
            return None
        for root in search:
            base = root.joinpath(*parts)
            for path in (base / "__init__.py", base.with_name(f"{base.name}.py")):
                if path.is_file():
                    return cls.read(path, search)
        return None

    def find_near(self, name: str) -> _Module | None:
        """Find a module that this one imports from, relative names included."""
        level = len(name) - len(name.lstrip("."))
        if not level:
            return _Module.find(name, self._search)
        root = self._path.parents[level - 1]
        return _Module.find(name.lstrip("."), [root])

    def run_call(self) -> tuple[ast.Call | None, bool]:
        """Return the call of lambda_runtime's ``run``, and whether an import leaves it out."""
        plain = {id(node) for node in self._tree.body}
        for node in _statements(self._tree.body):
            value = node.value if isinstance(node, ast.Expr) else None
            if isinstance(value, ast.Call) and _last_name(value.func) == "run":
                return value, id(node) not in plain
        return None, False

    def resolve(self, name: str, hops: int = _MAX_HOPS) -> tuple[ast.AST | None, _Module]:
        """Return what a name stands for, and the module that defines it."""
        if hops and (imported := self.imports.get(name)) is not None:
            module = self.find_near(imported[0])
            return (None, self) if module is None else module.resolve(imported[1], hops - 1)
        node = self._nodes.get(name)
        if hops and isinstance(node, ast.Name):
            return self.resolve(node.id, hops - 1)
        if hops and isinstance(node, ast.Call) and not _is_application(node):
            # A decorator that is called: what it decorates is its argument.
            for argument in (*node.args, *(each.value for each in node.keywords)):
                if isinstance(argument, ast.Name):
                    found, home = self.resolve(argument.id, hops - 1)
                    if isinstance(found, _Function):
                        return found, home
        return node, self

    def type_names(self, annotation: ast.AST | None, hops: int = _MAX_HOPS) -> Iterator[str]:
        """Yield the names of types in an annotation; for those of this module, what they are."""
        for name in _names(annotation):
            if (imported := self.imports.get(name)) is not None:
                yield imported[1]
                continue
            yield name
            node = self._nodes.get(name) if hops else None
            if isinstance(node, ast.ClassDef):
                for base in node.bases:
                    yield from self.type_names(base, hops - 1)
            elif isinstance(node, ast.expr):
                yield from self.type_names(node, hops - 1)

    def decorator_types(self, node: _Function) -> Iterator[str]:
        """Yield what ``@event_source(data_class=...)`` and the like say."""
        for decorator in node.decorator_list:
            for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
                if keyword.arg in {"data_class", "model"}:
                    yield from self.type_names(keyword.value)

    def _note(self, node: ast.stmt) -> None:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                self._nodes[name] = node
            case ast.ClassDef(name=name):
                self._nodes[name] = node
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self._nodes[name] = value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                self._nodes[name] = value
            case ast.ImportFrom(module=module, names=names, level=level):
                for each in names:
                    source = "." * level + (module or "")
                    self.imports[each.asname or each.name] = (source, each.name)
            case ast.Import(names=names):
                for each in names:
                    self.modules[each.asname or each.name.partition(".")[0]] = each.name
            case _ if sys.version_info >= (3, 12) and isinstance(node, ast.TypeAlias):
                self._nodes[node.name.id] = node.value
            case _:
                pass


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a module, those within ``if``, ``try`` and ``with`` included."""
    for node in body:
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for field in ("body", "orelse", "finalbody"):
                yield from _statements(getattr(node, field, None) or [])
            for handler in getattr(node, "handlers", ()):
                yield from _statements(handler.body)


def _yields(function: _Function) -> bool:
    """Return whether a function is a generator; what is defined within it does not count."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(node, _Function | ast.Lambda | ast.ClassDef):
            waiting.extend(ast.iter_child_nodes(node))
    return False


def _names(annotation: ast.AST | None) -> Iterator[str]:
    """Yield the names in an annotation, outermost first; text in it is an annotation, too."""
    if annotation is None:
        return
    for node in ast.walk(annotation):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                yield from _names(ast.parse(node.value, mode="eval").body)
            except (SyntaxError, ValueError):
                continue


def _is_application(call: ast.Call) -> bool:
    """Return whether a call makes a handler of a web application."""
    return _last_name(call.func) in {"AsgiHandler", "WsgiHandler", "Mangum"}


def _last_name(node: ast.expr) -> str:
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case _:
            return ""
