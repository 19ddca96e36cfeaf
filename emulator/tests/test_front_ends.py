"""Functions over HTTP: streams, clients that leave, browsers, and options of front ends."""

from __future__ import annotations

import base64
import json
import logging
import socket
import struct
import subprocess
import threading
import zlib
from contextlib import closing
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from lambda_emulator import Cors, Emulator, FunctionConfig, URLConfig, configure

from .browser import CHROMIUM, needs_chromium
from .conftest import LIMIT, Response, ask

if TYPE_CHECKING:
    from collections.abc import Iterator

FUNCTIONS = Path(__file__).parent / "functions"
MIRROR = FUNCTIONS / "mirror.py"
PROGRAM = """
import json, sys, threading
from lambda_runtime import run

def handler(event, stream, context):
    text = event["headers"].get("x-prelude") or event["headers"].get("X-Prelude")
    stream.content_type = "application/vnd.awslambda.http-integration-response"
    stream.write(text.encode() + bytes(8))
    stream.write(b"body")

run(handler)
"""


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    folder = tmp_path_factory.mktemp("functions")
    (folder / "prelude.py").write_text(PROGRAM)
    stream: dict[str, Any] = {"invoke_mode": "RESPONSE_STREAM"}
    prelude = folder / "prelude.py"
    functions = [
        a_function(MIRROR, "url"),
        a_function(prelude, "stream-url", url=URLConfig(**stream)),
        a_function(prelude, "stream-v1", url=URLConfig(format="v1", **stream)),
        a_function(prelude, "stream-v2", url=URLConfig(format="v2", **stream)),
        a_function(prelude, "stream-alb", url=URLConfig(format="alb", **stream)),
        a_function(MIRROR, "plain-v1", url=URLConfig(format="v1", **stream)),
        a_function(MIRROR, "binary", url=URLConfig(format="v1", binary_media_types=("image/*",))),
        a_function(MIRROR, "all-binary", url=URLConfig(format="v1", binary_media_types=("*/*",))),
        a_function(MIRROR, "alb", url=URLConfig(format="alb")),
        a_function(MIRROR, "anyone", url=URLConfig(cors=Cors(allow_origins=("*",)))),
        a_function(MIRROR, "json", log_format="json"),
    ]
    with Emulator(functions, url_port=0) as emulator:
        yield emulator


def a_function(target: Path, name: str, **options: Any) -> FunctionConfig:
    return configure(target, name, timeout=LIMIT, **options)


def send(
    emulator: Emulator,
    name: str,
    method: str = "GET",
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    return ask(emulator.function_url(name), method, headers, body)


def stream(emulator: Emulator, name: str, prelude: object) -> Response:
    return send(emulator, name, headers={"X-Prelude": json.dumps(prelude)})


def answer(emulator: Emulator, name: str, value: object, **headers: str) -> Response:
    packed = base64.b64encode(zlib.compress(json.dumps(value).encode()))
    sent = {"X-Mirror": "packed-answer", "Content-Type": "text/plain", **headers}
    return send(emulator, name, "POST", packed, sent)


STREAMS = pytest.mark.parametrize("name", ["stream-url", "stream-v1", "stream-v2", "stream-alb"])


@STREAMS
def test_a_stream_begins_with_a_prelude(emulator: Emulator, name: str) -> None:
    prelude = {"statusCode": 201, "headers": {"x-own": "1"}}
    response = stream(emulator, name, prelude)
    assert (response.status, response.body) == (201, b"body")
    assert response.headers["x-own"] == "1"


@pytest.mark.parametrize("name", ["stream-url", "stream-v1", "stream-v2"])
def test_a_prelude_with_cookies(emulator: Emulator, name: str) -> None:
    # Of a REST API it is documented for streams alone:
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
    response = stream(emulator, name, {"cookies": ["a=1", "b=2"]})
    assert response.status == 200
    assert response.headers.get_all("Set-Cookie") == ["a=1", "b=2"]


@STREAMS
def test_a_prelude_without_a_status(emulator: Emulator, name: str) -> None:
    assert stream(emulator, name, {}).status == 200


@STREAMS
@pytest.mark.parametrize(
    ("prelude", "said"),
    [
        ({"statusCode": "many"}, "statusCode"),
        ({"statusCode": 100}, "statusCode"),
        ({"statusCode": True}, "statusCode"),
        ({"headers": ["a"]}, "headers"),
        ({"headers": {"a": "b\nc"}}, "headers"),
        ({"headers": {"a b": "c"}}, "headers"),
        ({"headers": {"a": ["b"]}}, "headers"),
        ([], "a list"),
        ("text", '"text"'),
    ],
)
def test_a_prelude_that_cannot_be_sent(
    emulator: Emulator, name: str, prelude: object, said: str
) -> None:
    logged = len(emulator.log)
    assert stream(emulator, name, prelude).status in {500, 502}
    lines = emulator.log[logged:].decode().splitlines()
    assert len([line for line in lines if "cannot send" in line and said in line]) == 1


def test_a_prelude_has_the_fields_of_its_front_end(emulator: Emulator) -> None:
    cookies, several = {"cookies": ["a=b"]}, {"multiValueHeaders": {"x-own": ["1", "2"]}}
    assert stream(emulator, "stream-url", cookies).headers.get_all("Set-Cookie") == ["a=b"]
    assert stream(emulator, "stream-url", several).headers.get_all("x-own") is None
    assert stream(emulator, "stream-v1", cookies).headers.get_all("Set-Cookie") == ["a=b"]
    assert stream(emulator, "stream-v1", several).headers.get_all("x-own") == ["1", "2"]


@pytest.mark.parametrize("name", ["stream-url", "stream-v1"])
def test_a_prelude_that_is_not_json(emulator: Emulator, name: str) -> None:
    assert send(emulator, name, headers={"X-Prelude": "{"}).status == 502


def test_a_prelude_may_have_16_kib_in_a_rest_api(emulator: Emulator) -> None:
    assert stream(emulator, "stream-v1", {"headers": {}, "statusCode": 200}).status == 200
    url = {"headers": {f"x-{n}": "y" * 9000 for n in range(2)}}
    packed = json.dumps(url)
    assert len(packed) > 16 * 1024
    assert send(emulator, "stream-url", headers={"X-Prelude": packed}).status == 200


def test_a_rest_api_streams_nothing_without_a_prelude(emulator: Emulator) -> None:
    logged = len(emulator.log)
    assert send(emulator, "plain-v1").status == 502
    assert b"begins with a prelude" in emulator.log[logged:]


@pytest.mark.parametrize("status", [204, 304])
def test_a_stream_without_a_body(emulator: Emulator, status: int) -> None:
    response = stream(emulator, "stream-url", {"statusCode": status})
    assert (response.status, response.body) == (status, b"")


@pytest.mark.parametrize("name", ["url", "stream-url", "plain-v1", "alb"])
def test_curl_asks_for_the_head(emulator: Emulator, name: str) -> None:
    command = ["curl", "-sI", "-m", str(LIMIT), "-H", 'X-Prelude: {"statusCode": 201}']
    done = subprocess.run(
        [*command, emulator.function_url(name)], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("HTTP/1.1 ")
    assert done.stdout.endswith("\n\n") or done.stdout.endswith("\r\n\r\n")


def test_a_connection_lives_on_after_a_malformed_answer(emulator: Emulator) -> None:
    url = urlsplit(emulator.function_url("url"))
    with closing(HTTPConnection(url.netloc, timeout=LIMIT)) as connection:
        for value in (
            '{"statusCode": 100}',
            "[" * 100_000,
            '{"statusCode": 200, "body": "\\ud800"}',
        ):
            packed = base64.b64encode(zlib.compress(value.encode()))
            headers = {"X-Mirror": "packed-answer", "Content-Type": "text/plain"}
            connection.request("POST", url.path, packed, headers)
            response = connection.getresponse()
            assert (response.status, response.read()) == (502, b"Internal Server Error")
            socket_before = connection.sock
            connection.request("GET", url.path)
            response = connection.getresponse()
            response.read()
            assert response.status == 200
            assert connection.sock is socket_before


def test_a_malformed_answer_in_a_log_of_json(emulator: Emulator) -> None:
    logged = len(emulator.log)
    assert answer(emulator, "json", {"statusCode": "many"}).status == 502
    records = [json.loads(line) for line in emulator.log[logged:].splitlines() if b"cannot" in line]
    assert [record["type"] for record in records] == ["emulator.malformedResponse"]
    assert "statusCode" in records[0]["record"]["errorMessage"]


@pytest.mark.parametrize(
    ("name", "content_type", "is_base64"),
    [
        ("binary", "image/png", True),
        ("binary", "IMAGE/PNG; x=y", True),
        ("binary", "text/plain", False),
        ("all-binary", "text/plain", True),
        ("all-binary", "application/x-www-form-urlencoded", True),
    ],
)
def test_a_binary_body_of_a_rest_api(
    emulator: Emulator, name: str, content_type: str, is_base64: bool
) -> None:
    event = send(emulator, name, "POST", b"hi", {"Content-Type": content_type}).json()
    assert event["isBase64Encoded"] is is_base64
    assert event["body"] == ("aGk=" if is_base64 else "hi")


@pytest.mark.parametrize(
    ("name", "accept", "body"),
    [
        ("binary", "image/png", b"hi"),
        ("binary", "image/png, text/html", b"hi"),
        ("binary", "text/html, image/png", b"aGk="),
        ("binary", "*/*", b"aGk="),
        ("all-binary", "text/html", b"hi"),
    ],
)
def test_a_binary_answer_of_a_rest_api(
    emulator: Emulator, name: str, accept: str, body: bytes
) -> None:
    value = {"statusCode": 200, "body": "aGk=", "isBase64Encoded": True}
    assert answer(emulator, name, value, Accept=accept).body == body


def test_a_load_balancer_takes_no_upgrade(emulator: Emulator) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket"}
    assert send(emulator, "alb", headers=upgrade).status == 400
    assert send(emulator, "url", headers=upgrade).status == 200


def test_a_load_balancer_refuses_trace_and_many_addresses(emulator: Emulator) -> None:
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
    assert send(emulator, "alb", "TRACE").status == 405
    assert send(emulator, "url", "TRACE").status == 200
    addresses = ["10.0.0.1"] * 30
    assert send(emulator, "alb", headers={"X-Forwarded-For": ",".join(addresses)}).status == 200
    addresses.append("10.0.0.1")
    assert send(emulator, "alb", headers={"X-Forwarded-For": ",".join(addresses)}).status == 463


def test_a_target_that_is_a_whole_url(emulator: Emulator) -> None:
    url = urlsplit(emulator.function_url("url"))
    assert url.path == "/"  # on a port of its own
    with closing(socket.create_connection((url.hostname or "", url.port or 0), LIMIT)) as peer:
        peer.sendall(b"GET http://x.example/a%20b?c=d HTTP/1.1\r\nHost: localhost\r\n\r\n")
        response = HTTPResponse(peer)
        response.begin()
        event = json.loads(response.read())
    assert (event["rawPath"], event["rawQueryString"]) == ("/a%20b", "c=d")


@pytest.mark.parametrize("name", ["url", "plain-v1"])
def test_a_client_that_leaves(
    emulator: Emulator, name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    gate, left = tmp_path / "gate", threading.Event()
    (tmp_path / "waits.py").write_text(
        "import pathlib, threading\nfrom lambda_runtime import run\n"
        "def handler(event):\n    yield 'x' * 100_000\n"
        f"    while not pathlib.Path({str(gate)!r}).exists():\n"
        "        threading.Event().wait(0.01)\n"
        "    for _ in range(100):\n        yield 'x' * 100_000\n"
        "run(handler)\n"
    )
    streams = name == "url"
    config = configure(
        tmp_path / "waits.py",
        url=URLConfig(invoke_mode="RESPONSE_STREAM") if streams else URLConfig(),
    )
    record_seen = logging.Handler(logging.DEBUG)
    record_seen.emit = lambda record: left.set()  # type: ignore[method-assign]
    logger = logging.getLogger("lambda_emulator._connections")
    logger.addHandler(record_seen)
    try:
        with caplog.at_level(logging.DEBUG, "lambda_emulator"), Emulator([config]) as own:
            url = urlsplit(own.function_url("waits"))
            peer = socket.create_connection((url.hostname or "", url.port or 0), LIMIT)
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            peer.sendall(f"GET {url.path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            if streams:
                peer.recv(100)
            peer.close()
            gate.touch()
            assert left.wait(LIMIT)
    finally:
        logger.removeHandler(record_seen)
    assert [(record.levelname, record.exc_info) for record in caplog.records] == [("DEBUG", None)]


@pytest.fixture
def foreign_page() -> Iterator[tuple[str, dict[str, str]]]:
    """Serve a page of another origin: the texts by their paths."""
    texts: dict[str, str] = {}

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path in texts else 404)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(texts.get(self.path, "").encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its base's name)
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}", texts
    server.shutdown()
    server.server_close()


@needs_chromium
def test_a_page_of_another_site_runs_no_function(
    emulator: Emulator, foreign_page: tuple[str, dict[str, str]]
) -> None:
    from playwright.sync_api import sync_playwright

    origin, texts = foreign_page
    url, anyone = emulator.function_url("json"), emulator.function_url("anyone")
    invoke = f"{emulator.url}/2015-03-31/functions/json/invocations"
    texts["/"] = f"""
        <a href="{url}link">link</a>
        <img src="{url}image"><script src="{url}script"></script><iframe src="{url}frame"></iframe>
        <form method="post" action="{url}form" target="_blank"><button>send</button></form>
        <script type="speculationrules">
        {{"prefetch": [{{"urls": ["{url}prefetch"], "eagerness": "immediate"}}],
          "prerender": [{{"urls": ["{url}prerender"], "eagerness": "immediate"}}]}}
        </script>
        <script>
        const tried = [
            fetch("{url}get"), fetch("{url}no-cors", {{mode: "no-cors"}}),
            fetch("{url}post", {{method: "POST", body: "x", mode: "no-cors"}}),
            fetch("{invoke}", {{method: "POST", body: "{{}}", mode: "no-cors"}}),
        ];
        navigator.sendBeacon("{url}beacon", "x");
        Promise.allSettled(tried).then(() => fetch("{anyone}")).then((response) => response.json())
            .then((event) => {{ document.title = event.rawPath; }});
        </script>"""
    logged = len(emulator.log)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(origin, wait_until="networkidle")
        page.wait_for_function("document.title === '/'")  # where CORS lets anyone in
        ran = emulator.log[logged:].count(b'"platform.start"')
        with page.context.expect_page() as opened:
            page.click("button")
        opened.value.wait_for_load_state()
        assert "may not call" in opened.value.content()
        assert (ran, emulator.log[logged:].count(b'"platform.start"')) == (0, 0)
        page.click("a")  # what a user follows is let in
        page.wait_for_url(f"{url}link")
        assert "rawPath" in page.content()
        assert emulator.log[logged:].count(b'"platform.start"') == 1
        browser.close()
