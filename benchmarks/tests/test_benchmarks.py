"""Every benchmark runs, and prints its rows; what they say is for a quiet machine."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).parents[2]
KINDS = ["`def`", "`async def`", "`async def` (stream)", "`async def` (aiohttp)"]
ROWS = {
    "bundle": [
        f"cold start, {kind}" for kind in (KINDS[0], f"{KINDS[0]}, in a runtime image", KINDS[1])
    ],
    "cold": [
        *(f"cold start, {kind}" for kind in KINDS),
        "cold start, `async def`, the peer's handler importing asyncio too",
    ],
    "warm": [f"{figure}, {kind}" for kind in KINDS for figure in ("time", "processor time")],
    "payload": [
        f"{figure}, {what}, {kind}"
        for what in ("0.2 KB", "100 KB of records", "6 MB of records", "6 MB in one string")
        for kind in KINDS
        for figure in ("time", "processor time")
    ],
    "streaming": [
        f"{figure}, {what}, {kind}"
        for what, figures in {
            "behind a gate": ["first byte"],
            "50 MB, 64 KB a chunk": ["throughput", "processor time"],
            "2 MB, 1 KB a chunk": ["throughput", "processor time"],
            "50 MB, the first invocation": ["growth"],
        }.items()
        for kind in KINDS
        for figure in figures
    ],
    "memory": [
        f"peak, {what}, {kind}"
        for what in ("hello", "6 MB of records returned", "6 MB in one string returned")
        for kind in KINDS
    ],
    "asgi": [
        *(
            f"{figure}, {what}"
            for what in (
                "Starlette",
                "FastAPI",
                "FastAPI with a lifespan",
                "FastAPI, the peer's lifespan off",
            )
            for figure in (
                "cold start",
                "cold start and first request",
                "time",
                "processor time",
                "peak",
            )
        ),
        "import",
    ],
    "events": [
        "import, and decode one message, against data classes",
        "import, and decode one message, against the parser",
        *(
            f"{what}, {form}"
            for event in ("SQS, 10 records", "Kinesis, 100 records", "REST API")
            for what, form in (
                (f"decode, against the parser: {event}", "JSON"),
                (f"decode, against the parser: {event}", "dict"),
                (f"every field, against the parser: {event}", "JSON"),
                (f"every field, against the parser: {event}", "dict"),
                (f"every field, against data classes: {event}", "dict"),
            )
        ),
    ],
    "logging": [
        "import, and `configure()`",
        "import, and a first record",
        "a record of `log`",
        "a record of `log`, against structlog",
        "a record of `logging`",
        "a level that is off",
        "a level that is off, with fields",
    ],
    "emulator": ["warm invocation through boto3, median", "start to first answer"],
    "managed": [
        f"{figure}, {what}, {kind}"
        for what in ("hello", "an SDK client held")
        for kind in (KINDS[0], KINDS[1], KINDS[3])
        for figure in ("throughput", "processor time", "memory", "start")
    ],
}


@pytest.mark.skipif(sys.platform != "linux", reason="awslambdaric exists for Linux only")
@pytest.mark.parametrize("group", ROWS)
def test_a_group_prints_and_writes_its_rows(group: str, tmp_path: Path) -> None:
    command = [sys.executable, "benchmarks", group, "--pairs", "1", "--quick"]
    result = subprocess.run(
        [*command, "--output", tmp_path],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=300,
    )
    _, _, setting, _, names, _, *rows = result.stdout.splitlines()
    assert f"Python {platform.python_version()}, " in setting
    cells = [row.strip("| ").split(" | ") for row in rows if row]
    assert [row[0] for row in cells] == ROWS[group]
    assert {len(row) for row in cells} == {len(names.strip("| ").split(" | "))}
    assert (tmp_path / f"{group}.md").read_text("utf-8").strip() == result.stdout.strip()
    kept = json.loads((tmp_path / f"{group}.json").read_text("utf-8"))
    assert [row["what"] for row in kept["rows"]] == ROWS[group]
    chart = ET.parse(tmp_path / f"{group}.svg").getroot()
    drawn = "".join(chart.itertext())
    for row in cells:
        ratio = row[3].strip("*")
        assert ratio == "-" or row[0].replace("`", "") in drawn


def test_no_answer_of_many_clients_is_lost() -> None:
    command = [sys.executable, "benchmarks/emulator_load.py", "--clients", "8"]
    command += ["--environments", "2", "--invocations", "50"]
    result = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    assert "8 clients, 2 environments, 50 invocations: 0 lost, 0 crossed" in result.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="awslambdaric exists for Linux only")
def test_cold_starts_are_measured_with_a_share_of_a_processor(tmp_path: Path) -> None:
    command = [sys.executable, "benchmarks", "cold", "--cpu", "0.58", "--pairs", "1", "--quick"]
    result = subprocess.run(
        [*command, "--output", tmp_path], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    if result.stdout.startswith("Skipped, as no process can be given a share of a processor here"):
        return
    kept = json.loads((tmp_path / "cold_by_processor.json").read_text("utf-8"))
    assert [row["what"] for row in kept["rows"]] == [
        f"cold start, {what}, 0.58 of a processor (1026 MB)"
        for what in ("`def`", "`async def`", "FastAPI, against Mangum")
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="awslambdaric exists for Linux only")
def test_each_python_is_measured_that_is_here(tmp_path: Path) -> None:
    command = [sys.executable, "benchmarks", "--python", f"{sys.executable},3.99", "--pairs", "1"]
    result = subprocess.run(
        [*command, "--quick", "--output", tmp_path],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert "Skipped: there is no Python '3.99': name a version" in result.stdout
    kept = json.loads((tmp_path / "pythons.json").read_text("utf-8"))
    assert [row["what"] for row in kept["rows"]] == [
        f"{figure}, Python {platform.python_version()}, {kind}"
        for kind in KINDS[:2]
        for figure in ("cold start", "processor time", "peak")
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["cold", "hot"], "there is no group 'hot': there are cold, bundle, warm,"),
        (["warm", "--cpu", "0.5"], "--cpu goes with the group cold alone"),
        (["cold", "--cpu", "0"], "argument --cpu: '0' is not a list of shares"),
        (["cold", "--cpu", "half"], "each is above 0 and at most"),
        (["cold", "--pairs", "0"], "argument --pairs: '0' is not a number of at least 1"),
        (["cold", "--output", "/dev/null/here"], "--output: /dev/null/here: Not a directory"),
        (["--python", "/nowhere"], "there is no Python '/nowhere': name a version"),
        (["cold", "--python", "3.13"], "--python goes with no group"),
    ],
)
def test_arguments_that_mean_nothing_are_refused(arguments: list[str], message: str) -> None:
    command = [sys.executable, "benchmarks", *arguments]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert message in result.stderr


def test_the_page_on_scale_says_what_the_simulation_says() -> None:
    command = [sys.executable, "benchmarks/scale.py"]
    result = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    tables = [line for line in result.stdout.splitlines() if line.startswith("|")]
    page = (ROOT / "docs" / "scale.md").read_text("utf-8").splitlines()
    assert [line for line in page if line in tables] == tables
    assert len(tables) == 2 * 2 + 3 + 9


@pytest.mark.skipif(sys.platform != "linux", reason="awslambdaric exists for Linux only")
def test_the_phases_of_a_cold_start_are_drawn(tmp_path: Path) -> None:
    command = [sys.executable, "benchmarks/phases.py", "--starts", "1"]
    command += ["--output", str(tmp_path)]
    result = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    about, *lines = result.stdout.splitlines()
    kept = json.loads((tmp_path / "phases.json").read_text("utf-8"))
    assert kept["setting"] == about
    assert [line.partition(":")[0] for line in lines] == [*kept["milliseconds"]]
    assert all(ms > 0 for [row] in kept["milliseconds"].values() for ms in row)
    drawn = "".join(ET.parse(tmp_path / "phases.svg").getroot().itertext())
    assert all(text in drawn for text in (*kept["phases"], *kept["milliseconds"]))
    assert "prefers-color-scheme: dark" in drawn
