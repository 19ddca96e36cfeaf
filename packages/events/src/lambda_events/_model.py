"""Models: classes whose annotations describe a JSON object.

::

    class SQSRecord(Model, Generic[T]):
        message_id: str                             # "messageId"
        event_source_arn: ARN = field("eventSourceARN")
        attributes: SQSRecordAttributes
        message_attributes: dict[str, SQSMessageAttribute] = EMPTY

A model is an attrs class with slots to all who ask (``attrs.fields``, ``attrs.evolve``,
``attrs.asdict``, cattrs), but attrs itself is only imported when somebody asks: it takes several
times as long as all that a function needs to decode an event. One metaclass does the work of attrs'
decorator for each class, and the code that reads a JSON object is generated when the first one
comes.

A part of an event that is a model of its own is read when it is first asked for: most functions
never look at most of an event. Three rules make reading lossless and keep it from failing:

- A model keeps the JSON object that it was read from, which remembers unknown keys, the order of
  the keys, and whether a key was null or absent. Writing starts from it.
- A value that is not what the annotation says is kept as it is.
- A key that is null or absent reads as None, or, when the annotation does not allow None, as an
  empty container or an empty model.
"""

# ruff: noqa: SLF001 - a model's state is private to its users, not to the modules that make it

from __future__ import annotations

import sys

from ._field import EMPTY, PAYLOADS, REQUIRED, UNREAD, Field, field
from ._names import HOME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, ClassVar, Self, TypeVar, dataclass_transform

    C = TypeVar("C", bound="ModelType")
    F = TypeVar("F", bound=Callable[..., Any])
else:

    def dataclass_transform(**_: object) -> object:
        """Stand in for typing's, which only means something to type checkers."""
        return lambda cls: cls


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join([word.capitalize() for word in tail])


_CASES: dict[str, Callable[[str], str]] = {
    "camel": _camel,
    "pascal": lambda name: "".join([word.capitalize() for word in name.split("_")]),
    "kebab": lambda name: name.replace("_", "-"),
    "snake": lambda name: name,
}


class ModelType(type):
    """The metaclass: collects the fields and makes the slots."""

    _case: str
    _fields: dict[str, Field]
    _wires: dict[str, Field]
    _expects: Mapping[str, Any]
    _needs: frozenset[str]
    _bound: tuple[Any, ...] | None
    _has_payloads: bool  # fields whose types are the user's to say, in brackets
    _has_types: bool  # fields that `lambda_events.typed` decodes
    _read: Any

    def __new__(
        cls: type[C],
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        *,
        case: str | None = None,
        expects: Mapping[str, Any] | None = None,
    ) -> C:
        """Make a model class.

        Args:
            name: The class's name.
            bases: One model at most that has fields, and classes without slots.
            namespace: The class's body.
            case: The rule from names to keys in JSON: ``camel``, ``pascal``, ``kebab`` or
                ``snake``; by default the base's.
            expects: The values that identify the type, besides the base's, by path: a constant that
                the value must be if it is there (or there is a type in the base), a tuple of such
                constants, or a JSON type (`list`, `dict`) that it must have.

        Raises:
            TypeError: An annotation is not text, or cannot be read.
        """
        own: dict[str, Field] = {}
        parents = [base for base in bases if isinstance(base, cls)]
        parent: Any = parents[0] if parents else None
        style: str = case or (parent._case if parent else "camel")
        wire_name = _CASES[style]
        has_payloads = has_types = False
        is_ours = namespace["__module__"].startswith(f"{__package__}.")
        for key, annotation in namespace.get("__annotations__", {}).items():
            if not isinstance(annotation, str):
                raise TypeError(
                    f"the annotation of {name}.{key} is not text: begin its module with"
                    " from __future__ import annotations"
                )
            if "ClassVar" in annotation:
                continue
            default = namespace.pop(key, REQUIRED)
            item = default if isinstance(default, Field) else Field(None, default, secret=False)
            item.name = item.slot = key
            item.annotation = annotation
            if item.by_case:
                item.wire = wire_name(key)
            own[key] = item
            if not is_ours:
                from ._annotations import read_annotation

                read_annotation(item, name, namespace, sys._getframe(1).f_locals)
                has_types = has_types or item.kind is not None
            has_payloads = has_payloads or item.annotation in PAYLOADS
            if _is_part(item, namespace["__module__"]):
                item.slot = f"_{key}"
                namespace[key] = _part(item)
        if is_ours:
            for key, value in namespace.items():
                if type(value) is property and key not in own:
                    get: Any = value.fget
                    namespace[key] = value.getter(guard(key)(get))
        slots = [item.slot for item in own.values()]
        namespace["__slots__"] = (*namespace.get("__slots__", ()), *slots)
        self = super().__new__(cls, name, bases, namespace)
        self._case = style
        self._fields = {**(parent._fields if parent else {}), **own}
        self._wires = {item.also: item for item in self._fields.values() if item.also}
        self._wires.update({item.wire: item for item in self._fields.values()})
        above: Mapping[str, Any] = parent._expects if parent else {}
        self._expects = {**above, **(expects or {})}
        # A base says that a key must be there, and a subclass which value: both must hold.
        typed = [path for path, expected in self._expects.items() if isinstance(expected, type)]
        self._needs = frozenset(typed) | (parent._needs if parent else frozenset())
        self._bound = parent._bound if parent else None
        self._has_payloads = has_payloads or bool(parent and parent._has_payloads)
        self._has_types = has_types or bool(parent and parent._has_types)
        for item in own.values():
            item.owner = self
        for base in namespace.get("__orig_bases__", ()):
            args = getattr(base, "__args__", ("T",))
            is_model = isinstance(getattr(base, "__origin__", None), ModelType)
            # The variables of a generic subclass, which are text in our own modules.
            if is_model and not any(type(arg).__name__ in {"str", "TypeVar"} for arg in args):
                self._bound = args
        self._read = _first_reader(self)
        return self

    @property
    def __attrs_attrs__(cls) -> Any:
        """The attrs attributes of the class; see `attrs.fields`."""
        from ._attrs import attributes

        return attributes(cls)


def _is_part(item: Field, module: str) -> bool:
    """Return True if a field holds a model of its own, or headers: nothing to read in advance."""
    if item.kind is not None:
        return False
    name = item.annotation.removesuffix(" | None").partition("[")[0]
    known = name in HOME and name != "ARN"  # an ARN is a string, and costs no more than one
    found = item.names.get(name) or getattr(sys.modules.get(module), name, None)
    return known or isinstance(found, ModelType)


def _part(item: Field) -> property:
    """Return the attribute of a part, which is read when it is first asked for."""
    slot = item.slot
    read: Any = None

    def get(model: Any) -> Any:
        value = getattr(model, slot)
        if value is UNREAD:
            nonlocal read
            if read is None:
                from ._reader import part_reader

                read = part_reader(item)
            raw = model._raw.get(item.wire)
            if raw is None and item.also:
                raw = model._raw.get(item.also)
            value = read(raw, model._args)
            setattr(model, slot, value)
        return value

    get.is_slow = True  # type: ignore[attr-defined]  # a reader has a quicker one
    return property(get, lambda model, value: setattr(model, slot, value))


def guard(name: str) -> Callable[[F], F]:
    """Let a function of a model fail in one way where a part of it is not what AWS documents.

    Such parts are kept as they came: a helper may meet any JSON value where it expects another.

    Args:
        name: The name of the value, for errors.

    Returns:
        A decorator; the function raises EventDecodeError instead of AttributeError and the like.
    """

    def decorate(function: Any) -> Any:
        def guarded(model: Any, *args: Any) -> Any:
            try:
                return function(model, *args)
            except (AttributeError, LookupError, TypeError, ValueError) as error:
                from .errors import EventDecodeError

                if isinstance(error, EventDecodeError):
                    raise
                expected = "parts of the types that AWS documents"
                raise EventDecodeError(type(model).__name__, name, expected, str(error)) from error

        guarded.__doc__ = function.__doc__
        guarded.__wrapped__ = function  # type: ignore[attr-defined]  # for inspect
        return guarded

    return decorate


def _first_reader(model: ModelType) -> Any:
    """Return a reader that puts the generated one in its own place when the first object comes."""

    def read(raw: dict[str, Any], args: tuple[Any, ...] | None) -> Any:
        from ._reader import reader

        model._read = read = staticmethod(reader(model))
        return read(raw, args)

    return staticmethod(read)


_GenericAlias: Any = type(list[int])  # types.GenericAlias, without importing types


@dataclass_transform(kw_only_default=True, field_specifiers=(field,))
class _Declared(metaclass=ModelType):
    """The class whose subclasses type checkers read as models."""

    __slots__ = ()


class Model(_Declared):
    """A JSON object of a known type: the base of all events, responses and their parts.

    Construct one by keyword, with the attributes' names. Two models are equal when they are of one
    class and stand for the same JSON. ``repr`` leaves out what is absent and hides secrets.

    Attributes:
        extra: The keys that the model does not know, with their values; it may be changed.
    """

    __lambda_event__ = True  # the mark by which a model is known, without an import
    __slots__ = ("__weakref__", "_args", "_extra", "_payload", "_raw")
    __hash__ = None  # type: ignore[assignment]  # as of all that can be changed

    if TYPE_CHECKING:
        extra: dict[str, Any] = EMPTY
        __attrs_attrs__: ClassVar[Any]
        _args: ClassVar[tuple[Any, ...] | None]
        _extra: ClassVar[dict[str, Any] | None]
        _payload: ClassVar[Any]
        _raw: ClassVar[dict[str, Any]]
    else:
        __class_getitem__ = classmethod(
            lambda cls, args: _GenericAlias(cls, args if isinstance(args, tuple) else (args,))
        )

        def __init__(self, **values: object) -> None:
            model = type(self)
            blank = model._read({}, None)
            self._raw, self._args, self._extra = {}, blank._args, values.pop("extra", None)
            missing = []
            for item in model._fields.values():
                # attrs.evolve passes the keys' names, and a caller's change besides them.
                by_wire = values.pop(item.wire, REQUIRED)
                value = values.pop(item.name, by_wire)
                if value is REQUIRED:
                    value = item.default
                if value is REQUIRED:
                    missing.append(item.name)
                elif value is EMPTY:
                    value = getattr(blank, item.name)
                elif value is not None:
                    self._raw[item.wire] = value
                setattr(self, item.name, value)
            if missing or values:
                problem = f"lacks {missing}" if missing else f"does not know {[*values]}"
                raise TypeError(f"{model.__name__}(...) {problem}; it takes {[*model._fields]}")

        @property
        def extra(self) -> dict[str, Any]:
            if self._extra is None:
                known = type(self)._wires
                self._extra = {key: item for key, item in self._raw.items() if key not in known}
            return self._extra

        @extra.setter
        def extra(self, value: dict[str, Any]) -> None:
            self._extra = value

    def __json_value__(self, converter: Any = None) -> Any:
        """Return the JSON value that the model stands for; see `lambda_events.unstructure`."""
        from ._writer import write

        return write(self, converter)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Model) or type(self) is not type(other):
            return NotImplemented
        from ._writer import write

        return bool(write(self) == write(other))

    def __repr__(self) -> str:
        from ._writer import show

        return show(self)

    def __reduce__(self) -> Any:
        from ._writer import write

        return _restore, (type(self), write(self), self._args)

    def evolve(self, **changes: Any) -> Self:
        """Copy the model and change attributes.

        Args:
            **changes: New values by attribute.

        Returns:
            The copy; it keeps unknown keys, which keys were null, and their order.
        """
        restore, state = self.__reduce__()
        copied: Self = restore(*state)
        for name, value in changes.items():
            setattr(copied, name, value)
        return copied

    __replace__ = evolve  # what copy.replace calls


def _restore(model: Any, value: Any, args: tuple[Any, ...] | None) -> Any:
    """Read a model's own JSON back, for pickle and copy."""
    return model._read({"": value} if "" in model._wires else value, args)
