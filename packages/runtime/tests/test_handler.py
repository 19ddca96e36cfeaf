from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any

import pytest

from lambda_logging.runtime import shape_of
from lambda_runtime import Fault
from lambda_runtime._handler import add_import_paths, load

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    known = set(sys.modules)
    monkeypatch.setattr(sys, "modules", {**sys.modules})
    assert known <= set(sys.modules)
    return tmp_path


def test_a_handler_is_found_in_a_nested_module(modules: Path) -> None:
    (modules / "one_pkg" / "two").mkdir(parents=True)
    (modules / "one_pkg" / "two" / "mod.py").write_text("def h(event): return 7")
    assert load("one_pkg/two/mod.h")(None) == 7
    assert load("one_pkg.two.mod.h") is load("one_pkg/two/mod.h")


@pytest.mark.parametrize(
    ("source", "name", "error_type", "message"),
    [
        ("", "nodots", "Runtime.MalformedHandlerName", "Bad handler 'nodots': "),
        ("", "sys.exit", "Runtime.BuiltInModuleConflict", "Cannot use built-in module sys as"),
        (
            "",
            "no_such_mod.h",
            "Runtime.ImportModuleError",
            "Unable to import module 'no_such_mod': No module named 'no_such_mod'",
        ),
        (
            "import no_such_dependency",
            "fixture_mod.h",
            "Runtime.ImportModuleError",
            "Unable to import module 'fixture_mod': No module named 'no_such_dependency'",
        ),
        ("", ".h", "Runtime.ImportModuleError", "Unable to import module '': Empty module name"),
        (
            "x = 1",
            "fixture_mod.h",
            "Runtime.HandlerNotFound",
            "Handler 'h' missing on module 'fixture_mod'",
        ),
        (
            "def h(:\n",
            "fixture_mod.h",
            "Runtime.UserCodeSyntaxError",
            "Syntax error in module 'fixture_mod': ",
        ),
    ],
)
def test_what_is_no_handler_has_an_error_type(
    modules: Path, source: str, name: str, error_type: str, message: str
) -> None:
    (modules / "fixture_mod.py").write_text(source)
    with pytest.raises(Fault) as caught:
        load(name)
    assert caught.value.error_type == error_type
    assert str(caught.value).startswith(message)
    assert bool(caught.value.stack_trace) == (error_type == "Runtime.UserCodeSyntaxError")


@pytest.mark.parametrize("raised", ["ValueError('x')", "KeyError('x')", "SystemExit(3)"])
def test_what_a_module_raises_is_its_own(modules: Path, raised: str) -> None:
    (modules / "raising_mod.py").write_text(f"raise {raised}")
    with pytest.raises((ValueError, KeyError, SystemExit)):
        load("raising_mod.h")


def test_import_paths_come_first_and_once() -> None:
    path = ["lib"]
    add_import_paths(path, "/var/task", "/work")
    add_import_paths(path, "/var/task", "/work")
    assert path == ["/var/task", "/work", "lib"]
    add_import_paths(path, None, "lib")
    assert path == ["/var/task", "/work", "lib"]


def one(event: Any) -> None: ...
def two(event: Any, context: Any) -> None: ...
def three(event: Any, stream: Any, context: Any) -> None: ...
def default(event: Any, context: Any = None) -> None: ...
def option(event: Any, context: Any, option: Any = None) -> None: ...
def rest(*arguments: Any) -> None: ...
def generator(event: Any) -> Iterator[bytes]:
    yield b""


async def async_one(event: Any) -> None: ...
async def async_two(event: Any, context: Any) -> None: ...
async def async_three(event: Any, stream: Any, context: Any) -> None: ...
async def async_generator(event: Any, context: Any) -> AsyncIterator[bytes]:
    yield b""


class Handlers:
    def method(self, event: Any) -> None: ...
    def stream(self, event: Any, stream: Any, context: Any) -> None: ...
    async def async_method(self, event: Any, context: Any) -> None: ...
    def __call__(self, event: Any) -> None: ...


class AsyncCallable:
    async def __call__(self, event: Any, context: Any) -> None: ...


class WithInit:
    def __init__(self, event: Any, context: Any) -> None: ...


@pytest.mark.parametrize(
    ("handler", "arguments", "asynchronous", "generates"),
    [
        (one, 1, False, False),
        (two, 2, False, False),
        (three, 3, False, False),
        (default, 2, False, False),
        (option, 2, False, False),
        (rest, 2, False, False),
        (generator, 1, False, True),
        (async_one, 1, True, False),
        (async_two, 2, True, False),
        (async_three, 3, True, False),
        (async_generator, 2, True, True),
        (Handlers().method, 1, False, False),
        (Handlers().stream, 3, False, False),
        (Handlers().async_method, 2, True, False),
        (Handlers(), 1, False, False),
        (AsyncCallable(), 2, True, False),
        (functools.partial(two, "bound"), 1, False, False),
        (functools.partial(three, "bound"), 2, False, False),
        (functools.partial(three, context="named"), 2, False, False),
        (functools.partial(two, context="named"), 1, False, False),
        (functools.partial(async_two), 2, True, False),
        (functools.partial(Handlers().async_method), 2, True, False),
        (lambda event: event, 1, False, False),
        (WithInit, 2, False, False),
        (print, 2, False, False),
    ],
)
def test_a_handler_is_known_by_its_declaration(
    handler: Callable[..., Any], arguments: int, asynchronous: bool, generates: bool
) -> None:
    shape = shape_of(handler)
    assert shape.arity == arguments
    assert shape.is_async is asynchronous
    assert shape.is_generator is generates
