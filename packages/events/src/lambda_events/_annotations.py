"""Read the annotations of a user's own model, in each of their spellings.

Models read few forms by themselves: JSON, a model, lists and dicts of models. All other annotations
are evaluated, and brought into one of these forms or left to `lambda_events.typed`. Our own models
are written in these forms, and do not need this.
"""

# ruff: noqa: SLF001 - a model's state is private to its users, not to the modules that make it

from __future__ import annotations

import sys

from ._field import VARIABLES, is_model
from ._names import HOME, public

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ._field import Field

_JSON = frozenset(
    (
        "builtins.NoneType",
        "builtins.bool",
        "builtins.float",
        "builtins.int",
        "builtins.object",
        "builtins.str",
        "typing.Any",
        "typing.Literal",
        "typing.LiteralString",
    )
)
_LISTS = frozenset(
    (
        "builtins.list",
        "collections.abc.Collection",
        "collections.abc.Iterable",
        "collections.abc.MutableSequence",
        "collections.abc.Sequence",
    )
)
_DICTS = frozenset(("builtins.dict", "collections.abc.Mapping", "collections.abc.MutableMapping"))
_WRAPPERS = frozenset(("Annotated", "Final", "NotRequired", "ReadOnly", "Required"))
# Names of typing that mean the same if they are only imported for type checkers.
_TYPING = {
    "Any": "typing.Any",
    "Collection": "collections.abc.Collection",
    "Dict": "builtins.dict",
    "Iterable": "collections.abc.Iterable",
    "List": "builtins.list",
    "Literal": "typing.Literal",
    "LiteralString": "typing.LiteralString",
    "Mapping": "collections.abc.Mapping",
    "MutableMapping": "collections.abc.MutableMapping",
    "MutableSequence": "collections.abc.MutableSequence",
    "Optional": "Optional",
    "Sequence": "collections.abc.Sequence",
    "Union": "Union",
}
_VIEWS = ("ARN", "Headers")
_PLAIN = "Any"


class _Unknown:
    """A name that means nothing at run time, with its arguments."""

    def __init__(self, name: str, args: tuple[Any, ...] = ()) -> None:
        self.name = name
        self.args = args

    def __call__(self) -> None:
        """Be what `typing` takes for a type."""

    def __getattr__(self, name: str) -> _Unknown:
        if name.startswith("_"):
            raise AttributeError(name)
        return _Unknown(name)

    def __getitem__(self, args: Any) -> _Unknown:
        return _Unknown(self.name, args if isinstance(args, tuple) else (args,))

    def __or__(self, other: Any) -> _Unknown:
        return _Unknown("Union", (self, other))

    def __ror__(self, other: Any) -> _Unknown:
        return _Unknown("Union", (other, self))


class _Names(dict[str, "Any"]):
    """The names that an annotation may use: those where the class is defined, then its module's."""

    def __init__(self, local: Mapping[str, Any], module: str) -> None:
        super().__init__()
        self.local = local
        self.used: dict[str, Any] = {}
        self.module = vars(sys.modules[module]) if module in sys.modules else {}
        self.typing: Any = None

    def __missing__(self, name: str) -> Any:
        for names in (self.local, self.module, vars(__import__("builtins"))):
            if name in names and not (name in VARIABLES and isinstance(names[name], str)):
                self.used[name] = names[name]
                return names[name]
        if name in _TYPING or name in _WRAPPERS:
            return getattr(self.typing, name, None) or _Unknown(name)
        return public(name) if name in HOME else _Unknown(name)


class _Other(Exception):
    """A model cannot read this by itself."""


class _Later(Exception):
    """A name does not mean anything yet."""


def read_annotation(
    item: Field, owner: str, namespace: dict[str, Any], local: Mapping[str, Any]
) -> None:
    """Bring a field's annotation into a form that a model reads, or have its type decoded.

    Args:
        item: The field, of a class that is being made.
        owner: The class's name.
        namespace: The class's body.
        local: The names where the class is defined.

    Raises:
        TypeError: The annotation cannot be evaluated.
    """
    names = _Names(local, namespace["__module__"])
    kind = _evaluated(item, names, owner)
    parameters = _parameters(namespace.get("__orig_bases__", ()))
    item.names = {**names.used, "__parameters__": parameters}
    try:
        _settle(item, kind, parameters, names)
    except _Later:
        item.is_read = False


def read_late(item: Field) -> None:
    """Do the same for a field that names what was not there when its class was made.

    Raises:
        TypeError: It is not there now.
    """
    owner: Any = item.owner
    names = _Names({**item.names, owner.__name__: owner}, owner.__module__)
    kind = _evaluated(item, names, owner.__name__)
    try:
        _settle(item, kind, item.names["__parameters__"], names)
    except _Later as error:
        raise TypeError(
            f"the annotation of {owner.__name__}.{item.name} names {error}, which does not exist at"
            " run time: import it outside of TYPE_CHECKING, or define it where the class can see it"
        ) from None
    item.is_read = True
    owner._has_types = owner._has_types or item.kind is not None


def _evaluated(item: Field, names: _Names, owner: str) -> Any:
    text = item.annotation
    if "Literal" not in text and "Annotated" not in text:
        text = text.replace('"', "").replace("'", "")
    try:
        return eval(text, {"__builtins__": {}}, names)  # noqa: S307 (code of the class's own)
    except Exception as error:  # noqa: BLE001 (evaluating an annotation can raise anything)
        raise TypeError(
            f"the annotation of {owner}.{item.name}, {item.annotation}, cannot be read: {error}"
        ) from None


def _settle(item: Field, kind: Any, parameters: tuple[Any, ...], names: _Names) -> None:
    """Set what a field's annotation means."""
    found: dict[str, Any] = {}
    try:
        text = _form(kind, parameters, found)
    except _Other:
        if any(isinstance(part, _Unknown) for part in _all_of(kind)):
            import typing

            names.typing = typing  # no model needs it for what it reads itself
            kind = _evaluated(item, names, item.name)
        _see_to_it_that_all_is_known(kind)
        _see_to_it_that_models_are_decoded(item, kind)
        item.kind = kind
        if _may_be_none(kind):
            item.annotation = f"{_PLAIN} | None"
    else:
        item.names = {**item.names, **found}
        item.annotation = text


def _form(kind: Any, parameters: tuple[Any, ...], found: dict[str, Any]) -> str:
    """Return a type in the words that models know.

    Raises:
        _Later: A name in it does not mean anything yet.
        _Other: It is something else.
    """
    if isinstance(kind, _Unknown) and kind.name in VARIABLES and not kind.args:
        return kind.name  # as in our own modules, where a variable is its name
    name, args = _head(kind)
    if name.rpartition(".")[2] in _WRAPPERS and args:
        return _form(args[0], parameters, found)
    if hasattr(kind, "__supertype__"):  # a NewType
        return _form(kind.__supertype__, parameters, found)
    if hasattr(kind, "__value__"):  # ``type Name = value``
        return _form(kind.__value__, parameters, found)
    if type(kind).__name__ == "TypeVar":
        return _variable(parameters.index(kind) if kind in parameters else -1)
    if name in {"Optional", "Union"}:
        return _union([*args, *((None,) if name == "Optional" else ())], parameters, found)
    if kind is None or name in _JSON:
        return "None" if kind is None or name == "builtins.NoneType" else _PLAIN
    if name in _LISTS:
        return _list(_form(args[0], parameters, found) if args else _PLAIN)
    if name in _DICTS:
        if args and _form(args[0], parameters, found) != _PLAIN:
            raise _Other
        if args and args[0] is not str and _head(args[0])[0] != "typing.Any":
            raise _Other
        return _dict(_form(args[1], parameters, found) if args else _PLAIN)
    return _class(kind, name, args, found)


def _class(kind: Any, name: str, args: tuple[Any, ...], found: dict[str, Any]) -> str:
    if isinstance(kind, _Unknown):
        raise _Later(kind.name)
    short = name.rpartition(".")[2]
    if name.startswith(f"{__package__}.") and short in _VIEWS:
        found[short] = kind
        return short
    if not is_model(kind):
        raise _Other
    model = getattr(kind, "__origin__", kind)
    if not all(map(_is_variable, args)):
        raise _Other  # ``SQSRecord[Order]``: it has types of its own
    found[short] = model
    return f"{short}[T]" if args else short


def _is_variable(arg: Any) -> bool:
    is_name = isinstance(arg, _Unknown) and arg.name in VARIABLES
    return is_name or type(arg).__name__ == "TypeVar"


def _union(members: list[Any], parameters: tuple[Any, ...], found: dict[str, Any]) -> str:
    forms = {_form(member, parameters, found) for member in members}
    optional = " | None" if "None" in forms else ""
    forms = {form.removesuffix(" | None") for form in forms - {"None"}}
    others = {form for form in forms if not _is_plain(form)}
    if not others:
        return f"{forms.pop() if len(forms) == 1 else _PLAIN}{optional}"
    if len(others) > 1 or forms - others - {_PLAIN}:
        raise _Other  # something has to distinguish the members
    return f"{others.pop()}{optional}"


def _list(item: str) -> str:
    if _is_plain(item.removesuffix(" | None")):
        return "list[Any]"
    if "[" in item.replace("[T]", "") or item in VARIABLES:
        raise _Other
    return f"list[{item}]"


def _dict(item: str) -> str:
    if _is_plain(item.removesuffix(" | None")):
        return "dict[str, Any]"
    bare = item.removeprefix("list[") if item.startswith("list[") else item
    if "[" in bare.replace("[T]", "") or item in VARIABLES:
        raise _Other
    return f"dict[str, {item}]"


def _is_plain(form: str) -> bool:
    return form in {_PLAIN, "None", "list[Any]", "dict[str, Any]"}


def _variable(index: int) -> str:
    for name, place in VARIABLES.items():
        if place == index:
            return name
    raise _Other


def _head(kind: Any) -> tuple[str, tuple[Any, ...]]:
    """Return the name of a type without its arguments, and these."""
    if isinstance(kind, _Unknown):
        return _TYPING.get(kind.name, kind.name), kind.args
    args: tuple[Any, ...] = getattr(kind, "__args__", ())
    if type(kind).__name__ in {"UnionType", "Union", "_UnionGenericAlias"}:
        return "Union", args
    if hasattr(kind, "__metadata__"):
        return "Annotated", (kind.__origin__,)
    origin = getattr(kind, "__origin__", kind)
    name = getattr(origin, "__qualname__", None) or getattr(origin, "_name", "")
    return f"{getattr(origin, '__module__', '')}.{name}", args


def _parameters(bases: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the type variables of a class, in the order in which arguments stand for them."""
    found: list[Any] = []
    for base in bases:
        parameters = getattr(base, "__parameters__", ())
        if getattr(base, "__origin__", None).__class__ is type and parameters:
            return tuple(parameters)  # ``Generic[T]`` says it for all bases
        found += [parameter for parameter in parameters if parameter not in found]
    return tuple(found)


def _may_be_none(kind: Any) -> bool:
    name, args = _head(kind)
    return name == "Optional" or (
        name == "Union" and any(arg in (None, type(None)) for arg in args)
    )


def _see_to_it_that_models_are_decoded(item: Field, kind: Any) -> None:
    """Raise an error if there is a model in a type that nothing decodes."""
    if not any(map(is_model, _all_of(kind))):
        return  # the user's converter may have a rule for it
    from ._payload import prepare

    try:
        prepare(kind, None)
    except NameError:
        pass  # a class in it names a later one
    except Exception as error:  # noqa: BLE001 (evaluating its parts can raise anything)
        raise TypeError(
            f"the annotation of {item.name}, {item.annotation}, cannot be decoded: {error}"
        ) from None


def _all_of(kind: Any) -> list[Any]:
    """Return a type and all its arguments, and theirs."""
    found = [kind]
    for item in found:
        args = getattr(item, "__args__", ())
        found += [arg for inner in args for arg in (inner if isinstance(inner, list) else [inner])]
    return found


def _see_to_it_that_all_is_known(kind: Any) -> None:
    """Raise `_Later` if a part of a type does not mean anything yet."""
    for item in _all_of(kind):
        if isinstance(item, _Unknown):
            raise _Later(item.name)
