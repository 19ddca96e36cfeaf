"""A build starts its function as Lambda does, and fails with it."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from hatch_lambda._archive import Size
from hatch_lambda._growth import describe

from .conftest import MACHINE, linux, names

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Project

pytestmark = linux
SMALL = f"layout = 'wrapper'\narchitecture = {MACHINE!r}\nwithout = ['aiohttp']"
TABLE = "[tool.hatch.build.targets.lambda.functions."


def build(project: Project, *arguments: str) -> tuple[int, str]:
    """Build as a user does, and return the exit code and the messages."""
    result = run_build(project, *arguments)
    return result.returncode, result.stderr


def run_build(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hatch_lambda", "--project", str(project.folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def several(project: Callable[..., Project]) -> Project:
    """Make a project whose functions start in all ways that there are, or do not."""
    handlers = {
        "flat": "app.handler",
        "nested": "shop.order.handler",
        "program": "main.py",
        "queue": "shop/queue.py",
        "moved": "src/parts/queue.py",
        "script": "programs/refund.py",
        "table": "table.handler",
        "given": "table.handler'\nenvironment.TABLE = 'orders",
        "silent": "silent.py",
        "killed": "killed.handler",
        "lost": "lost.handler",
        "newer": "newer.handler",
        "boto": "boto.handler",
    }
    tables = [f"{TABLE}{name}]\nhandler = '{handler}'" for name, handler in handlers.items()]
    more = "[project.scripts]\nhello = 'shop.order:main'\n"
    more += "[project.entry-points.'hello.plugins']\none = 'plugins.one:One'\n"
    made = project("\n".join([SMALL, *tables]), more=more)
    run = "from lambda_runtime import run\nrun(lambda event, context: event)\n"
    program = (
        "import queue\nfrom .models import Order\nimport {0}.models\n"
        "assert queue.SimpleQueue and {0}.models.Order is Order\n"
        "assert __file__.endswith('queue.py') and __cached__ is None\n" + run
    )
    metadata = (
        "from importlib.metadata import entry_points, version\n"
        "assert version('hello') == '1'\n"
        "assert entry_points(group='console_scripts', name='hello')['hello'].load() is main\n"
        "assert entry_points(group='hello.plugins')['one'].load().__name__ == 'One'\n"
    )
    sources = {
        "app.py": "from pathlib import Path\nimport helpers.db, late\n"
        "(Path(__file__).parent / 'templates' / 'a.html').read_text()\nopen('rates.json')\n"
        "def handler(event, context): ...\n",
        "helpers/db.py": "from .sub import one\n",
        "helpers/sub/__init__.py": "one = 1\n",
        "late.py": "",
        "templates/a.html": "",
        "rates.json": "",
        "unused.py": "",
        ".env": "",
        "src/shop/__init__.py": "",
        "src/shop/models.py": "class Order: ...\n",
        "src/shop/order.py": f"def main(): ...\n{metadata}handler = print\n",
        "src/shop/queue.py": program.format("shop").replace(" and __cached__ is None", ""),
        "src/plugins/one.py": "class One: ...\n",
        "src/parts/__init__.py": "",
        "src/parts/models.py": "class Order: ...\n",
        "src/parts/queue.py": program.format("parts").replace(" and __cached__ is None", ""),
        "main.py": "import late\n" + run,
        "programs/refund.py": "import beside, helpers.db\n" + run,
        "programs/beside.py": "",
        "programs/other.py": "",
        "table.py": "import os\n\ntable = os.environ['TABLE']\nhandler = print\n",
        "silent.py": "print('done')\n",
        "killed.py": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\nhandler = print\n",
        "lost.py": "import shop.made_by_a_build\nhandler = print\n",
        "newer.py": "def handler(event): return )\n",
        "boto.py": "import boto3\nhandler = print\n",
    }
    for name, text in sources.items():
        made.write(name, text)
    return made


def test_functions_of_all_kinds_are_built_with_what_they_import(several: Project) -> None:
    good = ("flat", "nested", "program", "queue", "moved", "script", "given", "boto")
    code, log = build(several, *good)
    assert code == 0, log
    for name in good[:-1]:
        assert f"{name}: starts here, in " in log
    assert "boto: not started: it needs boto3, which python3." in log
    built = {name: python_files(several, name) for name in good}
    assert "plugins/one.py" in built["nested"]
    rest = {"plugins/one.py", "src/plugins/one.py"}.union(set.intersection(*built.values()))
    own = {name: files - rest for name, files in built.items()}
    assert own["flat"] == {
        *("app.py", "late.py", "helpers/db.py", "helpers/sub/__init__.py"),
        *("templates/a.html", "rates.json"),
    }
    shop = {f"shop/{name}.py" for name in ("__init__", "models", "order", "queue")}
    assert own["nested"] == own["queue"] == shop
    assert own["program"] == {"main.py", "late.py"}
    assert own["moved"] == {f"src/parts/{name}.py" for name in ("__init__", "models", "queue")}
    assert own["script"] - own["flat"] == {"programs/refund.py", "programs/beside.py"}


def python_files(project: Project, name: str) -> set[str]:
    built = names(project.folder / "dist" / f"{name}.zip")
    return {name for name in built if not name.endswith(".pyc")}


def test_functions_that_do_not_start_fail_with_their_tracebacks(several: Project) -> None:
    result = run_build(several, "table", "silent", "given", "killed", "lost")
    code, log = result.returncode, result.stderr
    assert code == 1
    assert result.stdout == f"{several.folder}/dist/given.zip\n"  # the only one that starts
    assert 'File "/var/task/table.py", line 3, in <module>\n    table = os.environ[' in log
    assert "KeyError: 'TABLE'" in log
    assert "silent does not start:\ndone\nIt has ended with exit code 0" in log
    assert "killed does not start:\nSignal 9 has ended it: Killed.\n" in log
    assert "No module named 'shop.made_by_a_build'\ncheck = false, or --no-check" in log
    assert [path.name for path in several.folder.glob("dist/*.zip")] == ["given.zip"]
    assert build(several, "table", "newer")[0] == 1
    assert not (several.folder / "dist" / "table.zip").exists()  # though another one ends the build
    code, log = build(several, "--no-check", "table", "newer")
    assert (several.folder / "dist" / "table.zip").exists()
    assert code == 1
    assert "newer.py is not Python 3." in log  # which takes no start
    assert '\n  File "/var/task/newer.py", line ' in log
    assert "sys.stdin" not in log  # of the program that compiles it


def test_what_is_imported_and_not_packed_is_named(project: Callable[..., Project]) -> None:
    function = project(f"{SMALL}\nhandler = 'pkg.app.handler'\ncheck = false")
    function.write(
        "pkg/app.py",
        "from pkg import secrets_\nimport local_settings, requests\nhandler = print\n"
        "try:\n    import optional\nexcept ImportError: ...\n"
        "def late():\n    import reached\n    from .. import beyond\n",
    )
    function.write("pkg/inner/reached.py", "")  # as after a change of sys.path
    for name in ("pkg/secrets_.py", "local_settings.py"):
        function.write(name, "")
    function.write(".gitignore", "secrets_.py\nlocal_settings.py\n")
    (function.folder / ".git").mkdir()
    code, log = build(function)
    assert code == 0, log
    assert "pkg/app.py imports pkg/secrets_.py, which is not in the archive: git" in log
    assert "pkg/app.py imports local_settings.py, which is not in the archive: git" in log
    assert "pkg/app.py imports requests, which is not in the archive" in log
    assert not re.search("optional|reached|beyond|imports ,", log)
    assert "pkg/secrets_.py" not in names(function.folder / "dist" / "hello.zip")


def test_the_size_is_said_compared_and_bounded(project: Callable[..., Project]) -> None:
    function = project("parts = ['function']\nmax-size = '50 kB'\ninclude = ['*.py']", lock=False)
    code, log = build(function)
    assert code == 0
    assert re.match(r"hello\.zip: \d\.\d kB zipped, \d\.\d kB unzipped\n", log)
    assert build(function)[1] == log  # nothing has changed
    function.write("more.py", "".join(f"{number}\n" for number in range(30_000)))
    code, log = build(function)
    assert code == 1
    assert "hello.zip is 6" in log
    assert " kB, and max-size is 50.0 kB. The largest parts: function (" in log
    assert not (function.folder / "dist" / "hello.zip").exists()
    path = function.folder / "pyproject.toml"
    path.write_text(path.read_text("utf-8").replace("'50 kB'", "5_000_000"), "utf-8")
    code, log = build(function)
    assert code == 0, log
    assert " kB since the last build: function has grown by 6" in log


def test_new_parts_are_named(tmp_path: Path) -> None:
    target = tmp_path / "dist" / "hello-image"
    describe(target, {"a": Size(1, 1000, 0), "b": Size(1, 1000, 0)})
    text = describe(target, {"a": Size(1, 1000, 0), "c": Size(2, 1_000_000, 0)})
    changes = "+1.00 MB since the last build: c is new, 1.00 MB, b is gone"
    assert text == f"hello-image: 1.00 MB unzipped ({changes})"
