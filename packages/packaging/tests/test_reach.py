"""The ways in which code and metadata reach files: these stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hatch_lambda._prune import prune_dependencies

if TYPE_CHECKING:
    from pathlib import Path

CASE = "pkg/tests/case.py"
DOUBLE = "lambda_runtime/in_process.py"
TESTS = {"pkg/__init__.py": "", "pkg/tests/__init__.py": "", CASE: "", "pkg/tests/data.json": ""}
METADATA = "Metadata-Version: 2.1\nName: {}\nVersion: 1\n"


def needed(distribution: str, *, of: str) -> dict[str, str]:
    """Return the metadata of two distributions of which one needs the other."""
    text = METADATA.format(distribution) + f"Requires-Dist: {of} (>=1) ; python_version > '3'\n"
    return {
        f"{distribution}-1.dist-info/METADATA": text,
        f"{distribution}-1.dist-info/RECORD": f"{distribution}/__init__.py,,\n",
        f"{of}-1.dist-info/METADATA": METADATA.format(of),
        f"{of}-1.dist-info/RECORD": f"{of}/__init__.py,,\n",
    }


READ = {
    # Type stubs.
    "lazy-loader's stubs": (
        "pkg/__init__.pyi",
        {"pkg/__init__.py": "import lazy_loader as lazy\nlazy.attach_stub(__name__, __file__)"},
    ),
    "stubs of those that use a reader of stubs": (
        "user/__init__.pyi",
        {
            "reader/__init__.py": "def read(path):\n    return open(path.with_suffix('.pyi'))",
            "user/__init__.py": "import reader\nreader.read(__file__)",
            **needed("user", of="reader"),
        },
    ),
    "a name that is put together": ("pkg/a.pyi", {"pkg/a.py": "open(__file__ + '/../a' + '.pyi')"}),
    "a suffix without its dot": ("pkg/k.cu", {"pkg/a.py": "files('pkg') / '.'.join((name, 'cu'))"}),
    # Data with the suffix of a source.
    "its name": ("pkg/k/_kernels.cu", {"pkg/a.py": "PWD = Path(__file__)\n(PWD / '_kernels.cu')"}),
    "its path": ("pkg/k/kernels.h", {"pkg/a.py": 'pkgutil.get_data(__name__, "k/kernels.h")'}),
    "a name with a placeholder": ("pkg/k/add.cu", {"pkg/a.py": "get_data(__name__, f'{name}.cu')"}),
    "str.format": ("pkg/k/add.cpp", {"pkg/a.py": "open('{}/{}.cpp'.format(HERE, name))"}),
    "percent": ("pkg/k/add.pyx", {"pkg/a.py": "open('%s/%s.pyx' % (HERE, name))"}),
    "a pattern": ("pkg/k/add.cu", {"pkg/a.py": "HERE.glob('*.cu')"}),
    "a pattern over folders": ("pkg/k/l/add.hpp", {"pkg/a.py": "HERE.rglob('k/**/*.hpp')"}),
    "the beginning of a name": ("pkg/kernel_add.h", {"pkg/a.py": "HERE.glob('kernel_*')"}),
    "its folder": ("pkg/include/a.h", {"pkg/a.py": "os.path.join(HERE, 'include')"}),
    "a folder above": ("pkg/include/x/y/a.h", {"pkg/a.py": "os.path.join(HERE, 'include')"}),
    "its folder as a package": ("pkg/headers/a.h", {"pkg/a.py": "files('pkg.headers').iterdir()"}),
    "its folder as a module": (
        "pkg/headers/a.h",
        {"pkg/a.py": "from pkg import headers\nresources.files(headers)"},
    ),
    "a list of what is there": (
        "pkg/headers/a.h",
        {"pkg/a.py": "for top, _, names in os.walk(os.path.dirname(__file__)): ..."},
    ),
    "a long string": ("pkg/a.h", {"pkg/a.py": 'compile("""\n#include "a.h"\n""")'}),
    "a list in data": ("pkg/k/add.cu", {"pkg/kernels.json": '{"add": "k/add.cu"}'}),
    "an assembly of .NET": ("pkg/rt/Some.dll", {"pkg/a.py": 'Path(HERE, "rt", "Some.dll")'}),
    "another distribution": ("pkg/a.h", {"pkg/a.py": "", "other/a.py": "read('a.h')"}),
    "byte code without source": ("pkg/k/add.cu", {"pkg/a.pyc": "\xe3\x06add.cu\xa9"}),
    "source of a newer Python": ("pkg/a.h", {"pkg/a.py": "match(x := }\nopen('a.h')"}),
    "a marker": ("pkg/py.typed", {"pkg/__init__.py": "", "other.py": "files(x) / 'py.typed'"}),
    "a program": ("bin/tool", {"pkg/__init__.py": "run([Path(HERE, '..', 'bin') / 'tool'])"}),
    # Modules in folders of tests.
    "a computed name": (CASE, {**TESTS, "pkg/a.py": "import_module(f'{pkg}.tests.{name}')"}),
    "a sum": (CASE, {**TESTS, "pkg/a.py": "import_module('pkg.tests.' + name)"}),
    "a relative name": (
        CASE,
        {**TESTS, "pkg/a.py": "import_module('.tests.' + name, __package__)"},
    ),
    "parts": (CASE, {**TESTS, "pkg/a.py": "import_module('.'.join([__package__, 'tests', name]))"}),
    "a constant": (CASE, {**TESTS, "pkg/a.py": "F = 'tests'\n__import__(f'pkg.{F}.{name}')"}),
    "old formats": (CASE, {**TESTS, "pkg/a.py": "__import__('%s.tests.%s' % (pkg, name))"}),
    "a whole name": (CASE, {**TESTS, "pkg/a.py": "import_module('pkg.tests.case')"}),
    "an object's name": (CASE, {**TESTS, "pkg/a.py": "resolve_name('pkg.tests.case:Case')"}),
    "all modules of a package": (CASE, {**TESTS, "pkg/a.py": "walk_packages(__path__, 'pkg.')"}),
    "all modules of another": (
        CASE,
        {**TESTS, "host.py": "import pkg\nfor m in pkgutil.iter_modules(pkg.__path__): ..."},
    ),
    "an entry point": (
        CASE,
        {**TESTS, "pkg-1.dist-info/entry_points.txt": "[plugins]\nx = pkg.tests.case:Case\n"},
    ),
    "a list of modules in data": (CASE, {**TESTS, "pkg/a.toml": "plugins = ['pkg.tests.case']"}),
    "names in parentheses": (
        CASE,
        {**TESTS, "pkg/a.py": "from pkg.tests import (\n    other,  # why\n    case,\n)"},
    ),
    "a module that is run": (CASE, {**TESTS, "pkg/a.py": "run_path(f'{HERE}/tests/case.py')"}),
    "a suite that is discovered": (
        CASE,
        {**TESTS, "pkg/a.py": "loader.discover(os.path.join(os.path.dirname(__file__), 'tests'))"},
    ),
    "a module of tests without source": (
        "pkg/tests/case.pyc",
        {"pkg/__init__.py": "from pkg.tests.case import Case", "pkg/tests/case.pyc": ""},
    ),
    # Data in folders of tests.
    "data beside tests": (
        "pkg/tests/data.json",
        {**TESTS, "pkg/a.py": "Path(__file__).parent / 'tests' / name"},
    ),
    "data by its path": (
        "pkg/tests/data.json",
        {**TESTS, "pkg/a.py": "pkgutil.get_data('pkg', 'tests/data.json')"},
    ),
    "data of a module that stays": (
        "pkg/tests/data.json",
        {**TESTS, "pkg/a.py": "import pkg.tests.case", CASE: "Path(__file__).parent / name"},
    ),
    "SQL in a folder of that name": (
        "dbt/include/macros/tests/not_null.sql",
        {"dbt/include/__init__.py": "PACKAGE_PATH = os.path.dirname(__file__)"},
    ),
    # The module that runs a function in a test.
    "a test double": (DOUBLE, {"pkg/a.py": "from lambda_runtime.in_process import InProcess"}),
    "a test double as a module": (DOUBLE, {"pkg/a.py": "from lambda_runtime import in_process"}),
    "a test double's name": (DOUBLE, {"pkg/a.py": "import_module('lambda_runtime.in_process')"}),
    # Modules that are not source.
    "byte code alone": ("pkg/a.pyc", {"pkg/__init__.py": ""}),
    "byte code in a cache": ("pkg/__pycache__/a.cpython-313.pyc", {"pkg/__init__.py": ""}),
}


def prune(folder: Path, files: dict[str, str], function: tuple[str, ...] = ()) -> set[str]:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    prune_dependencies(folder, (), (), function=function)
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("case", READ)
def test_what_is_read_stays(tmp_path: Path, case: str) -> None:
    name, files = READ[case]
    assert name in prune(tmp_path, {name: "", **files})


@pytest.mark.parametrize(
    "case", [case for case, (name, _) in READ.items() if not name.endswith((".sql", ".pyc"))]
)
def test_what_is_not_read_goes(tmp_path: Path, case: str) -> None:
    """The same files, without the code that reads them."""
    name, files = READ[case]
    readers = (".py", ".pyc", ".json", ".toml", "entry_points.txt")
    silent = {
        each: "" if each.endswith(readers) else text for each, text in files.items() if each != name
    }
    assert name not in prune(tmp_path, {name: "", **silent})


@pytest.mark.parametrize(
    ("name", "word"),
    [
        (CASE, "pkg.tests.case"),
        ("pkg/a.h", "include/a.h"),
        ("pkg/a.pyi", "*.pyi"),
        (CASE, "*.tests.*"),
        (DOUBLE, "lambda_runtime.in_process"),
    ],
)
def test_the_function_may_read_files_of_its_dependencies(
    tmp_path: Path, name: str, word: str
) -> None:
    files = {**TESTS, name: ""}
    assert name not in prune(tmp_path / "without", files)
    assert name in prune(tmp_path / "with", files, (word,))


@pytest.mark.parametrize(
    "text",
    [
        "# from pkg.tests import case",
        'def get_include():\n    r"""The folder of ``a.pyi``."""\n    return HERE',
        '"""Run the tests with *.pyi and a folder of tests."""',
        "raise Error('the tests of this have failed')",
        "NAMES = {'tests', 'docs'}",
        "import pkg.testsuite",
        "self.tests.append(tests)",
    ],
)
def test_words_that_are_no_names_reach_nothing(tmp_path: Path, text: str) -> None:
    files = {**TESTS, "pkg/a.py": text, "pkg/a.pyi": "", "pkg/tests/test_a.py": ""}
    assert not {CASE, "pkg/a.pyi", "pkg/tests/test_a.py"} & prune(tmp_path, files)


def test_programs_that_an_installer_writes_are_for_its_own_machine(tmp_path: Path) -> None:
    files = {
        "bin/tool": "#!/home/me/python\n",
        "pkg/__init__.py": "prog = 'tool'",
        "pkg-1.dist-info/entry_points.txt": "[console_scripts]\ntool = pkg:main\n",
    }
    assert "bin/tool" not in prune(tmp_path, files)
