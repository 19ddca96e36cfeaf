"""Import all modules of large packages, from an archive and from a plain environment.

`uv run python benchmarks/packaged_imports.py` installs each package as pip does, has hatch-lambda
build an archive of the same versions, and imports every module of both. A module that the plain
environment imports and the archive does not is a defect, unless it is one that was left out: those
are listed. It takes minutes and an index of packages, so it is run by hand.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from uv import find_uv_bin

from hatch_lambda import LambdaBuilder

PACKAGES: dict[str, str] = dict.fromkeys(
    (
        *("numpy", "pandas", "scikit-image", "spacy", "pydantic", "cryptography", "pillow", "lxml"),
        *("google-cloud-storage", "opentelemetry-sdk", "nltk", "dbt-core", "pythonnet"),
        *("selenium", "debugpy", "boto3", "sqlalchemy", "grpcio", "protobuf", "matplotlib"),
        *("scikit-learn", "tiktoken", "tokenizers", "orjson", "polars", "playwright"),
        *("weasyprint", "shapely", "geopandas", "kafka-python", "snowflake-connector-python"),
        *("langchain", "openai", "anthropic", "jinja2", "babel", "pytz", "tzdata", "pyyaml"),
        *("uvloop", "ddtrace", "sentry-sdk", "duckdb", "pyarrow", "psycopg[binary]"),
        "aws-lambda-powertools[all]",
    ),
    "",
)
# Distributions beside them, separated by spaces.
PACKAGES["opentelemetry-sdk"] = "opentelemetry-exporter-otlp opentelemetry-distro"
PACKAGES["dbt-core"] = "dbt-duckdb"
PROJECT = """
[project]
name = "imports"
version = "1"
requires-python = ">=3.11"
dependencies = {requirements!r}
[tool.hatch.build.targets.lambda]
layout = "image"
parts = ["dependencies"]
glibc = "2.40"
python = {minor!r}
interpreter = {interpreter!r}
"""
COLUMNS = [
    *("package", "distributions", "modules", "imported, plain", "other outcome in the archive"),
    *("modules of tests left out", "others left out", "MiB, plain", "MiB, archive", "build"),
]
# One process imports all modules, one after the other; after one that ends it, a new one goes on.
IMPORTS = """
import contextlib, importlib, io, json, os, sys, warnings
warnings.simplefilter("ignore")
folder, modules = sys.argv[1], json.load(sys.stdin)
sys.path.insert(0, folder)
answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
for name in modules:
    print(json.dumps([name, None]), file=answers)
    try:
        importlib.import_module(name)
        outcome = "imported"
    except BaseException as error:
        outcome = f"{type(error).__name__}: {error}".replace(folder, "")
    print(json.dumps([name, outcome]), file=answers)
os._exit(0)
"""


def modules(folder: Path) -> list[str]:
    """Return the names of all modules in a folder, without programs."""
    names: set[str] = set()
    for path in folder.rglob("*"):
        if path.suffix not in {".py", ".so", ".pyc"} or path.parent.name == "__pycache__":
            continue
        parts = [*path.relative_to(folder).parts[:-1], path.name.split(".")[0]]
        if parts[-1] == "__init__":
            del parts[-1]
        if parts and all(part.isidentifier() for part in parts) and parts[-1] != "__main__":
            names.add(".".join(parts))
    return sorted(names)


def outcomes(python: Path, folder: Path, names: list[str]) -> dict[str, str]:
    """Import modules from a folder, and return what became of each."""
    found: dict[str, str] = {}
    while rest := [name for name in names if name not in found]:
        command: list[str | Path] = [python, "-s", "-S", "-B", "-c", IMPORTS, folder]
        try:
            result = subprocess.run(
                command,
                input=json.dumps(rest),
                capture_output=True,
                text=True,
                check=False,
                cwd=folder,
                timeout=900,
            )
            lines, ending = result.stdout, f"the process ended with {result.returncode}"
        except subprocess.TimeoutExpired as error:
            lines, ending = (error.stdout or b"").decode(), "no end"
        started = ""
        for line in lines.splitlines():
            started, outcome = json.loads(line)
            if outcome is not None:
                found[started] = outcome
        if started not in found:
            found[started or rest[0]] = ending
    return found


def size(folder: Path) -> float:
    """Return the size of a folder in MiB, without byte code."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return sum(path.stat().st_size for path in files) / 1024**2


def compare(package: str, python: Path, minor: str, work: Path) -> dict[str, object]:
    """Install and build one package, import all of it, and return a row of results."""
    requirements = [package, *PACKAGES.get(package, "").split()]
    plain = work / "plain"
    subprocess.run(
        [
            *(find_uv_bin(), "pip", "install", "--quiet", "--target", plain, "--python", python),
            *("--only-binary", ":all:", "--link-mode", "copy", *requirements),
        ],
        check=True,
    )
    frozen = sorted(
        path.name.removesuffix(".dist-info").replace("-", "==").replace("_", "-").lower()
        for path in plain.glob("*.dist-info")
    )
    interpreter = str(python.parents[1])
    project = PROJECT.format(requirements=frozen, minor=minor, interpreter=interpreter)
    (work / "pyproject.toml").write_text(project, "utf-8")
    began = time.monotonic()
    (built,) = LambdaBuilder(str(work)).build(directory=str(work / "dist"))
    seconds = time.monotonic() - began
    archive = Path(built) / "dependencies"
    names = modules(plain)
    there = set(modules(archive))
    plainly = outcomes(python, plain, names)
    packed = outcomes(python, archive, [name for name in names if name in there])
    missing = [name for name in names if name not in there]
    return {
        "package": next(
            line for line in frozen if line.split("==")[0] == package.partition("[")[0]
        ),
        "distributions": len(frozen),
        "modules": len(names),
        "imported": sum(outcome == "imported" for outcome in plainly.values()),
        "differences": {
            name: [plainly[name], packed[name]] for name in packed if packed[name] != plainly[name]
        },
        "left_out": len(missing),
        "left_out_elsewhere": [name for name in missing if "tests" not in name.split(".")],
        "plain_mib": round(size(plain), 1),
        "archive_mib": round(size(archive), 1),
        "seconds": round(seconds, 1),
    }


def table(rows: list[dict[str, object]], python: Path) -> str:
    """Return the results as a table in Markdown."""
    version = subprocess.run([python, "-V"], capture_output=True, text=True, check=True).stdout
    lines = [
        "### All modules of large packages, from an archive and from a plain environment",
        "",
        f"{platform.machine()}, {version.strip()}; sizes without byte code",
        "",
        f"| {' | '.join(COLUMNS)} |",
        "|---" * len(COLUMNS) + "|",
    ]
    for row in rows:
        differences, elsewhere = row["differences"], row["left_out_elsewhere"]
        assert isinstance(differences, dict)
        assert isinstance(elsewhere, list)
        lines.append(
            f"| {row['package']} | {row['distributions']} | {row['modules']} | {row['imported']} "
            f"| {len(differences)} | {row['left_out']} | {len(elsewhere)} | {row['plain_mib']} "
            f"| {row['archive_mib']} | {row['seconds']} s |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Compare packages, print the table, and write it with all outcomes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", nargs="*", default=list(PACKAGES))
    parser.add_argument("--python", type=Path, default=Path(sys.executable).resolve())
    parser.add_argument("--output", type=Path, help="a folder for the results")
    arguments = parser.parse_args()
    minor = arguments.python.name.removeprefix("python")
    rows: list[dict[str, object]] = []
    for package in arguments.packages:
        work = Path(tempfile.mkdtemp(prefix="packaged-imports-"))
        try:
            rows.append(compare(package, arguments.python, minor, work))
            print(json.dumps(rows[-1]), flush=True)
        except subprocess.CalledProcessError as error:
            print(f"{package} cannot be installed here: {error}", flush=True)
        finally:
            shutil.rmtree(work)
    text = table(rows, arguments.python)
    print(text)
    if arguments.output:
        (arguments.output / "imports.md").write_text(text, "utf-8")
        (arguments.output / "imports.json").write_text(json.dumps(rows, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
