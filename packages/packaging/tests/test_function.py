"""The project's files that make up the function."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import names

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Project


def own(project: Project) -> set[str]:
    """Return the function's own files: with dependencies left out, all but the scripts."""
    return {
        name
        for name in names(project.build())
        if "__pycache__" not in name and name not in {"wrapper", "bootstrap"}
    }


@pytest.mark.parametrize(
    ("options", "files", "expected"),
    [
        ("handler = 'app.handler'", ["other.py"], {"app.py"}),
        (
            "handler = 'pkg.app.handler'",
            ["pkg/app.py", "pkg/data.txt"],
            {"pkg/app.py", "pkg/data.txt"},
        ),
        ("handler = 'pkg/app.handler'", ["pkg/app.py"], {"pkg/app.py"}),
        ("handler = 'pkg.app.handler'", ["src/pkg/app.py"], {"pkg/app.py"}),
        ("handler = 'pkg.app.handler'", ["pkg/data.txt", "src/pkg/app.py"], {"pkg/app.py"}),
        ("handler = 'mod.handler'", ["src/mod.py", "src/other.py"], {"mod.py"}),
        (
            "handler = '__main__.py'\nroot = 'one'",
            ["one/__main__.py", "one/a.txt"],
            {"__main__.py", "a.txt"},
        ),
        ("handler = 'one.main'\nroot = 'in/one'", ["in/one/one.py"], {"one.py"}),
        ("handler = 'app.handler'\npackages = ['src/pkg']", ["src/pkg/a.py"], {"pkg/a.py"}),
        ("handler = 'app.handler'\ninclude = ['*.py']", ["b.py", "c.txt"], {"app.py", "b.py"}),
        ("handler = 'p.f'\nexclude = ['p/tests']", ["p/a.py", "p/tests/t.py"], {"p/a.py"}),
    ],
)
def test_it_is_that_of_the_handler_or_what_hatch_selects(
    project: Callable[..., Project], options: str, files: list[str], expected: set[str]
) -> None:
    function = project(f"layout = 'wrapper'\nparts = ['function']\n{options}", lock=False)
    for name in files:
        function.write(name, "handler = main = f = print\n" if name.endswith(".py") else "")
    assert own(function) == expected


READS = """
import os
HERE = os.path.dirname(__file__)
open("./here.json")
open(HERE + "/beside.json")
open(f"{HERE}/formatted.json")
open(f"rates/eu-{1}.json")
open("taxes/%s.json" % 1)
open("fees/fee-{}.json".format(1))
open(os.path.join(HERE, "plain"))
"""
LOADS = """
import fast
import joblib, sqlite3
joblib.load("model.joblib")
sqlite3.connect("sub/orders.db")
NAMES = ["notes", "todo"]
if NAMES == []:
    import_module("/etc/[x")
handler = print
"""


@pytest.mark.parametrize("home", ["", "src/"])
def test_files_that_its_strings_name_are_packed(
    project: Callable[..., Project], home: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Wherever they are in a string, and whatever reads them; and binaries that it imports."""
    function = project(
        "layout = 'wrapper'\nparts = ['function']\nhandler = 'load.handler'", lock=False
    )
    named = {"here.json", "beside.json", "formatted.json", "rates/eu-1.json", "taxes/1.json"}
    named |= {"fees/fee-1.json", "plain", "model.joblib", "sub/orders.db", "fast.abi3.so"}
    for name in (*named, "notes", "rates.json"):
        function.write(home + name, "")
    function.write(f"{home}load.py", f"import read\n{LOADS}")
    function.write(f"{home}read.py", READS)
    assert own(function) == {*named, "load.py", "read.py"}
    assert "imports joblib" not in capfd.readouterr().err  # which may be a dependency


NAMES = """
from importlib import import_module
APPS = ["polls.apps.PollsConfig", "shop.tasks:run", "deep.er.still.Thing"]
EVENTS = ["refund.requested", "logging.config.dictConfig", "tests.helpers.x", "late.x"]
for name in "a":
    import_module("plugins." + name)
    import_module(f"more.sub.{name}")
    import_module("third.%s" % name)
    import_module("fourth.{}".format(name))
handler = print
"""


@pytest.mark.parametrize("home", ["", "src/"])
def test_modules_that_its_strings_name_are_packed(
    project: Callable[..., Project], home: str
) -> None:
    """As settings name applications, and as names of plug-ins are built; not what reads alike."""
    function = project(
        "layout = 'wrapper'\nparts = ['function']\nhandler = 'names.handler'", lock=False
    )
    named = {"polls/__init__.py", "polls/apps.py", "shop/tasks.py", "deep/er/still.py"}
    named |= {"plugins/a.py", "more/sub/a.py", "third/a.py", "fourth/a.py", "followed.py"}
    others = {"refund/__init__.py", "logging/config.py", "tests/helpers.py", "late.py"}
    for name in (*named, *others, "Hello/a.py"):
        function.write(home + name, "")
    function.write(f"{home}polls/apps.py", "import followed")
    function.write(f"{home}names.py", NAMES)
    assert own(function) == {*named, "names.py"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("handler = 'nothing.handler'", "no module for the handler 'nothing.handler'"),
        ("handler = 'x.handler'\nroot = 'src'", "src holds no x for the handler 'x.handler'"),
    ],
)
def test_a_handler_that_is_nowhere_is_an_error(
    project: Callable[..., Project],
    capfd: pytest.CaptureFixture[str],
    options: str,
    message: str,
) -> None:
    function = project(f"layout = 'wrapper'\nparts = ['function']\n{options}", lock=False)
    with pytest.raises(SystemExit):
        function.build()
    assert message in capfd.readouterr().err
