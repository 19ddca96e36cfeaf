"""Stand-ins for the few names that aiohttp's server needs of modules that are imported late.

The rest of these modules took a third of the time of a start. The stand-ins serve that import
alone: whoever asks later gets the module's own names.
"""

import typing
from collections.abc import Callable, Mapping
from typing import Any

from ._late_package import execute


def record(**options: Any) -> Callable[[type], type]:
    """Stand in for `attr.s`, which compiles the methods of each class."""
    if options.keys() <= {"auto_attribs", "frozen", "slots", "repr"}:
        return _as_record
    decorate: Callable[[type], type] = execute("attr").s(**options)
    return decorate


def _as_record(cls: type) -> type:
    """Let a class be made of, compared by and shown with its annotated attributes."""
    names = tuple(cls.__annotations__)

    def initialize(self: object, *values: object, **named: object) -> None:
        # It is made by aiohttp alone, which gives each value.
        for name, value in (dict(zip(names, values, strict=False)) | named).items():
            setattr(self, name, value)

    def values_of(self: object) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in names)

    def equals(self: object, other: object) -> bool:
        return values_of(self) == values_of(other) if type(other) is cls else NotImplemented

    def represent(self: object) -> str:
        pairs = zip(names, values_of(self), strict=True)
        return f"{cls.__name__}({', '.join(f'{name}={value!r}' for name, value in pairs)})"

    methods: dict[str, object] = {
        "__init__": initialize,
        "__eq__": equals,
        "__hash__": lambda self: hash(values_of(self)),
        "__match_args__": names,
    }
    if "__repr__" not in vars(cls):
        methods["__repr__"] = represent
    for name, method in methods.items():
        setattr(cls, name, method)
    return cls


def type_variable(name: str, *constraints: Any, **options: Any) -> object:
    """Stand in for `typing_extensions.TypeVar`: its default is for type checkers."""
    options.pop("default", None)
    create: Callable[..., object] = vars(typing)["TypeVar"]
    return create(name, *constraints, **options)


def type_variables(name: str, **_default: object) -> object:
    """Stand in for `typing_extensions.TypeVarTuple`: its default is for type checkers."""
    create: Callable[..., object] = vars(typing)["TypeVarTuple"]
    return create(name)


def getproxies() -> dict[str, str]:
    """Stand in for `urllib.request.getproxies`, which a client calls."""
    proxies: dict[str, str] = execute("urllib.request").getproxies()
    return proxies


def proxy_bypass(host: str) -> bool:
    """Stand in for `urllib.request.proxy_bypass`, which a client calls."""
    return bool(execute("urllib.request").proxy_bypass(host))


STAND_INS: Mapping[str, Mapping[str, object]] = {
    "aiohttp": {},
    "attr": {"s": record},
    "idna": {},  # for names of hosts that are not ASCII
    "typing_extensions": {
        "TypeVar": type_variable,
        "TypeVarTuple": type_variables,
        "Unpack": typing.Unpack,
    },
    "urllib.request": {"getproxies": getproxies, "proxy_bypass": proxy_bypass},
}
"""The modules that are imported late, and the names of each that need not wait for it."""
