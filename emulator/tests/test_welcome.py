"""The welcome that ``run`` prints at the start."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = 30
PLAIN = "def handler(event): return event\n"
TYPED = (
    "from lambda_events import SQSEvent\ndef handler(event: SQSEvent): return len(event.records)\n"
)
SQS: dict[str, Any] = {
    "Records": [
        {
            "messageId": "1",
            "receiptHandle": "r",
            "body": "b",
            "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": "1",
                "SenderId": "s",
                "ApproximateFirstReceiveTimestamp": "1",
            },
            "messageAttributes": {},
            "md5OfBody": "m",
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:q",
            "awsRegion": "eu-west-1",
        }
    ]
}


def welcome(project: Path, *arguments: str) -> list[str]:
    with subprocess.Popen(
        [sys.executable, "-m", "lambda_emulator", "run", *arguments, "--port", "0"],
        cwd=project,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        lines: list[str] = []
        while not lines or not lines[-1].startswith("Console: "):
            line = process.stderr.readline()
            assert line, lines
            lines.append(line.rstrip("\n"))
        process.terminate()
    return lines


def command(project: Path, *arguments: str) -> str:
    """Return the command for the first function, without the address."""
    return welcome(project, *arguments)[0].partition(" with: ")[2].rpartition(" ")[0]


def test_all_addresses(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(PLAIN)
    text = "\n".join(welcome(tmp_path, "orders=app.handler", "mail=app.handler"))
    address = re.escape(re.findall(r"^Console: (http://127\.0\.0\.1:\d+)/$", text, re.MULTILINE)[0])
    for name in ("orders", "mail"):
        invoke = rf"{address}/2015-03-31/functions/{name}/invocations"
        assert re.search(rf"^Invoke {name} with: curl -d '{{}}' {invoke}$", text, re.MULTILINE)
        url = rf"{address}/lambda-url/{name}/"
        assert re.search(rf"^Function URL of {name}: {url}$", text, re.MULTILINE)
    assert re.search(rf"^Invoke API, for AWS_ENDPOINT_URL_LAMBDA: {address}$", text, re.MULTILINE)


@pytest.mark.parametrize(("host", "warned"), [("0.0.0.0", True), ("127.0.0.2", False)])
def test_a_server_for_other_machines(tmp_path: Path, host: str, warned: bool) -> None:
    (tmp_path / "app.py").write_text(PLAIN)
    lines = welcome(tmp_path, "app.handler", "--host", host)
    assert (
        any(f"all who can reach {host} can run the functions" in line for line in lines) is warned
    )


def test_the_event_beside_the_function(tmp_path: Path) -> None:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "app.py").write_text(PLAIN)
    (tmp_path / "event.json").write_text('{"of": "a stranger"}')
    assert command(tmp_path, "pkg/app.handler") == "curl -d '{}'"
    assert command(tmp_path, "pkg.app.handler") == "curl -d '{}'"
    (tmp_path / "pkg" / "event.json").write_text("{}")
    assert command(tmp_path, "pkg/app.handler") == "curl -d @pkg/event.json"
    (tmp_path / "pkg" / "event.json").write_text("{")
    assert command(tmp_path, "pkg/app.handler") == "curl -d '{}'"


def test_an_event_that_could_be_of_several_functions(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(PLAIN)
    (tmp_path / "event.json").write_text("{}")
    assert command(tmp_path, "app.handler") == "curl -d @event.json"
    assert command(tmp_path, "app.handler", "other=app.handler") == "curl -d '{}'"


@pytest.mark.parametrize(
    "source",
    [
        TYPED,
        "import lambda_events\ndef handler(event: lambda_events.SQSEvent): ...\n",
        "from lambda_events import SQSEvent as E\ndef handler(event: 'E[dict]', context): ...\n",
        "from typed import handler\n",
    ],
)
def test_an_event_that_fits_the_annotation(tmp_path: Path, source: str) -> None:
    pytest.importorskip("lambda_events")
    (tmp_path / "typed.py").write_text(TYPED)
    (tmp_path / "app.py").write_text(source)
    generated = "lambda-emulator generate-event SQSEvent | curl -d @-"
    assert command(tmp_path, "app.handler") == generated
    (tmp_path / "event.json").write_text('{"of": "a stranger"}')
    assert command(tmp_path, "app.handler") == generated
    (tmp_path / "event.json").write_text(json.dumps(SQS))
    assert command(tmp_path, "app.handler", "other=app.handler") == "curl -d @event.json"


def test_the_command_works_when_copied(tmp_path: Path) -> None:
    pytest.importorskip("lambda_events")
    (tmp_path / "app.py").write_text(TYPED)
    with subprocess.Popen(
        [sys.executable, "-m", "lambda_emulator", "run", "app.handler", "--port", "0"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        shown = process.stderr.readline().partition(" with: ")[2]
        try:
            module = f"{sys.executable} -m lambda_emulator"
            done = subprocess.run(
                ["bash", "-c", shown.replace("lambda-emulator", module).replace("curl", "curl -s")],
                capture_output=True,
                text=True,
                timeout=LIMIT,
                check=True,
            )
        finally:
            process.terminate()
    assert done.stdout == "1"
