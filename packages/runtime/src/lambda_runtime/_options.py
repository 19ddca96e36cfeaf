"""Options of a handler: bound to it with `function`, or given to `run`."""

from __future__ import annotations

from lambda_logging.runtime import EVENT_UNCHANGED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
    from typing import Any, Literal, TypeAlias, TypedDict, TypeVar, Unpack, overload

    from ._context import Context
    from ._outcome import Outcome

    LeftoverTasks: TypeAlias = Literal["cancel", "keep"]
    TransportName: TypeAlias = Literal["auto", "socket", "stream", "aiohttp"]
    Middleware: TypeAlias = Callable[..., Any]
    Observer: TypeAlias = Callable[[Any, Context], Generator[None, Outcome, object]]
    Handler = TypeVar("Handler", bound=Callable[..., Any])
    ObserverT = TypeVar("ObserverT", bound=Observer)

    class OptionsGiven(TypedDict, total=False):
        """The keyword arguments of `function` and `run`."""

        lifespan: Any
        middleware: Sequence[Middleware]
        observers: Sequence[Observer]
        converter: Any
        deadline_margin: float | None
        leftover_tasks: LeftoverTasks
        graceful_shutdown: bool | None
        transport: TransportName


_CHOICES = {
    "leftover_tasks": ("cancel", "keep"),
    "transport": ("auto", "socket", "stream", "aiohttp"),
}


class Options:
    """The options of a handler; they do not change.

    Attributes:
        typed: Whether the event's annotation counts behind decorators that are not ours.
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
            typed: Whether `function` says that the annotation counts. A converter says so, too.

        Raises:
            TypeError: There is no such option, or a middleware or an observer cannot be called.
            ValueError: An option has a value that does not exist.
        """
        values: dict[str, Any] = {"typed": typed or given.get("converter") is not None}
        for name, value in given.items():
            if name == "typed" or not hasattr(Options, name):
                raise TypeError(f"there is no option {name!r}")
            choices = _CHOICES.get(name)
            if choices is not None and value not in choices:
                raise ValueError(f"{name}={value!r}: choose one of {', '.join(choices)}")
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
        found: tuple[Any, ...] = tuple(values)
    except TypeError:
        raise TypeError(f"{name} is not a sequence: write {name}=[...]") from None
    for value in found:
        if not callable(value):
            raise TypeError(f"{name} holds {value!r}, which cannot be called")
    return found


# By the handler's id; the handler stays alive with them. functools.wraps would copy an attribute of
# the handler to the functions around it, and some handlers have no room for one.
_bound: dict[int, tuple[object, Options]] = {}


if TYPE_CHECKING:

    @overload
    def function(handler: Handler, /, **options: Unpack[OptionsGiven]) -> Handler: ...

    @overload
    def function(**options: Unpack[OptionsGiven]) -> Callable[[Handler], Handler]: ...


def function(handler: Any = None, /, **options: Any) -> Any:
    """Bind options to a handler, for every way to serve it.

    ``run``, ``python -m lambda_runtime``, archives, tests and the emulator read them. The handler
    stays as it is, and can be called directly::

        @function(lifespan=open_clients)
        async def handler(event: Order, context: Context) -> Receipt: ...

    As the outermost decorator, with options or without any (``@function``), it also says that the
    annotation of the event counts, although another decorator stands in between.

    Args:
        handler: A handler of any kind: a function, a method, a partial or an object.
        **options: ``lifespan``, ``middleware``, ``observers``, ``converter``, ``deadline_margin``,
            ``leftover_tasks``, ``graceful_shutdown`` and ``transport``, each as for `run`, which
            overrules what is bound here.

    Returns:
        The handler, unchanged; without a handler, a decorator that does the same.

    Raises:
        TypeError: The handler, a middleware or an observer cannot be called, or there is no such
            option.
        ValueError: An option has a value that does not exist.
    """
    given = Options(options, typed=True)

    def bind(target: Any) -> Any:
        if not callable(target):
            raise TypeError(f"@function decorates a handler, and {target!r} cannot be called")
        kept = _bound.get(id(target))
        _bound[id(target)] = target, kept[1].overruled_by(given) if kept is not None else given
        return target

    return bind if handler is None else bind(handler)


def options_of(handler: Any) -> Options:
    """Return the options that are bound to a handler, or to a function inside it.

    Args:
        handler: A handler. Behind decorators that use ``functools.wraps``, options that an inner
            function has count as well; the outer ones overrule them.
    """
    found = Options({})
    for target, is_decorated in layers(handler):
        kept = _bound.get(id(target))
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
        A function or an object, and whether a decorator stands around it that may hand on another
        event. A module vouches for its decorators with `EVENT_UNCHANGED`: functools.wraps copies
        attributes of a function to the functions around it, but not its module.
    """
    is_decorated = False
    seen: set[int] = set()
    while handler is not None and id(handler) not in seen:
        seen.add(id(handler))
        yield handler, is_decorated
        kind = type(handler)
        inner = wrapped_by(handler)
        if inner is not None:
            module = handler.__globals__ if hasattr(kind, "__globals__") else {}
            is_decorated = is_decorated or module.get(EVENT_UNCHANGED) is not True
        elif hasattr(kind, "__func__"):  # a method
            inner = handler.__func__
        elif hasattr(kind, "func") and hasattr(kind, "keywords"):  # functools.partial
            inner = handler.func
        else:
            call = getattr(kind, "__call__", None)  # noqa: B004 (the function is what is wanted)
            inner = call if hasattr(call, "__code__") else None
        handler = inner


def wrapped_by(handler: Any) -> Any:
    """Return the function that a decorator has wrapped, or None.

    Args:
        handler: A function by functools.wraps, or an object that stands for one. An object's
            attributes are not asked for: it may have an answer for every name.
    """
    if hasattr(type(handler), "__func__"):  # a method shows its function's attributes
        return None
    fields = getattr(handler, "__dict__", None)
    if isinstance(fields, dict) and "__wrapped__" in fields:
        return fields["__wrapped__"]
    return handler.__wrapped__ if hasattr(type(handler), "__wrapped__") else None


registered_observers: list[Observer] = []


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
