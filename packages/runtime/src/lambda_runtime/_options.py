"""Options of a handler: bound to it with `function`, or given to `run`."""

from __future__ import annotations

import sys

from lambda_logging.runtime import EVENT_UNCHANGED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any, TypeVar, Unpack, overload

    from ._context import Context
    from .types import HandlerOptions, LeftoverTasks, Middleware, Observer, TransportName

    FreezeHook = TypeVar("FreezeHook", bound=Callable[[Context], object])
    Handler = TypeVar("Handler", bound=Callable[..., Any])
    ObserverT = TypeVar("ObserverT", bound=Observer)


_NAMES = (
    "lifespan",
    "middleware",
    "observers",
    "converter",
    "deadline_margin",
    "leftover_tasks",
    "graceful_shutdown",
    "transport",
)
_CHOICES = {
    "leftover_tasks": ("cancel", "keep"),
    "transport": ("auto", "socket", "stream", "aiohttp"),
}


class Options:
    """The options of a handler; they do not change.

    Attributes:
        typed: True if the event's annotation counts behind decorators that are not ours.
    """

    lifespan: Any = None
    middleware: Sequence[Middleware] = ()
    observers: Sequence[Observer] = ()
    converter: Any = None
    deadline_margin: float | None = 0.25
    leftover_tasks: LeftoverTasks = "cancel"
    graceful_shutdown: bool | None = None
    transport: TransportName = "auto"
    typed: bool = False

    def __init__(self, given: Mapping[str, Any], *, typed: bool = False) -> None:
        """Check and keep options.

        Args:
            given: Options by name; the others have their defaults.
            typed: True if `function` says that the annotation counts. A converter says so, too.

        Raises:
            TypeError: There is no such option, or its value is of the wrong type.
            ValueError: An option has an unknown value.
        """
        values: dict[str, Any] = {"typed": typed or given.get("converter") is not None}
        for name, value in given.items():
            if name not in _NAMES:
                raise TypeError(f"there is no option {name!r}")
            choices = _CHOICES.get(name)
            if choices is not None and value not in choices:
                raise ValueError(f"{name}={value!r}: choose one of {', '.join(choices)}")
            if name == "deadline_margin" and not isinstance(value, (int, float, type(None))):
                raise TypeError(f"deadline_margin={value!r} is not a number of seconds")
            values[name] = _callables(name, value) if name in _CALLABLES else value
        self.__dict__.update(values)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"options do not change: {name}")

    def overruled_by(self, other: Options) -> Options:
        """Return these options with the other ones in their place, where those are given."""
        merged = Options({})
        merged.__dict__.update(self.__dict__)
        merged.__dict__.update(other.__dict__, typed=self.typed or other.typed)
        return merged


_CALLABLES = ("middleware", "observers")


def _callables(name: str, values: Any) -> tuple[Any, ...]:
    try:
        found: tuple[Any, ...] = () if values is None else tuple(values)
    except TypeError:
        raise TypeError(f"{name} is not a sequence: write {name}=[...]") from None
    for value in found:
        if not callable(value):
            raise TypeError(f"{name} holds {value!r}, which cannot be called")
    return found


# The handler stays alive with them, so that no other gets its id. functools.wraps would copy an
# attribute of the handler to the functions around it, and some handlers have no room for one.
_bound: dict[object, tuple[object, Options]] = {}

_FUNCTION = type(lambda: None)
_METHOD = type((lambda self: self).__get__(0))
_WRITTEN_IN_C = type(object.__init__)
_DESCRIPTORS = (staticmethod, classmethod)
_MISSING: Any = object()
MAX_LAYERS = 100
"""The depth to look into a handler: an object may claim to wrap another one forever."""


if TYPE_CHECKING:

    @overload
    def function(handler: Handler, /, **options: Unpack[HandlerOptions]) -> Handler: ...

    @overload
    def function(**options: Unpack[HandlerOptions]) -> Callable[[Handler], Handler]: ...


def function(handler: Any = _MISSING, /, **options: Any) -> Any:
    """Bind options to a handler, for every way to serve it.

    ``run``, ``python -m lambda_runtime``, archives, tests and the emulator read them. The handler
    stays as it is, and can be called directly::

        @function(lifespan=open_clients)
        async def handler(event: Order, context: Context) -> Receipt: ...

    As the outermost decorator, with options or without any (``@function``), it also says that the
    annotation of the event counts, although another decorator is in between.

    Args:
        handler: A handler of any kind: a function, a method, a partial or an object.
        **options: ``lifespan``, ``middleware``, ``observers``, ``converter``, ``deadline_margin``,
            ``leftover_tasks``, ``graceful_shutdown`` and ``transport``, each as for `run`, whose
            own options override these.

    Returns:
        The handler, unchanged; without a handler, a decorator that does the same.

    Raises:
        TypeError: The handler, a middleware or an observer cannot be called, or there is no such
            option.
        ValueError: An option has an unknown value.
    """
    given = Options(options, typed=True)

    def bind(target: Any) -> Any:
        # In a class, these stand for the function that a lookup finds.
        handler = target.__func__ if type(target) in _DESCRIPTORS else target
        if not callable(handler):
            raise TypeError(f"@function decorates a handler, and {target!r} cannot be called")
        key = _key(handler)
        kept = _bound.get(key)
        _bound[key] = handler, kept[1].overruled_by(given) if kept is not None else given
        return target

    return bind if handler is _MISSING else bind(handler)


def _key(handler: Any) -> object:
    """Return the identity of a handler: each lookup of a method makes another object."""
    if type(handler) is _METHOD:
        return id(handler.__self__), id(handler.__func__)
    return id(handler)


def options_of(handler: Any) -> Options:
    """Return the options that are bound to a handler, or to a function inside it.

    Args:
        handler: A handler. Behind decorators that use ``functools.wraps``, options that an inner
            function has count as well; the outer ones overrule them.
    """
    found = Options({})
    for target, is_decorated in layers(handler):
        kept = _bound.get(_key(target))
        if kept is not None:
            inner = Options({})
            inner.__dict__.update(kept[1].__dict__, typed=kept[1].typed and not is_decorated)
            found = inner.overruled_by(found)
    return found


def layers(handler: Any) -> Iterator[tuple[Any, bool]]:
    """Yield a handler and the functions inside it, from the outermost to the innermost.

    Args:
        handler: A handler.

    Yields:
        A function or an object, and True if a decorator around it may pass another event to it. A
        module vouches for its decorators with `EVENT_UNCHANGED`: functools.wraps copies
        attributes of a function to the functions around it, but not its module.
    """
    is_decorated = False
    for _ in range(MAX_LAYERS):
        yield handler, is_decorated
        kind = type(handler)
        inner = wrapped_by(handler)
        if inner is not None:
            module = handler.__globals__ if kind is _FUNCTION else {}
            is_decorated = is_decorated or module.get(EVENT_UNCHANGED) is not True
        elif kind is _METHOD:
            inner = handler.__func__
        elif _is_partial(kind):
            inner = handler.func
        else:
            call = getattr(kind, "__call__", None)  # noqa: B004 (the function is what is wanted)
            inner = None if type(call) is _WRITTEN_IN_C else call
        if inner is None:
            return
        handler = inner


def wrapped_by(handler: Any) -> Any:
    """Return the function that a decorator has wrapped, or None.

    Args:
        handler: A function by functools.wraps, or an object that stands for one. An object's
            attributes are not asked for: it may have an answer for every name.
    """
    kind = type(handler)
    if kind is _METHOD:  # it shows its function's attributes
        return None
    try:
        # A transparent proxy shows the attributes of what it wraps, and its own are its type's.
        if any("__wrapped__" in base.__dict__ for base in kind.__mro__):
            return handler.__wrapped__
        fields = handler.__dict__
    except Exception:  # noqa: BLE001 (a user's object may raise anything)
        return None
    return fields.get("__wrapped__") if isinstance(fields, dict) else None


def _is_partial(kind: type) -> bool:
    return getattr(sys.modules.get("functools"), "partial", None) in kind.__mro__


registered_observers: list[Observer] = []
freeze_hooks: list[Callable[[Context], object]] = []


def register_observer(observer: ObserverT) -> ObserverT:
    """Add an observer of every invocation of this process, as agents and tracing do.

    Its code runs around what `function`'s and `run`'s observers do. It can be used as a decorator.

    Args:
        observer: A generator function: see `run`.

    Returns:
        The observer.

    Raises:
        TypeError: It cannot be called.
    """
    registered_observers.extend(_callables("observers", (observer,)))
    return observer


def register_before_freeze(hook: FreezeHook) -> FreezeHook:
    """Run a hook after each invocation, before Lambda freezes the environment.

    By then, the caller has the response, and the work of `Context.after_response` and the
    handler's tasks have ended. Exporters of traces and metrics send what they hold. The time is
    billed, and counts towards the invocation's deadline. An exception is logged. It is not
    called on Managed Instances, which are not frozen. It can be used as a decorator.

    Args:
        hook: The function to call with the invocation's context.

    Returns:
        The hook.

    Raises:
        TypeError: It cannot be called.
    """
    freeze_hooks.extend(_callables("hooks", (hook,)))
    return hook
