"""The imports between packages: the floors of the workspace, and the names private to a package."""

from __future__ import annotations

import ast
import sys
from functools import cache
from graphlib import TopologicalSorter
from importlib.metadata import packages_distributions
from typing import TYPE_CHECKING

import pytest

from scripts.imports import Import, imports_in, imports_of, packages
from scripts.workspace import ROOT, Member, members, normalized

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The permitted imports between our packages. An arrow that is not here is a defect.
ARROWS: dict[str, set[str]] = {
    "lambda-logging": set(),
    "lambda-events": set(),
    "lambda-runtime": {"lambda-logging"},
    "lambda-asgi": {"lambda-runtime"},
    "lambda-otel": {"lambda-runtime"},
    "lambda-testing": {"lambda-runtime"},
    "lambda-emulator": {"lambda-testing"},
    "hatch-lambda": set(),
}
# AWS's SDK for durable functions, and its runner.
DURABLE = {"aws-durable-execution-sdk-python", "aws-durable-execution-sdk-python-testing"}
DURABLE_WORDS = "AWS's durable SDK"
# Soft arrows: imports that happen only when a function asks for them, so never with a module.
SOFT: dict[str, set[str]] = {
    "lambda-runtime": {"lambda-asgi", "lambda-events", "snapshot-restore-py"},
    "lambda-asgi": {"a2wsgi"},
    "lambda-testing": {"boto3", "botocore", *DURABLE},
    "lambda-emulator": {
        "aiokafka",
        "aws-sam-translator",
        "boto3",
        "botocore",
        "debugpy",
        "jsonschema",
        "lambda-events",
        "pyjwt",
        "pyyaml",
        *DURABLE,
    },
}
# Modules, with those below them, that are imported only when a function asks for what they are of.
LATE = ("lambda_emulator._durable",)
# Packages bring these along for others to import, by a name that is not their own.
BRINGS = {"lambda-runtime": {"awslambdaric"}}
# Soft arrows that are not extras: a test, or a function with a web application, brings them. As an
# extra of the runtime, lambda-asgi would be on a floor above what depends on it.
BROUGHT_BY_USERS = {"lambda-runtime": {"lambda-asgi"}, "lambda-testing": {"boto3", "botocore"}}
# The packages that look for a server outside Lambda. Nobody names the package that does.
LOCAL = "lambda_runtime.local"
FINDS_LOCAL = {"lambda-runtime", "lambda-testing"}

# Type checkers bring typing_extensions along, as they do the standard library's types; and
# annotationlib is in the standard library of newer Pythons.
NOT_INSTALLED = sys.stdlib_module_names | {"annotationlib", "typing_extensions"}
DISTRIBUTIONS = {module: normalized(names[0]) for module, names in packages_distributions().items()}
# A package that several distributions have a part of: what is in none of these is the last one's.
SHARED = {
    "opentelemetry": {
        "opentelemetry.instrumentation": "opentelemetry-instrumentation",
        "opentelemetry.sdk": "opentelemetry-sdk",
        "opentelemetry": "opentelemetry-api",
    }
}

RELEASED = [member for member in members().values() if member.is_released]
# Names of the standard library's that are public in spite of their underscores.
PUBLIC = {"_asdict", "_current_frames", "_exit", "_fields", "_getframe", "_make", "_replace"}
AROUND = sorted(
    path
    for folder in (
        "benchmarks",
        "docs",
        "samples",
        "scripts",
        "tests",
        "*/tests",
        "packages/*/tests",
    )
    for path in ROOT.glob(f"{folder}/**/*.py")
)
_STATEMENTS = (ast.Import, ast.ImportFrom)
each_package = pytest.mark.parametrize("package", RELEASED, ids=lambda package: package.name)


def distribution(found: Import) -> str:
    for module, name in SHARED.get(found.package, {}).items():
        if f"{found.target}.{found.name}.".startswith(f"{module}."):
            return name
    return DISTRIBUTIONS.get(found.package, normalized(found.package))


def arrows(package: Member) -> list[Import]:
    """Return the imports that leave a package, and are not the standard library's."""
    known = NOT_INSTALLED | {package.module}
    return [found for found in imports_of(package.module) if found.package not in known]


@each_package
def test_the_architecture_page_has_the_same_arrows(package: Member) -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rows = [line.split("|")[1:-1] for line in page.splitlines() if line.startswith("|")]
    (cells,) = [row[2:] for row in rows if row[1].strip().partition(",")[0] == package.name]
    listed = {name.strip() for name in ",".join(cells).split(",")} - {""}
    if DURABLE_WORDS in listed:
        listed = listed - {DURABLE_WORDS} | DURABLE
    assert listed == ARROWS[package.name] | SOFT.get(package.name, set())


@each_package
def test_a_package_imports_only_those_that_it_may(package: Member) -> None:
    allowed = ARROWS[package.name] | SOFT.get(package.name, set())
    ours = [found for found in arrows(package) if distribution(found) in ARROWS]
    assert [str(found) for found in ours if distribution(found) not in allowed] == []
    assert package.requires.keys() & ARROWS.keys() <= ARROWS[package.name]
    assert package.extras.keys() & ARROWS.keys() <= allowed


def is_late(module: str) -> bool:
    return any(module == late or module.startswith(f"{late}.") for late in LATE)


@each_package
def test_a_soft_arrow_is_followed_only_when_a_function_asks_for_it(package: Member) -> None:
    soft = SOFT.get(package.name, set())
    followed = [found for found in arrows(package) if distribution(found) in soft]
    early = [found for found in followed if found.when == "start"]
    assert [str(found) for found in early if not is_late(found.source)] == []
    inside = [found for found in imports_of(package.module) if is_late(found.target)]
    entered = [found for found in inside if found.when == "start" and not is_late(found.source)]
    assert [str(found) for found in entered] == []
    assert not soft & package.requires.keys()
    assert soft <= package.extras.keys() | BROUGHT_BY_USERS.get(package.name, set())


@each_package
def test_a_package_declares_what_it_imports(package: Member) -> None:
    declared = package.requires.keys() | SOFT.get(package.name, set())
    declared |= BRINGS.get(package.name, set())
    assert [str(found) for found in arrows(package) if distribution(found) not in declared] == []


@each_package
def test_a_package_imports_nothing_private_of_another(package: Member) -> None:
    ours = [found for found in arrows(package) if found.package in packages()]
    assert [str(found) for found in ours if found.is_private] == []


@each_package
def test_a_package_uses_no_private_attribute_of_another(package: Member) -> None:
    others = {
        name for other in RELEASED if other != package for name in defined_names(other.module)
    }
    foreign = private_attributes(package.module) - defined_names(package.module) - PUBLIC
    assert foreign & others == set()


def test_code_around_the_packages_imports_nothing_private_but_of_its_own_package() -> None:
    private = [
        f"{path.relative_to(ROOT)}: {found}"
        for path in AROUND
        for found in imports_in(statements(path), "around")
        if found.package in packages() and found.is_private and not is_below(path, found.package)
    ]
    assert private == []


@each_package
def test_what_serves_programs_outside_lambda_is_found_by_its_entry_point(package: Member) -> None:
    texts = [path.read_text("utf-8") for path in packages()[package.module].values()]
    finds = any(f'entry_points(group="{LOCAL}")' in text for text in texts)
    assert finds == (package.name in FINDS_LOCAL)


def test_no_package_depends_on_itself() -> None:
    graph = {package.name: package.requires | package.extras for package in RELEASED}
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize(
    "source",
    [
        "from lambda_events import _model",
        "from lambda_events._model import Model",
        "from lambda_events import Model as M; M._fields",
        "import lambda_events._model",
        "import lambda_events as le; le._model",
        "import lambda_events; lambda_events.http._forms",
        "import lambda_events; getattr(lambda_events, '_model')",
        "__import__('lambda_events._model')",
        "import_module('lambda_events._model')",
        "importlib.import_module('lambda_events._model', fromlist=['Model'])",
        "sys.modules.get('lambda_events._model')",
        "sys.modules['lambda_events._model']",
        "'lambda_events._model' in sys.modules",
        "NAME = 'lambda_events._model'",
        "if TYPE_CHECKING: from lambda_events._model import Model",
        "def f():\n async def g(): from lambda_events._model import Model",
        "class C:\n f = lambda: __import__('lambda_events._model')",
        "try: from lambda_events._model import Model\nexcept ImportError: pass",
    ],
)
def test_every_way_to_what_is_private_is_seen(source: str) -> None:
    found = imports_in(ast.parse(source), "lambda_runtime._x")
    assert [each.package for each in found if each.is_private] == ["lambda_events"]


@pytest.mark.parametrize(
    ("source", "when"),
    [
        ("import lambda_events", "start"),
        ("if sys.version_info > (3, 12): import lambda_events", "start"),
        ("HOME = {'HttpRequest': 'lambda_events.http'}", "table"),
        ("if TYPE_CHECKING: import lambda_events", "types"),
        ("if typing.TYPE_CHECKING: import lambda_events", "types"),
        ("if TYPE_CHECKING: pass\nelse: import lambda_events", "start"),
        ("def f(): import lambda_events", "call"),
        ("def f(): __import__('lambda_events')", "call"),
        ("def f(): return sys.modules.get('lambda_events')", "call"),
        ("def f(): return f'lambda_events.{name}'", "call"),
        ("def f(event=__import__('lambda_events')): pass", "start"),
        ("@__import__('lambda_events').cached\ndef f(): pass", "start"),
    ],
)
def test_when_an_import_happens(source: str, when: str) -> None:
    found = imports_in(ast.parse(source), "lambda_runtime._x")
    ours = {each.when for each in found if each.package == "lambda_events"}
    assert ours == {when}


def test_a_sentence_is_no_import() -> None:
    source = (
        '"""lambda_events._model"""; x = "pip install lambda_events._model"; y = "lambda_events"'
    )
    assert imports_in(ast.parse(source), "lambda_runtime._x") == []
    assert imports_in(ast.parse('x = f"broker-{n}.http.{host}"'), "lambda_events.kafka") == []


@cache
def defined_names(module: str) -> set[str]:
    """Return all names that a package's modules define, those of attributes too."""
    names: set[str] = set()
    for node in nodes(module):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            names.add(node.attr)
    return names


def private_attributes(module: str) -> set[str]:
    """Return the names of attributes with an underscore that a package's modules use."""
    names = {node.attr for node in nodes(module) if isinstance(node, ast.Attribute)}
    return {name for name in names if name.startswith("_") and not name.endswith("__")}


def statements(path: Path) -> ast.Module:
    """Return the import statements of a module: its strings may be data, such as lists of files."""
    tree = ast.parse(path.read_text("utf-8"))
    return ast.Module([node for node in ast.walk(tree) if isinstance(node, _STATEMENTS)], [])


def is_below(path: Path, package: str) -> bool:
    """Return whether a module is in the folder of a package, as its tests are."""
    return any(path.is_relative_to(member.path) for member in RELEASED if member.module == package)


def nodes(module: str) -> Iterator[ast.AST]:
    for path in packages()[module].values():
        yield from ast.walk(ast.parse(path.read_text("utf-8")))
