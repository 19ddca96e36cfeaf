"""Each sample as its README says: run it, invoke it, end it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, build_opener, urlopen

import pytest

from lambda_testing import MAX_PAYLOAD_BYTES, FakeRuntimeAPI, Function

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
LIMIT = 30  # seconds

BLOCK = re.compile(
    r"^```console\n\$ uv run lambda-emulator (invoke .*)\n([\s\S]*?)^```$", re.MULTILINE
)
# Differs from run to run: the id of a request, and that of a process.
CHANGING = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=\"process\":)\d+")

# The response of each sample to its event.json, as a regular expression.
ANSWERS = {
    "bytes": rb"[0-9a-f]{64}  -",
    "custom_authorizer": rb'\{"isAuthorized":true,"context":\{"user":"ada"\}\}',
    "django": rb'\{"statusCode":200,.*"cookies":\["csrftoken=.*You have signed 0 times.*\}',
    "durable_order": rb'\{"id": 7, "status": "shipped"\}',
    "dynamodb_stream": rb'\{"batchItemFailures":\[\]\}',
    "fastapi": rb'\{"statusCode":201,"headers":\{"content-type":"application/json"\}\}\0{8}2',
    "flask": rb'\{"statusCode":303,"headers":\{.*"location":"/".*"cookies":\["session=.*\}',
    "hello": rb'\{"message":"Hello Ada!"\}',
    "hello_async": rb'\{"message":"Hello Ada!"\}',
    "kafka": rb'\{"batchItemFailures":\[(\{"itemIdentifier":\{.*?\}\},?){2}\]\}',
    "lifespan": rb'\{"EUR":86.0,"JPY":390.0\}',
    "logging_and_metrics": rb'\{"statusCode":200\}',
    "managed_instances": rb'\{"process":\d+,"inFlight":1\}',
    "mcp_server": rb'\{"statusCode":200,[\s\S]*\0{8}event: message[\s\S]*"result":7\.0[\s\S]*',
    "object": rb'\{"customer":"Ada","total":5\.80,"itemsSold":3,"day":"2026-11-23"\}',
    "s3_event": rb'\[\{"bucket":"my-bucket","key":"photos/a cat & a dog.jpg","size":48213\}\]',
    "scheduled": rb'\{"day":"2026-11-23"\}',
    "sqs_batch": rb'\{"batchItemFailures":\[\{"itemIdentifier":"[0-9a-f-]{36}"\}\]\}',
    "streaming_file": rb'\[(\{"row": +\d, "square": +\d, "text": "-+"\}(,\n|\])){3}',
    "streaming_http": rb'\{"statusCode":200,.*\}\0{8}(data: ".*"\n\n){5}',
    "tested_function": rb'\{"total":4\.70\}',
    "traced": rb'\{"EUR":11\.7,"CHF":11\.02\}',
    "typed_http": rb'\{"statusCode":201,"headers":\{.*\},"body":".*","isBase64Encoded":false\}',
    "string": '"{\\\\"name\\\\": .*Français.*}"'.encode(),
}

# The start of the lines that a sample logs, where that is not one line with its name.
SAID = {"durable_order": "On AWS, durable_order can be invoked only asynchronously: "}
LOGGED = {
    "kafka": ("[ERROR]", "kafka"),
    "logging_and_metrics": ("[INFO]", "[WARNING]", '{"_aws":'),
    "sqs_batch": ("[ERROR]", "sqs_batch"),
}


def sign_guest_book(url: str, token: str) -> None:
    """Send the form of a page, as a browser does, with the cookies that it has got."""
    browser = build_opener(HTTPCookieProcessor())
    page = browser.open(url, timeout=LIMIT).read().decode()
    assert "signed 0 times" in page
    form = {"name": "Ada"}
    if token:
        with pytest.raises(HTTPError, match="403"):
            browser.open(url, urlencode(form).encode(), timeout=LIMIT)
        form["csrfmiddlewaretoken"] = re.findall(token, page)[0]
    page = browser.open(url, urlencode(form).encode(), timeout=LIMIT).read().decode()
    assert "signed 1 times" in page
    assert "Ada" in page


def open_documentation(url: str) -> None:
    """Follow the links of a page."""
    page = urlopen(url, timeout=LIMIT).read().decode()
    (link,) = re.findall(r'href="([^"]+)"', page)
    documentation = urlopen(urljoin(url, link), timeout=LIMIT).read().decode()
    (link,) = re.findall(r"url: '([^']+)'", documentation)
    assert "/orders" in json.loads(urlopen(urljoin(url, link), timeout=LIMIT).read())["paths"]


# The samples with a function URL for browsers, and the actions of a visitor there.
VISITS: dict[str, Callable[[str], None]] = {
    "django": lambda url: sign_guest_book(url, r'name="csrfmiddlewaretoken" value="(\w+)"'),
    "fastapi": open_documentation,
    "flask": lambda url: sign_guest_book(url, ""),
}


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


@contextmanager
def serving(
    sample: str, api: FakeRuntimeAPI, **environment: str
) -> Generator[subprocess.Popen[str]]:
    """Run a sample without the emulator, as Lambda does; ``api`` is Lambda."""
    with subprocess.Popen(
        [sys.executable, f"samples/{sample}"],
        cwd=ROOT,
        env={**os.environ, **api.environment(), **environment},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_every_sample_is_tested_and_listed() -> None:
    names = {path.parent.name for path in SAMPLES.glob("*/__main__.py")}
    assert names == ANSWERS.keys()
    listed = re.findall(
        r"^\| \[(\w+)\]\((\w+)\) \|", (SAMPLES / "README.md").read_text(), re.MULTILINE
    )
    assert {name for pair in listed for name in pair} == names


@pytest.mark.parametrize("sample", ANSWERS)
def test_a_sample_answers_its_own_event(sample: str) -> None:
    with subprocess.Popen(
        [sys.executable, f"samples/{sample}"],
        cwd=ROOT,
        env={**os.environ, "LAMBDA_EMULATOR_PORT": "0", "LAMBDA_EMULATOR_URL_PORT": "0"},
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
            target = url._replace(scheme="", netloc="").geturl()
            client.request("POST", target, (ROOT / event[1:]).read_bytes())
            response = client.getresponse()
            answer = response.read()
            assert response.status == 200
            assert response.headers["X-Amz-Function-Error"] is None, answer
            assert re.fullmatch(ANSWERS[sample], answer), answer
            client.close()
            if sample in VISITS:
                VISITS[sample](process.stderr.readline().split()[-1])

            process.send_signal(signal.SIGINT)
            log, rest = process.communicate(timeout=LIMIT)
        finally:
            process.kill()
    assert process.returncode == 0
    assert rest.startswith(SAID[sample]) if sample in SAID else not rest, rest
    lines = log.splitlines()
    words = [line.split()[0] for line in lines]
    begin, end = words.index("START"), words.index("END")
    request_id = lines[begin].split()[2]
    # Between Lambda's own lines, a sample prints one that begins with its name or the request's.
    logged = [sample if word == request_id else word for word in words[begin + 1 : end]]
    if sample in LOGGED:  # and the lines of a traceback
        logged = [word for word in logged if word.startswith(LOGGED[sample])]
    assert len(logged) == len(LOGGED.get(sample, [sample]))
    assert all(map(str.startswith, logged, LOGGED.get(sample, [sample]))), logged
    if sys.platform == "linux":
        assert living_members(process.pid) == []


@pytest.mark.parametrize(
    ("command", "output"),
    [
        pytest.param(*block, id=f"{readme.parent.name}-{number}")
        for readme in sorted(SAMPLES.glob("*/README.md"))
        for number, block in enumerate(BLOCK.findall(readme.read_text("utf-8")), 1)
    ],
)
def test_a_command_prints_what_its_readme_says(command: str, output: str) -> None:
    done = subprocess.run(
        f"{shlex.quote(sys.executable)} -m lambda_emulator {command}",
        shell=True,  # some go through a pipe
        cwd=ROOT,
        capture_output=True,
        timeout=LIMIT,
        check=False,  # the exit code says whether the function has failed, which some are to show
    )
    printed = done.stdout.decode()
    assert CHANGING.sub("*", printed).rstrip() == CHANGING.sub("*", output).rstrip(), done.stderr


def test_a_large_file_is_streamed() -> None:
    with FakeRuntimeAPI() as api, serving("streaming_file", api):
        outcome = api.invoke((SAMPLES / "streaming_file/large.json").read_bytes(), timeout=LIMIT)
    assert (outcome.mode, outcome.content_type) == ("streaming", "application/json")
    assert outcome.size > MAX_PAYLOAD_BYTES
    rows = outcome.json()
    assert [row["row"] for row in rows] == list(range(100_000))


@pytest.mark.parametrize(
    ("event", "status", "cookies", "events"),
    [
        ("event.json", 200, ["visits=1; Path=/; Secure; HttpOnly", "theme=dark; Path=/"], 5),
        ("returning.json", 200, ["visits=7; Path=/; Secure; HttpOnly", "theme=dark; Path=/"], 5),
        (None, 400, None, 0),
    ],
)
def test_a_browser_is_answered(
    event: str | None, status: int, cookies: list[str] | None, events: int
) -> None:
    request = (SAMPLES / "streaming_http" / event).read_bytes() if event else b"{}"
    with FakeRuntimeAPI() as api, serving("streaming_http", api):
        outcome = api.invoke(request, timeout=LIMIT)
    assert outcome.mode == "streaming"
    prelude: Any = outcome.prelude
    assert (prelude["statusCode"], prelude.get("cookies")) == (status, cookies)
    assert outcome.content.count(b"data: ") == events


def test_curl_prints_what_the_readme_says() -> None:
    readme = (SAMPLES / "streaming_http/README.md").read_text("utf-8")
    (command,) = re.findall(r"^\$ uv run lambda-emulator (run .*)$", readme, re.MULTILINE)
    (asked, printed) = re.findall(r"^\$ curl -iN '(.*)'\n([\s\S]*?)^```$", readme, re.MULTILINE)[0]
    with subprocess.Popen(
        [sys.executable, "-m", "lambda_emulator", *shlex.split(command), "--port=0"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr is not None
            port = urlsplit(process.stderr.readline().split()[-1]).port
            url = urlsplit(asked)
            client = HTTPConnection("127.0.0.1", port, timeout=LIMIT)
            client.request("GET", f"{url.path}?{url.query}")
            response = client.getresponse()
            status = f"HTTP/1.1 {response.status} {response.reason}"
            headers = [f"{name}: {value}" for name, value in response.getheaders()]
            told = printed.splitlines()
            assert [status, *headers][: len(told)] == told
            assert response.headers["Transfer-Encoding"] == "chunked"
            assert response.read().count(b"data: ") == 5
            client.close()
        finally:
            process.send_signal(signal.SIGINT)
    assert process.returncode == 0


def test_a_client_of_mcp_calls_tools_through_a_streaming_function_url() -> None:
    from mcp import Client  # which only this test needs

    steps: list[str | None] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:
        steps.append(message)

    async def talk(url: str) -> None:
        async with Client(f"{url}mcp") as client:
            tools = await client.list_tools()
            assert [tool.name for tool in tools.tools] == ["price", "brew"]
            price = await client.call_tool("price", {"item": "tea", "count": 2})
            assert price.structured_content == {"result": 7.0}
            wrong = await client.call_tool("price", {"item": "gold"})
            assert wrong.is_error
            await client.call_tool("brew", {"item": "tea"}, progress_callback=note)

    ports, limits = ("--port=0", "--url-port=0"), ("--init-timeout=60", "--timeout=60")
    options = (*ports, *limits, "--url-mode=RESPONSE_STREAM")
    with subprocess.Popen(
        [sys.executable, "-m", "lambda_emulator", "run", "samples/mcp_server", *options],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr is not None
            _, url = process.stderr.readline(), process.stderr.readline().split()[-1]
            asyncio.run(talk(url))
        finally:
            process.send_signal(signal.SIGINT)
    assert steps == ["water", "heat", "tea"]


def test_the_session_is_closed_when_lambda_ends_the_environment() -> None:
    with FakeRuntimeAPI() as api, serving("lifespan", api) as process:
        assert api.invoke({"EUR": 10}, timeout=LIMIT).json() == {"EUR": 8.6}
        unknown = api.invoke({"XXX": 1}, timeout=LIMIT)
        assert (unknown.kind, unknown.json()["errorType"]) == ("error", "ClientResponseError")
        assert [extension.polled for extension in api.extensions] == [True]
        process.send_signal(signal.SIGTERM)
        log, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 0
    assert log.splitlines()[0] == "opened the session"
    assert log.splitlines()[-1] == "closed the session"


def test_invocations_run_at_the_same_time() -> None:
    processors = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    polls = 2 * processors  # two for each process
    function = Function(max_concurrency=polls, timeout=900)
    # Its processes share an output. Unbuffered, Python writes the end of a line by itself, and the
    # lines of two processes would mix.
    environment = {"PYTHONUNBUFFERED": ""}
    with (
        FakeRuntimeAPI(function=function) as api,
        serving("managed_instances", api, **environment) as process,
    ):
        api.wait_for_polls(polls, timeout=LIMIT)
        waiting = {api.enqueue({"seconds": 600}).request_id for _ in range(polls - 1)}
        assert process.stdout is not None
        begun: set[str] = set()
        while begun < waiting:
            line = process.stdout.readline()
            assert line, "the function has ended"
            request_id, _, message = line.partition(" ")
            if message == "waits for 600 s\n":  # and not a line of the runtime's own
                begun.add(request_id)
        assert begun == waiting
        # The one that is left shares its process with one of those.
        answer = api.invoke({"seconds": 0}, timeout=LIMIT).json()
        assert answer["inFlight"] == 2
        assert answer["process"] != process.pid
        process.send_signal(signal.SIGTERM)
        assert process.wait(LIMIT) == 0


@pytest.mark.parametrize(("sample", "count"), [("durable_order", 3), ("tested_function", 5)])
def test_a_project_with_tests_of_its_own_passes_them(
    sample: str, count: int, tmp_path: Path
) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            *(f"-pno:{name}" for name in ("cacheprovider", "faker", "hypothesispytest", "xdist")),
            # Sessions that share a folder for temporary files clear it, each while others use it.
            f"--basetemp={tmp_path / 'own'}",
            f"samples/{sample}",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=2 * LIMIT,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert f"{count} passed" in done.stdout


def test_records_say_whose_they_are_and_metrics_can_be_read() -> None:
    event = (SAMPLES / "logging_and_metrics/event.json").read_bytes()
    json_format = {"AWS_LAMBDA_LOG_FORMAT": "JSON"}
    with (
        FakeRuntimeAPI() as api,
        serving("logging_and_metrics", api, **json_format) as process,
    ):
        assert api.invoke(event, timeout=LIMIT).json() == {"statusCode": 200}
        failed = api.invoke({"headers": {}, "queryStringParameters": {}}, timeout=LIMIT)
        assert failed.json()["errorType"] == "KeyError"
        api.wait_for_poll(LIMIT)
        process.kill()
        log, _ = process.communicate(timeout=LIMIT)
    ordered, warning, metrics = map(json.loads, log.splitlines()[:3])
    assert (ordered["message"], ordered["level"], ordered["count"]) == ("ordered", "INFO", 2)
    assert (warning["logger"], warning["level"], warning["left"]) == ("shop.stock", "WARNING", 3)
    assert metrics["Orders"] == 1
    assert {record["item"] for record in (ordered, warning, metrics)} == {"tea"}
    assert {record["correlationId"] for record in (ordered, warning)} == {"c-1"}
    assert len({record["requestId"] for record in (ordered, warning, metrics)}) == 1
    assert "written only if" not in log
