"""The recipes of docs/observability.md, with the real agents and a collector on this machine."""

from __future__ import annotations

import base64
import gzip
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import zlib
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from lambda_testing import LambdaProcess
    from lambda_testing.plugin import StartProcess

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/observability.md").read_text("utf-8")
UV = os.environ.get("UV") or shutil.which("uv")
BLOCK = re.compile(r"^```(\w+)\n((?:.*\n)*?)```$", re.MULTILINE)
DEF = re.compile(r"^def handler", re.MULTILINE)
WAIT = 60.0
RUN = "from lambda_runtime import run; run()"
COMMAND = [sys.executable, "-c", RUN]
TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"

pytestmark = pytest.mark.lambda_function(timeout=60)


class Collector:
    """A server that keeps what agents send, as text."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.headers.get("Transfer-Encoding") == "chunked":
                    while size := int(self.rfile.readline(), 16):
                        body += self.rfile.read(size)
                        self.rfile.readline()
                    self.rfile.readline()
                collector.add(body)
                answer = b"{}"
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_PUT = do_GET = do_POST  # noqa: N815 (http.server names them)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Print nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http = f"127.0.0.1:{self.server.server_port}"
        self._datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._datagrams.bind(("127.0.0.1", 0))
        self.udp = f"127.0.0.1:{self._datagrams.getsockname()[1]}"
        Thread(target=self.server.serve_forever, daemon=True).start()
        Thread(target=self._receive, daemon=True).start()

    def add(self, body: bytes) -> None:
        """Keep a body, whatever it is packed in."""
        for unpack in (gzip.decompress, zlib.decompress):
            try:
                body = unpack(body)
            except (OSError, zlib.error):
                continue
            break
        self.texts.append(body.decode("utf-8", "replace"))

    def _receive(self) -> None:
        while True:
            try:
                self.add(self._datagrams.recv(65536))
            except OSError:
                return

    def close(self) -> None:
        """Stop."""
        self.server.shutdown()
        self.server.server_close()
        self._datagrams.close()


@contextmanager
def collecting() -> Generator[Collector]:
    """Run a collector."""
    collector = Collector()
    try:
        yield collector
    finally:
        collector.close()


def eventually(is_so: Callable[[], bool]) -> bool:
    """Wait until something is so: agents send from threads, and write files."""
    end = time.monotonic() + WAIT
    while not is_so():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def printed(mark: str) -> Callable[[str], list[str]]:
    """Return a function that finds what an agent prints to the log, which its service reads."""
    return lambda output: [line for line in re.split("[\r\n]", output) if mark in line]


def newrelic(output: str) -> list[str]:
    """Return New Relic's payloads, which it prints in gzip and base64."""
    return [
        gzip.decompress(base64.b64decode(payload)).decode()
        for payload in re.findall(r'"NR_LAMBDA_MONITORING", ?"([^"]+)"', output)
    ]


class Agent(NamedTuple):
    """An agent: what to install, where its collector is, and how to read what it has sent."""

    title: str
    packages: str
    env: dict[str, str]
    sent: Callable[[str], list[str]] | None = None
    text: str = "KeyError"
    body: str = 'return event["order"]'


XRAY = {"AWS_XRAY_DAEMON_ADDRESS": "{udp}"}
AWS = {
    "AWS_ENDPOINT_URL": "http://{http}",
    "AWS_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "id",
    "AWS_SECRET_ACCESS_KEY": "key",
}
# The versions are those that these tests were written with; newer ones should do, too.
AGENTS = [
    Agent("Sentry", "sentry-sdk==2.75.0", {"SENTRY_DSN": "http://key@{http}/1"}),
    Agent(
        "Datadog",
        "datadog-lambda==8.130.0 ddtrace==4.16.0",
        {"DD_INSTRUMENTATION_TELEMETRY_ENABLED": "false"},
        printed('"traces"'),
    ),
    Agent(
        "New Relic",
        "newrelic==14.1.0 newrelic-lambda==1.0.0",
        {
            "NEW_RELIC_SERVERLESS_MODE_ENABLED": "true",
            "NEW_RELIC_ACCOUNT_ID": "1",
            "NEW_RELIC_TRUSTED_ACCOUNT_KEY": "1",
        },
        newrelic,
    ),
    Agent(
        "Lumigo",
        "lumigo-tracer==1.1.257",
        {
            "LUMIGO_TRACER_TOKEN": "t_10faa5e13e7844aaa1234",
            "LUMIGO_USE_TRACER_EXTENSION": "true",
            "LUMIGO_EXTENSION_SPANS_DIR_KEY": "{folder}",
        },
    ),
    Agent(
        "Rollbar",
        "rollbar==1.5.0",
        {"ROLLBAR_ENDPOINT": "http://{http}/api/1/", "ROLLBAR_TOKEN": "token"},
    ),
    Agent("Elastic APM", "elastic-apm==6.26.2", {"ELASTIC_APM_SERVER_URL": "http://{http}"}),
    Agent(
        "OpenTelemetry",
        "opentelemetry-instrumentation-aws-lambda==0.66b1 opentelemetry-sdk==1.45.1",
        {},
        printed("exception.type"),
    ),
    Agent("AWS X-Ray", "aws-xray-sdk==2.15.0", XRAY),
    Agent("Powertools", "aws-lambda-powertools[tracer]==3.37.0", XRAY),
    Agent(
        "Honeycomb",
        "honeycomb-beeline==3.6.0",
        {"HONEYCOMB_HOST": "http://{http}", "HONEYCOMB_KEY": "key"},
    ),
    Agent(
        "Epsagon",
        "epsagon==1.82.0 setuptools<81",
        {"EPSAGON_COLLECTOR_URL": "http://{http}", "EPSAGON_TOKEN": "token"},
    ),
    Agent(
        "CodeGuru Profiler",
        "codeguru-profiler-agent==1.2.6 boto3",
        AWS,
        text="fleetInstanceId",
        # It takes its first sample after a second, or later on a busy machine, and says nothing
        # before that.
        body='__import__("time").sleep(2.5)\n    return event["order"]',
    ),
]


@pytest.fixture(scope="session")
def install(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function that installs packages into a folder of their own."""
    uv = UV or pytest.skip("needs uv, which installs the agents")

    def install(packages: str) -> Path:
        folder = tmp_path_factory.mktemp("packages")
        command = ["pip", "install", "--quiet", "--python", sys.executable]
        for mode in ("--offline", "--no-offline"):
            result = subprocess.run(
                [uv, mode, *command, "--target", folder, *packages.split()],
                capture_output=True,
                text=True,
                check=False,
            )
            if result.returncode == 0:
                return folder
        pytest.skip(f"{packages} cannot be installed here: {result.stderr}")

    return install


class Recipe(NamedTuple):
    """One way to use an agent: the function's code, and the variables that redirect the handler."""

    name: str
    code: str
    env: dict[str, str]


def blocks_of(title: str) -> list[tuple[str, str]]:
    """Return the language and the text of each block in a section of the page."""
    return BLOCK.findall(PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0])


def recipes(agent: Agent) -> Iterator[Recipe]:
    """Yield the ways of a section of the page, for `def` and for `async def`."""
    blocks = blocks_of(agent.title)
    code = next(text for language, text in blocks if language == "python")
    code = code.replace('return event["order"]', agent.body)
    decorator = "" if agent.title == "Sentry" else "@awaited\n"
    yield Recipe("def", code, {})
    yield Recipe(
        "async-def",
        f"from lambda_runtime import awaited\n{DEF.sub(f'{decorator}async def handler', code)}",
        {},
    )
    for language, text in blocks:
        if language == "sh":
            env = dict(line.split("=", 1) for line in text.splitlines())
            code = f"def handler(event, context):\n    {agent.body}\n"
            yield Recipe("redirected-def", code, env)
            yield Recipe("redirected-async-def", f"async {code}", env)


class Running(NamedTuple):
    """A recipe in a process of its own."""

    recipe: Recipe
    process: LambdaProcess
    collector: Collector
    spans: Path

    def sent(self, agent: Agent) -> list[str]:
        """Return what the agent has sent so far."""
        if agent.sent is not None:
            return agent.sent(self.process.output)
        files = [file.read_text("utf-8") for file in self.spans.rglob("*") if file.is_file()]
        return [*self.collector.texts, *files]

    def has_sent(self, agent: Agent) -> bool:
        """Wait until the agent has sent the exception."""
        return eventually(lambda: any(agent.text in text for text in self.sent(agent)))


@pytest.mark.parametrize("agent", AGENTS, ids=lambda agent: agent.title.replace(" ", "-"))
def test_an_exception_reaches_the_collector(
    agent: Agent, install: Callable[[str], Path], lambda_process: StartProcess, tmp_path: Path
) -> None:
    packages = install(agent.packages)
    with ExitStack() as stack:
        all_running: list[Running] = []
        for recipe in recipes(agent):
            folder = tmp_path / recipe.name
            spans = folder / "spans"
            spans.mkdir(parents=True)
            (folder / "app.py").write_text(recipe.code, encoding="utf-8")
            collector = stack.enter_context(collecting())
            env = {
                name: value.format(http=collector.http, udp=collector.udp, folder=spans)
                for name, value in agent.env.items()
            }
            env = {"_HANDLER": "app.handler", "PYTHONPATH": str(packages), **env, **recipe.env}
            process = lambda_process(COMMAND, env=env, cwd=folder)
            all_running.append(Running(recipe, process, collector, spans))
        invocations = [running.process.enqueue({}, trace_id=TRACE) for running in all_running]
        for running, invocation in zip(all_running, invocations, strict=True):
            outcome = invocation.wait(WAIT)
            assert outcome.error_type == "Function.KeyError", running.process.output
            assert running.has_sent(agent), (
                running.recipe.name,
                running.sent(agent),
                running.process.output,
            )


OURS = ["Handlers with `async def`", "Your own: observers"]


@pytest.mark.parametrize("title", OURS)
def test_a_program_of_the_page_runs(
    title: str, lambda_process: StartProcess, tmp_path: Path
) -> None:
    (tmp_path / "app.py").write_text(blocks_of(title)[0][1], "utf-8")
    process = lambda_process([sys.executable, "-W", "error", "app.py"], cwd=tmp_path)
    assert process.invoke({"name": "Ada"}).value == "Hello Ada!"
    assert process.invoke({}).error.type == "KeyError"


def test_a_context_of_the_page() -> None:
    code = blocks_of("Agents that patch awslambdaric")[0][1]
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=WAIT)


REDIRECTING = """#!/bin/sh
export DT_HANDLER="$_HANDLER" {variable}="$_HANDLER" _HANDLER=agent.lambda_handler
exec "$@"
"""
# As New Relic's and OpenTelemetry's layers and Dynatrace's agent do, which are not on the index.
AGENT = """
import os
from importlib import import_module

module, name = os.environ["DT_HANDLER"].rsplit(".", 1)
own = getattr(import_module(module), name)

def lambda_handler(event, context):
    try:
        return own(event, context)
    except Exception as error:
        print("the agent saw", repr(error))
        raise
"""


@pytest.mark.parametrize("variable", ["NEW_RELIC_LAMBDA_HANDLER", "ORIG_HANDLER"])
@pytest.mark.parametrize("kind", ["def", "async def"])
def test_a_wrapper_script_redirects_the_handler(
    kind: str, variable: str, lambda_process: StartProcess, tmp_path: Path
) -> None:
    script = tmp_path / "wrapper"
    script.write_text(REDIRECTING.format(variable=variable), "utf-8")
    script.chmod(0o755)
    (tmp_path / "agent.py").write_text(AGENT, "utf-8")
    (tmp_path / "app.py").write_text(
        f'{kind} handler(event, context): return event["order"]', "utf-8"
    )
    bootstrap = f"exec $AWS_LAMBDA_EXEC_WRAPPER {sys.executable} -c '{RUN}'"
    process = lambda_process(
        ["/bin/sh", "-c", bootstrap],
        env={"_HANDLER": "app.handler", "AWS_LAMBDA_EXEC_WRAPPER": str(script)},
        cwd=tmp_path,
    )
    assert process.invoke({}).error.type == "KeyError"
    assert "the agent saw KeyError('order')" in process.output
    assert process.invoke({"order": 1}).value == 1


@pytest.mark.parametrize("kind", ["def", "async def"])
def test_the_script_of_elastics_layer(
    kind: str, install: Callable[[str], Path], lambda_process: StartProcess, tmp_path: Path
) -> None:
    packages = install("elastic-apm==6.26.2")
    (tmp_path / "app.py").write_text(
        f'{kind} handler(event, context): return event["order"]', "utf-8"
    )
    layer = packages / "elasticapm/contrib/serverless/aws_wrapper"
    with collecting() as collector:
        process = lambda_process(
            [sys.executable, str(layer / "elasticapm-lambda.py"), *COMMAND],
            env={
                "_HANDLER": "app.handler",
                "ELASTIC_APM_SERVER_URL": f"http://{collector.http}",
                "PYTHONPATH": f"{packages}:{layer}",
            },
            cwd=tmp_path,
        )
        assert process.invoke({}).error.type == "KeyError"
        assert eventually(lambda: any("KeyError" in text for text in collector.texts))


INSTRUMENT = "from opentelemetry.instrumentation.auto_instrumentation import run; run()"


@pytest.mark.parametrize("kind", ["def", "@awaited\nasync def"])
def test_opentelemetrys_command(
    kind: str, install: Callable[[str], Path], lambda_process: StartProcess, tmp_path: Path
) -> None:
    packages = install(
        "opentelemetry-instrumentation-aws-lambda==0.66b1 opentelemetry-sdk==1.45.1 "
        "opentelemetry-distro==0.66b1"
    )
    code = f'{kind} handler(event, context): return event["order"]'
    (tmp_path / "app.py").write_text(f"from lambda_runtime import awaited\n{code}", "utf-8")
    process = lambda_process(
        [sys.executable, "-c", INSTRUMENT, *COMMAND],
        env={
            "_HANDLER": "app.handler",
            "OTEL_TRACES_EXPORTER": "console",
            "OTEL_METRICS_EXPORTER": "none",
            "OTEL_LOGS_EXPORTER": "none",
            "OTEL_PROPAGATORS": "tracecontext",
            "PYTHONPATH": f"{packages}:{tmp_path}",
        },
        cwd=tmp_path,
    )
    assert process.invoke({}).error.type == "KeyError"
    assert eventually(lambda: '"exception.type": "KeyError"' in process.output)


def api_event(path: str) -> dict[str, object]:
    """Return an event of API Gateway's REST APIs."""
    return {
        "resource": path,
        "path": path,
        "httpMethod": "GET",
        "headers": {"Host": "example.com", "X-Forwarded-Proto": "https"},
        "multiValueHeaders": {"Host": ["example.com"]},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": path,
            "httpMethod": "GET",
            "path": path,
            "stage": "prod",
            "requestId": "1",
            "identity": {"sourceIp": "127.0.0.1"},
        },
        "body": None,
        "isBase64Encoded": False,
    }


WSGI = """
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello " + environ["PATH_INFO"].encode()]
"""
ADAPTERS = {
    "mangum==0.22.0": """
from mangum import Mangum

async def app(scope, receive, send):
    headers = [(b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello " + scope["path"].encode()})

handler = Mangum(app, lifespan="off")
""",
    "serverless-wsgi==3.1.0": f"""
import serverless_wsgi
{WSGI}
def handler(event, context):
    return serverless_wsgi.handle_request(app, event, context)
""",
    "chalice==1.34.0": """
from chalice import Chalice, Response

handler = Chalice(app_name="hello")

@handler.route("/orders")
def orders():
    return Response("hello " + handler.current_request.path)
""",
}


@pytest.mark.parametrize("packages", ADAPTERS, ids=lambda packages: packages.partition("=")[0])
def test_a_web_application_behind_an_adapter(
    packages: str, install: Callable[[str], Path], lambda_process: StartProcess, tmp_path: Path
) -> None:
    folder = install(packages)
    (tmp_path / "app.py").write_text(ADAPTERS[packages], "utf-8")
    process = lambda_process("app.handler", env={"PYTHONPATH": str(folder)}, cwd=tmp_path)
    for _ in range(2):
        answer = process.invoke(api_event("/orders")).value
        assert (answer["statusCode"], answer["body"]) == (200, "hello /orders"), process.output
