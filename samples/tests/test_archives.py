"""The archives of all samples: they are built, and each starts up to its first request."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

SAMPLES = Path(__file__).parents[1]
NAMES = sorted(path.parent.name for path in SAMPLES.glob("*/__main__.py"))
# The functions are to run on this machine, with this Python.
HERE = {
    "HATCH_LAMBDA_ARCHITECTURE": "arm64" if platform.machine() == "aarch64" else "x86_64",
    "HATCH_LAMBDA_GLIBC": platform.libc_ver()[1],
    "HATCH_LAMBDA_INTERPRETER": sys.base_prefix,
    "HATCH_LAMBDA_LAYOUT": "wrapper",
    "HATCH_LAMBDA_PYTHON": f"{sys.version_info.major}.{sys.version_info.minor}",
}


@pytest.fixture
def archives(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    command = (sys.executable, "-m", "hatch_lambda", "--project", SAMPLES, "--directory", tmp_path)
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    # Shared with the tests of hatch-lambda, which build some of the same, and not with the user.
    folder = os.environ.get("HATCH_LAMBDA_TEST_CACHE") or str(base / "hatch-lambda-cache")
    cache = {"HATCH_LAMBDA_CACHE": folder}
    result = subprocess.run(
        command, env={**os.environ, **HERE, **cache}, capture_output=True, text=True, check=False
    )
    # It starts what it has built: one that does not start is an error.
    assert result.returncode == 0, result.stderr
    return tmp_path


@pytest.mark.skipif(sys.platform != "linux", reason="archives for Linux start on Linux")
def test_each_sample_is_built_and_starts(archives: Path) -> None:
    assert sorted(path.stem for path in archives.glob("*.zip")) == NAMES
    for name in NAMES:
        with ZipFile(archives / f"{name}.zip") as archive:
            built = set(archive.namelist())
        assert {"__main__.py", "event.json", "wrapper", "lambda_runtime/__init__.py"} <= built
        assert "pyproject.toml" not in built  # beside the sample, and not in it
        assert "lambda_emulator/__init__.py" not in built
        assert ("boto3/__init__.py" in built) == (name == "durable_order")  # AWS's SDK needs it
