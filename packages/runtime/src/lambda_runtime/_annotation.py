"""The annotations of a handler: JSON as it is, the raw body, or a value of a type.

Every annotated handler's start runs through here, so nothing is imported, `typing` least of all:
types are known by their names and their marks. An annotation that needs more has loaded it itself.
"""

from __future__ import annotations

import sys

from lambda_logging.runtime import shape_of

from ._json import is_decodable_class
from ._options import MAX_LAYERS, layers, wrapped_by

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from ._options import Options

# The types of a JSON document, and those that say no more about one than these do.
_JSON = frozenset(
    (
        "builtins.NoneType",
        "builtins.bool",
        "builtins.dict",
        "builtins.float",
        "builtins.int",
        "builtins.list",
        "builtins.object",
        "builtins.str",
        "collections.abc.Collection",
        "collections.abc.Iterable",
        "collections.abc.Mapping",
        "collections.abc.MutableMapping",
        "collections.abc.MutableSequence",
        "collections.abc.Sequence",
        "typing.Any",
        "typing.Final",
        "typing.NotRequired",
        "typing.ReadOnly",
        "typing.Required",
        "typing_extensions.ReadOnly",
    )
)
_VARIADIC = 0x04  # a flag of code: it has ``*args``
# The types that JSON writes in another form, and that the converter knows.
_CONVERTED = frozenset(
    (
        "builtins.bytes",
        "builtins.frozenset",
        "builtins.set",
        "builtins.tuple",
        "collections.abc.MutableSet",
        "collections.abc.Set",
        "collections.deque",
        "datetime.date",
        "datetime.datetime",
        "datetime.time",
        "decimal.Decimal",
        "uuid.UUID",
    )
)
_UNION = type(int | str)

# The types of any JSON object, and of any JSON array.
_OBJECTS = frozenset(
    (
        "builtins.dict",
        "builtins.object",
        "collections.abc.Collection",
        "collections.abc.Container",
        "collections.abc.Iterable",
        "collections.abc.Mapping",
        "collections.abc.MutableMapping",
        "collections.abc.Reversible",
        "collections.abc.Sized",
        "typing.Any",
    )
)
_ARRAYS = frozenset(
    (
        "builtins.frozenset",
        "builtins.list",
        "builtins.set",
        "builtins.tuple",
        "collections.abc.MutableSequence",
        "collections.abc.MutableSet",
        "collections.abc.Sequence",
        "collections.abc.Set",
        "collections.deque",
    )
)
# The containers of objects of a class; an event that is a ``Callable[[Order], int]`` is not an
# `Order`.
_CONTAINERS = frozenset(
    (
        *_OBJECTS,
        *_ARRAYS,
        "builtins.mappingproxy",
        "collections.ChainMap",
        "collections.Counter",
        "collections.OrderedDict",
        "collections.defaultdict",
        "typing.Final",
    )
)


def event_annotation(handler: Callable[..., Any], options: Options) -> Any:
    """Return the type that a handler's event is decoded to.

    It is the annotation of the first positional parameter that is not bound yet, and it counts

    - for a function that is not decorated, or only by decorators of this project, where it names a
      class that decodes: an attrs class, a dataclass, a model of lambda-events or of pydantic, a
      msgspec struct, alone or in a container; or where it is `str` and the function was written
      for this runtime: it takes the event alone, or its module imports a name of this package;
    - where `function` is the outermost decorator, or there is a converter: for all types that are
      not plain JSON, such as named tuples, sets and dates, and behind any decorator.

    Args:
        handler: An (async) function, a method, a partial of them, or an object with ``__call__``.
        options: The handler's options.

    Returns:
        None for the JSON value as it is, `bytes` for the raw body, `str` for the body as text, or
        the type. An annotation that cannot be evaluated is None, too: a name that is only imported
        for type checkers is meant for type checkers.
    """
    outer, function, bound, is_decorated = _functions(handler)
    if is_decorated and not options.typed:
        return None
    code = getattr(function, "__code__", None)
    names = code.co_varnames[bound : code.co_argcount] if code else ()
    annotation = _annotation(outer, names[0], function) if names else None
    if annotation is bytes:
        return annotation
    if annotation is str and code is not None:  # it has one, if there is an annotation
        # Many functions for awslambdaric have it above events that are objects.
        takes_more = len(names) > 1 or code.co_flags & _VARIADIC
        return None if takes_more and not (options.typed or _uses_this_package(function)) else str
    if not options.typed:
        return annotation if _names_a_class(annotation) else None
    converts = _converts(annotation)
    counts = converts or (converts is None and options.converter is not None)
    return annotation if counts else None


def _uses_this_package(function: Any) -> bool:
    package = sys.modules[__name__.rpartition(".")[0]]
    names = vars(package)
    public = {id(package), *[id(names[name]) for name in package.__all__ if name in names]}
    return not public.isdisjoint(map(id, function.__globals__.values()))


def result_annotation(handler: Callable[..., Any], options: Options) -> Any:
    """Return the type of a handler's result, if it has to be converted to JSON.

    Args:
        handler: As for `event_annotation`.
        options: The handler's options.

    Returns:
        A type, to prepare for; None for plain JSON, and for a type that is not known.
    """
    outer, function, _, is_decorated = _functions(handler)
    if is_decorated and not options.typed:
        return None
    annotation = _annotation(outer, "return", function)
    return annotation if annotation is not bytes and _converts(annotation) else None


def parts(annotation: Any) -> Iterator[Any]:
    """Yield the plain types that an annotation is made of.

    Unions, aliases, new types, literals and TypedDicts are replaced by what they hold, and
    ``list[Order]`` by ``list`` and ``Order``; classes are not looked into.

    Args:
        annotation: A type.

    Raises:
        NameError: A name in it does not exist at run time.
    """
    pending, seen = [annotation], set[int]()
    for item in pending:
        if id(item) in seen:
            continue
        seen.add(id(item))
        if hasattr(item, "__supertype__"):  # NewType("Name", supertype)
            pending.append(item.__supertype__)
        elif hasattr(item, "__value__"):  # ``type Name = value``
            pending.append(item.__value__)
        elif is_union(item):
            pending.extend(item.__args__)
        elif is_literal(item):
            pending.extend({type(value) for value in item.__args__})
        elif is_typed_dict(item):
            from typing import get_type_hints

            pending.extend(get_type_hints(item, include_extras=True).values())
        elif hasattr(item, "__origin__"):
            pending.append(item.__origin__)
            pending.extend(part for part in getattr(item, "__args__", ()) if part is not ...)
        else:
            yield item


def is_union(annotation: Any) -> bool:
    """Return True if an annotation is a union or an optional, in either notation.

    Args:
        annotation: A type.
    """
    origin = getattr(annotation, "__origin__", None)
    return type(annotation) is _UNION or _name(origin) == "typing.Union"


def is_literal(annotation: Any) -> bool:
    """Return True if an annotation is a ``Literal``.

    Args:
        annotation: A type.
    """
    origin = getattr(annotation, "__origin__", None)
    return _name(origin) in ("typing.Literal", "typing_extensions.Literal")


def is_typed_dict(annotation: Any) -> bool:
    """Return True if an annotation is a TypedDict, by `typing` or by typing_extensions.

    Args:
        annotation: A type.
    """
    return (
        isinstance(annotation, type)
        and issubclass(annotation, dict)
        and hasattr(annotation, "__total__")
    )


def _functions(handler: Any) -> tuple[Any, Any, int, bool]:
    """Return the outer function, the inner one that it stands for, and what that has bound.

    The last value says whether a decorator in between may pass another event.
    """
    is_decorated = any(decorated for _, decorated in layers(handler))
    outer, bound = None, 0
    for _ in range(MAX_LAYERS):
        inner = wrapped_by(handler)
        if inner is None or hasattr(type(handler), "__code__"):
            shape = shape_of(handler)
            bound += shape.bound
            outer = shape.function if outer is None else outer
            inner = wrapped_by(shape.function)
            if inner is None:
                return outer, shape.function, bound, is_decorated
        handler = inner
    return None, None, 0, is_decorated


def _annotation(outer: Any, name: str, function: Any) -> Any:
    """Return one annotation of a function as a type, or None for what is none at run time."""
    names = getattr(function, "__globals__", {})
    try:
        annotation = _annotations(outer).get(name)
        while isinstance(annotation, str):  # quotes may be used under `from __future__`
            annotation = eval(annotation, names)  # noqa: S307 (code of the function's own)
        if annotation is None or not any(map(_is_reference, parts(annotation))):
            return annotation
        from types import SimpleNamespace
        from typing import get_type_hints

        # Names in quotes inside of a type, as in list["Order"]. With a second namespace, typing
        # does not take what the same words once meant in another module.
        holder = SimpleNamespace(__annotations__={name: annotation})
        return get_type_hints(holder, names, {}, include_extras=True)[name]
    except Exception:  # noqa: BLE001 (evaluating an annotation can raise anything)
        return None


def _annotations(function: Any) -> Any:
    try:
        return function.__annotations__
    except Exception:  # noqa: BLE001 (evaluating an annotation can raise anything)
        if not hasattr(function, "__annotate__"):
            return {}
        # From Python 3.14 on, all of them are evaluated now, and another one may be at fault. A
        # wrapper, as by `functools.cache`, has only the function that evaluates them.
        module = __import__("annotationlib")
        return module.get_annotations(function, format=module.Format.FORWARDREF)


def _converts(annotation: Any) -> bool | None:
    """Return True if an annotation asks for a conversion; None if only a user's converter knows."""
    if annotation is None:
        return False
    items = list(parts(annotation))
    if any(map(is_decodable_class, items)) or any(map(_is_convertible, items)):
        return True
    return False if all(_name(item) in _JSON for item in items) else None


def _names_a_class(annotation: Any, around: frozenset[int] = frozenset()) -> bool:
    """Return True if an annotation asks for objects of a class, and takes no plain JSON, too."""
    if id(annotation) in around:  # an alias that holds itself
        return False
    around |= {id(annotation)}
    annotation = _without_aliases(annotation)
    origin = _origin(annotation)
    if is_decodable_class(origin):
        return True
    if is_union(annotation):
        members = annotation.__args__
    elif _name(origin) in _CONTAINERS:
        members = getattr(annotation, "__args__", ())
    else:
        return False
    named = [_names_a_class(member, around) for member in members]
    return any(named) and not (is_union(annotation) and _takes_json(members, named))


def _takes_json(members: tuple[Any, ...], named: list[bool]) -> bool:
    """Return True if a union with classes also takes their objects, or arrays of them, as JSON is.

    A TypedDict is plain JSON to a type checker, whatever is in it; and of a class that nobody here
    knows, the function itself makes objects.
    """
    if any(_converts(member) is None for member in members):
        return True
    origins = [_origin(_without_aliases(member)) for member in members]
    arrays = {name for name, each in zip(named, origins, strict=True) if _name(each) in _ARRAYS}
    return len(arrays) == 2 or any(
        not name and (_name(each) in _OBJECTS or is_typed_dict(each))
        for name, each in zip(named, origins, strict=True)
    )


def _without_aliases(annotation: Any) -> Any:
    """Return what new types, ``type`` aliases and ``Annotated`` stand for."""
    while True:
        if hasattr(annotation, "__supertype__"):
            annotation = annotation.__supertype__
        elif hasattr(annotation, "__value__"):
            annotation = annotation.__value__
        elif hasattr(annotation, "__metadata__"):
            annotation = annotation.__origin__
        else:
            return annotation


def _origin(annotation: Any) -> Any:
    return getattr(annotation, "__origin__", annotation)


def _is_convertible(item: Any) -> bool:
    if not isinstance(item, type):
        return False
    enum = sys.modules.get("enum")
    return (
        _name(item) in _CONVERTED
        or (issubclass(item, tuple) and hasattr(item, "_fields"))
        or (enum is not None and issubclass(item, enum.Enum))
    )


def _is_reference(item: Any) -> bool:
    """Return True if a part of an annotation is a name of a type, not a type."""
    return isinstance(item, str) or _name(type(item)).endswith(".ForwardRef")


def _name(item: Any) -> str:
    return f"{getattr(item, '__module__', '')}.{getattr(item, '__qualname__', '')}"
