"""Each sample as its README says: run it, invoke it, end it."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).parents[2]
LIMIT = 30  # seconds


def living_members(session: int) -> list[str]:
    """Return the processes of a session that have not ended."""
    members: list[str] = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, its_session = path.read_text().rpartition(")")[2].split()[:4]
        except OSError:  # it has just ended
            continue
        if int(its_session) == session and state != "Z":
            members.append(path.parent.name)
    return members


@pytest.mark.parametrize(
    ("sample", "answer"),
    [
        ("hello", {"message": "Hello Ada!"}),
        ("hello_async", {"message": "Hello Ada!"}),
    ],
)
def test_a_sample_answers_its_own_event(sample: str, answer: object) -> None:
    with subprocess.Popen(
        [sys.executable, f"samples/{sample}"],
        cwd=ROOT,
        env={**os.environ, "LAMBDA_EMULATOR_PORT": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            assert process.stderr is not None
            invitation = process.stderr.readline()
            assert invitation.startswith(f"Invoke {sample} with: curl -d @"), invitation
            _, _, event, address = shlex.split(invitation.partition(": ")[2])
            assert event == f"@samples/{sample}/event.json"
            url = urlsplit(address)
            assert url.path == f"/2015-03-31/functions/{sample}/invocations"

            assert url.hostname is not None
            client = HTTPConnection(url.hostname, url.port, timeout=LIMIT)
            client.request("POST", url.path, (ROOT / event[1:]).read_bytes())
            response = client.getresponse()
            assert response.status == 200
            assert response.headers["X-Amz-Function-Error"] is None
            assert json.load(response) == answer
            client.close()

            process.send_signal(signal.SIGINT)
            log, rest = process.communicate(timeout=LIMIT)
        finally:
            process.kill()
    assert (process.returncode, rest) == (0, "")
    assert [line.split()[0] for line in log.splitlines()] == ["START", sample, "END", "REPORT"]
    if sys.platform == "linux":
        assert living_members(process.pid) == []
