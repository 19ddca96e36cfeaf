"""Stand-ins for the few names that aiohttp's server needs of modules that are imported late.

The rest of these modules took a third of the time of a start. The stand-ins serve that import
alone: whoever asks later gets the module's own names.
"""

import os
import sys
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


def late(module: str, name: str) -> Callable[..., object]:
    """Stand in for a callable that a server does not call while it is imported.

    Args:
        module: The name of its module.
        name: The name.
    """

    def call(*arguments: Any, **options: Any) -> object:
        result: object = getattr(execute(module), name)(*arguments, **options)
        return result

    return call


class _LatePolicy:
    """Stand in for `email.policy.HTTP`, by which aiohttp parses some headers."""

    def __getattr__(self, name: str) -> object:
        return getattr(execute("email.policy").HTTP, name)


STAND_INS: Mapping[str, Mapping[str, object]] = {
    "aiohttp": {},
    "argparse": {"ArgumentParser": late("argparse", "ArgumentParser")},
    "attr": {"s": record},
    "calendar": {},
    "email.policy": {"HTTP": _LatePolicy()},
    "hashlib": {},
    "html": {"escape": late("html", "escape")},
    "idna": {},  # for names of hosts that are not ASCII
    "ipaddress": {"ip_address": late("ipaddress", "ip_address")},
    "platform": {
        "python_implementation": lambda: {"pypy": "PyPy"}.get(sys.implementation.name, "CPython"),
        "system": lambda: os.uname().sysname,
    },
    "shutil": {},
    "tempfile": {"SpooledTemporaryFile": late("tempfile", "SpooledTemporaryFile")},
    "textwrap": {},
    "tokenize": {},
    "typing_extensions": {
        "TypeVar": type_variable,
        "TypeVarTuple": type_variables,
        "Unpack": typing.Unpack,
    },
    "urllib.request": {
        name: late("urllib.request", name) for name in ("getproxies", "proxy_bypass")
    },
}
"""The modules that are imported late, and the names of each that need not wait for it."""
