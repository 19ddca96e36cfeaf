"""The options in ``pyproject.toml``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hatch_lambda import BuildError, Options

PROJECT = Path("/project")


def parse(table: dict[str, Any], environ: dict[str, str] | None = None) -> Options:
    table = {"handler": "app.handler", **table}
    return Options.parse(table, environ or {}, name="f", project=PROJECT)


@pytest.mark.parametrize(
    ("table", "runtime", "glibc"),
    [
        ({}, "provided.al2023", "2.34"),
        ({"runtime": "provided.al2"}, "provided.al2", "2.26"),
        ({"layout": "wrapper"}, "python3.13", "2.34"),
        ({"layout": "wrapper", "python": "3.11"}, "python3.11", "2.26"),
        ({"layout": "layer", "parts": ["dependencies"], "python": "3.12.4"}, "python3.12", "2.34"),
        ({"layout": "wrapper", "runtime": "python3.11"}, "python3.11", "2.26"),
        ({"glibc": "2.36"}, "provided.al2023", "2.36"),
    ],
)
def test_the_layout_says_where_it_runs(table: dict[str, Any], runtime: str, glibc: str) -> None:
    options = parse(table)
    assert (options.runtime, options.glibc) == (runtime, glibc)
    assert options.runtime in {f"python{options.minor}", "provided.al2023", "provided.al2"}


@pytest.mark.parametrize(
    ("runtime", "base"),
    [("provided.al2023", "provided:al2023"), ("provided.al2", "provided:al2")],
)
def test_an_image_starts_from_its_runtime(runtime: str, base: str) -> None:
    options = parse({"layout": "image", "runtime": runtime})
    assert options.base == f"public.ecr.aws/lambda/{base}"
    assert parse({"runtime": runtime, "base": "debian"}).base == "debian"


def test_the_environment_comes_first() -> None:
    environ = {
        "HATCH_LAMBDA_ARCHITECTURE": "arm64",
        "HATCH_LAMBDA_INTERPRETER": "python",
        "HATCH_LAMBDA_REPORT": "1",
        "HATCH_LAMBDA_WITHOUT": "boto3,botocore",
    }
    options = parse({"architecture": "x86_64", "without": ["a"]}, environ)
    assert options.architecture == "arm64"
    assert options.interpreter == PROJECT / "python"
    assert options.report
    assert options.without == ("boto3", "botocore")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"architecure": "arm64"}, "no option 'architecure'"),
        ({"architecture": "aarch64"}, "expected one of x86_64, arm64, found 'aarch64'"),
        (
            {"layout": "zip"},
            "expected one of bundle, wrapper, layer, image, runtime, function, found 'zip'",
        ),
        ({"architecture": []}, "architecture: expected one of x86_64, arm64, found []"),
        ({"architecture": ["x86_64", "arm64"]}, "only the layout 'runtime' is built for several"),
        ({"python": "3"}, "expected a value like 3.13 (3.11 or newer), found '3'"),
        ({"python": 3.13}, "expected a string, found 3.13"),
        ({"max-size": "1.2.3 MB"}, "max-size: expected a size such as"),
        ({"max-size": "1..5"}, "max-size: expected a size such as"),
        ({"runtime": "nodejs"}, "expected a value like provided.al2023 or python3.13"),
        ({"without": "boto3"}, "expected an array of strings, found 'boto3'"),
        ({"report": "maybe"}, "expected true or false, found 'maybe'"),
        ({"report": []}, "expected true or false"),
        ({"layout": "wrapper", "parts": ["interpreter"]}, "no part 'interpreter'"),
        ({"handler": ""}, "handler: expected a string"),
        ({"handler": "app"}, "handler: expected a value like module.function or __main__.py"),
        (
            {"layout": "wrapper", "runtime": "python3.12", "python": "3.13"},
            "runtime is python3.12, and python is 3.13: leave one of them out",
        ),
        ({"layout": "wrapper", "runtime": "python3.9"}, "python: expected a value like 3.13"),
    ],
)
def test_what_cannot_be_is_refused(table: dict[str, Any], message: str) -> None:
    with pytest.raises(BuildError, match=r"tool\.hatch\.build\.targets\.lambda") as error:
        parse(table)
    assert message in str(error.value)


def test_a_function_needs_a_handler() -> None:
    with pytest.raises(BuildError, match="no handler for 'f'"):
        Options.parse({}, {}, name="f", project=PROJECT)
    layer = Options.parse({"layout": "layer"}, {}, name="f", project=PROJECT)
    assert layer.handler is None
