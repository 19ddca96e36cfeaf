"""Files that are left out of the dependencies."""

from __future__ import annotations

from importlib.metadata import distributions
from typing import TYPE_CHECKING

import pytest

from hatch_lambda._prune import prune_dependencies, wanted

if TYPE_CHECKING:
    from pathlib import Path


def pruned(
    folder: Path, files: dict[str, str], *, drop: tuple[str, ...] = (), keep: tuple[str, ...] = ()
) -> set[str]:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    prune_dependencies(folder, drop, keep)
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_what_only_builds_or_tests_need_is_left_out(tmp_path: Path) -> None:
    needless = [
        "pkg/tests/test_a.py",
        "pkg/a.pyi",
        "pkg/a.c",
        "pkg/py.typed",
        "bin/tool",
        "pkg-stubs/a.pyi",
    ]
    needed = ["pkg/a.py", "pkg/data.txt", "pkg/testing.py", "pkg/test/case.py", "pkg/contests/a.py"]
    assert pruned(tmp_path, dict.fromkeys([*needless, *needed], "")) == set(needed)
    assert not (tmp_path / "pkg" / "tests").exists()


@pytest.mark.parametrize(
    "statement",
    [
        "from pkg.tests.data import value",
        "from pkg.tests import data",
        "import pkg.tests.data",
        "def late():\n    from .tests import data",
        "from .tests.data import value",
    ],
)
def test_tests_that_are_imported_from_elsewhere_stay(tmp_path: Path, statement: str) -> None:
    files = {
        "pkg/__init__.py": "",
        "pkg/code.py": statement,
        "pkg/tests/__init__.py": "",
        "pkg/tests/data.py": "from pkg.tests import helper",
        "pkg/tests/helper.py": "",
        "pkg/tests/test_code.py": "from pkg.tests import data",
    }
    assert pruned(tmp_path, files) == files.keys() - {"pkg/tests/test_code.py"}


def test_files_that_are_no_python_are_no_obstacle(tmp_path: Path) -> None:
    files = {
        "pkg/template.py": "import {{ tests }}",
        "pkg/tests/a.py": "",
        "pkg/null.py": "tests\0",
    }
    assert pruned(tmp_path, files) == {"pkg/template.py", "pkg/null.py"}


def test_the_user_may_drop_and_keep_more(tmp_path: Path) -> None:
    files = dict.fromkeys(["a/docs/x.txt", "a/big.json", "a/h.h", "a/b.h", "a/tests/t.py"], "")
    files["a/c.py"] = "import a.tests.t"
    kept = pruned(tmp_path, files, drop=("docs/", "*.json", "/a/tests/"), keep=("/a/h.h",))
    assert kept == {"a/h.h", "a/c.py"}


def test_what_is_below_a_dropped_folder_may_be_kept(tmp_path: Path) -> None:
    for name in ("a/docs/x.txt", "a/docs/y.txt", "a/b.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    def found(drop: tuple[str, ...], keep: tuple[str, ...] = ()) -> list[str]:
        return [path.relative_to(tmp_path).as_posix() for path in wanted(tmp_path, drop, keep)]

    assert found(("docs/",)) == ["a/b.txt"]
    assert found(("docs/",), ("x.txt",)) == ["a/b.txt", "a/docs/x.txt"]
    assert found(("**/docs/*", "!x.txt")) == ["a/b.txt", "a/docs/x.txt"]


def test_the_record_lists_what_is_there(tmp_path: Path) -> None:
    record = 'pkg/a.py,sha256=x,1\npkg/a.pyi,sha256=y,2\n"pkg/b,c.txt",sha256=z,3\n../bin/x,,\n'
    record += "pkg-1.dist-info/RECORD,,\n"
    files = {"pkg/a.py": "", "pkg/a.pyi": "", "pkg/b,c.txt": "", "pkg-1.dist-info/RECORD": record}
    pruned(tmp_path, files)
    assert (tmp_path / "pkg-1.dist-info" / "RECORD").read_text("utf-8") == (
        '"pkg/b,c.txt",,\npkg-1.dist-info/RECORD,,\npkg/a.py,,\n'
    )


METADATA = (
    "Metadata-Version: 2.4\nName: pkg\nVersion: 1.2\nRequires-Dist: other>=2\n\n# pkg\n\nText.\n"
)


def test_metadata_loses_its_description_and_no_field(tmp_path: Path) -> None:
    name = "pkg-1.2.dist-info/METADATA"
    pruned(tmp_path, {name: METADATA, "pkg.py": ""})
    (found,) = distributions(path=[str(tmp_path)])
    assert (found.version, found.requires) == ("1.2", ["other>=2"])
    assert "Text" not in (tmp_path / name).read_text("utf-8")


def test_a_description_stays_for_a_user_who_keeps_it(tmp_path: Path) -> None:
    name = "pkg-1.2.dist-info/METADATA"
    pruned(tmp_path, {name: METADATA, "pkg.py": ""}, keep=("*.dist-info/METADATA",))
    assert (tmp_path / name).read_text("utf-8") == METADATA
