"""A handler that does not exist fails the build, and none that may exist does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hatch_lambda import BuildError
from hatch_lambda._handler import check

if TYPE_CHECKING:
    from pathlib import Path


def files(folder: Path, **sources: str) -> dict[str, Path]:
    """Write modules; two underscores in a name are a slash, and `init` is `__init__`."""
    named = {
        f"{name.replace('__', '/').replace('init', '__init__')}.py": text
        for name, text in sources.items()
    }
    for name, text in named.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return {name: folder / name for name in named}


@pytest.mark.parametrize(
    "source",
    [
        "def handler(event, context): ...",
        "async def handler(event, context): ...",
        "class handler: ...",
        "handler = wrap(print)",
        "other, (handler, *_) = make()",
        "handler: object = print",
        "from somewhere import handler",
        "from somewhere import thing as handler",
        "import somewhere as handler",
        "from somewhere import *",
        "if True:\n    def handler(): ...\nelse:\n    handler = None",
        "try:\n    from fast import handler\nexcept ImportError:\n    from slow import handler",
        "try:\n    import fast\nexcept ImportError:\n    pass\nelse:\n    handler = fast.handler",
        "with open('f') as handler: ...",
        "for handler in [print]: ...",
        "while (handler := make()): ...",
        "match make():\n    case {'handler': handler}: ...",
        "match make():\n    case [*handler]: ...",
        "def make():\n    global handler\n    handler = print\nmake()",
        "def __getattr__(name): return print",
        "globals()['handler'] = print",
        "globals().update(make())",
        "import sys\nsetattr(sys.modules[__name__], 'handler', print)",
        "exec(code)",
        "vars()['hand' + 'ler'] = print",
        "def handler(\n",  # no Python of this version: the start says so
    ],
)
def test_a_handler_that_may_exist_is_accepted(tmp_path: Path, source: str) -> None:
    check("app.handler", files(tmp_path, app=source), complete=True)


@pytest.mark.parametrize(
    ("handler", "sources"),
    [
        ("app.Handlers.one", {"app": "class Handlers:\n    one = print"}),
        ("app.Handlers.one", {"app": "from lib import Handlers"}),
        ("orders/app.handler", {"orders__app": "handler = print"}),
        ("orders.handler", {"orders__init": "handler = print"}),
        ("orders.lazy.handler", {"orders__init": "import sys\nsys.modules[name] = make()"}),
        ("main:app", {"main": "app = make()"}),
        ("main:app", {"main": "async def app(scope, receive, send): ..."}),
        ("main:app", {"main": "def app(environ, start_response): ..."}),
        ("main:app", {"main": "@application\ndef app(request): ..."}),
        ("asgi:orders.main:app", {"orders__main": "app = make()"}),
        ("orders/queue.py", {"orders__queue": "run(print)"}),
    ],
)
def test_names_of_other_forms_are_understood(
    tmp_path: Path, handler: str, sources: dict[str, str]
) -> None:
    check(handler, files(tmp_path, **sources), complete=True)


def test_a_module_of_a_layer_is_left_to_lambda(tmp_path: Path) -> None:
    check("agent.handler", files(tmp_path, app="handler = print"), complete=False)


@pytest.mark.parametrize(
    ("handler", "source", "message"),
    [
        ("app.handlr", "def handler(): ...", "has no 'handlr'.*did you mean app.handler?"),
        ("app.main", "def serve(): ...\nx = 1", r"its functions are app\.serve\."),
        ("app.main", "x = 1", "no function at all"),
        ("app.inner", "def f():\n    def inner(): ...", "has no 'inner'"),
        ("app.inner", "class C:\n    def inner(self): ...", "has no 'inner'"),
        ("app.inner", "f = lambda inner: (inner := 1)", "has no 'inner'"),
        ("app:handler", "def handler(event, context): ...", "did you mean app.handler?"),
        ("apq.handler", "handler = print", "no module apq.*did you mean app.handler?"),
        ("app.x.handler", "handler = print", "no module app.x"),
        ("queue.py", "run(print)", "queue.py is not among the function's files"),
    ],
)
def test_a_handler_that_cannot_exist_is_an_error(
    tmp_path: Path, handler: str, source: str, message: str
) -> None:
    with pytest.raises(BuildError, match=message):
        check(handler, files(tmp_path, app=source), complete=True)


def test_a_module_in_place_of_a_function_is_an_error(tmp_path: Path) -> None:
    sources = files(tmp_path, pkg__init="", pkg__app="def serve(): ...", pkg__empty="")
    with pytest.raises(BuildError, match=r"'pkg\.app' is a module.*, such as pkg\.app\.serve\."):
        check("pkg.app", sources, complete=True)
    with pytest.raises(BuildError, match=r"'pkg\.empty' is a module: name a function of it\."):
        check("pkg.empty", sources, complete=True)
