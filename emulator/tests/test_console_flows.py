"""The console in a browser: what it shows of answers, logs and the emulator, and what it offers."""

from __future__ import annotations

import json
import random
import re
import shutil
import socket
import subprocess
import sys
from contextlib import closing, suppress
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from lambda_emulator import Emulator

from .browser import CHROMIUM, CONTRAST, needs_chromium, opened
from .happenings import ended

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = needs_chromium
LIMIT = 30_000  # milliseconds after which an expectation is given up
expect.set_options(timeout=LIMIT)

# Answers with what its event says, so that a test says what there is to see.
ANY = """
import sys
import lambda_runtime
from lambda_runtime import HttpPrelude

def pieces(event):
    if "prelude" in event:
        yield HttpPrelude(**event["prelude"])
    yield from event["pieces"]

def handler(event, context):
    for line in event.get("log", ()):
        print(line)
    if "pieces" in event:
        return pieces(event)
    if "error" in event:
        raise ValueError(event["error"])
    if "rawPath" in event:
        headers = {"content-type": "application/json"}
        body = '{"method": "%s"}' % event["requestContext"]["http"]["method"]
        status = 404 if event["rawPath"] == "/none" else 200
        return {"statusCode": status, "headers": headers, "body": body}
    return event.get("answer")

if __name__ == "__main__":
    lambda_runtime.run(handler)
"""
TYPED = """
from lambda_events import SQSEvent

def handler(event: SQSEvent, context):
    return {"batchItemFailures": [{"itemIdentifier": event.records[0].message_id}]}
"""
TRACED = """
import json, os, urllib.request

def handler(event, context):
    def span(number, parent, name, begin, end, **more):
        ids = {"traceId": "1" * 32, "spanId": f"{number:016x}", "parentSpanId": parent}
        times = {"startTimeUnixNano": str(begin * 10**6), "endTimeUnixNano": str(end * 10**6)}
        return {"name": name, "kind": 2, **ids, **times, **more}

    own = {"key": "faas.invocation_id", "value": {"stringValue": context.aws_request_id}}
    spans = [
        span(1, "", "traced", 0, 20, attributes=[own]),
        span(2, f"{1:016x}", "look up", 5, 10, status={"code": 2}),
    ]
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}).encode()
    url = os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] + "/v1/traces"
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    urllib.request.urlopen(request).close()
"""
STREAM = """
def handler(event, context):
    yield "one"
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("console")
    sources = {"any_answer": ANY, "typed_batch": TYPED, "endless": STREAM, "traced": TRACED}
    for name, source in sources.items():
        (folder / f"{name}.py").write_text(source)
    return folder


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[Emulator]:
    """One emulator for all tests: most of a test's time would be its start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        functions: dict[str, Path | str] = {
            "any": folder / "any_answer.py",
            "batch": "typed_batch.handler",
            "endless": "endless.handler",
            "traced": "traced.handler",
        }
        with Emulator(functions=functions, timeout=60, memory_mb=512) as emulator:
            yield emulator


@pytest.fixture
def emulator(served: Emulator) -> Emulator:
    ended(served.url)  # only what has ended is removed
    ask(served.url, "DELETE", "/_console/api/history")
    return served


@pytest.fixture
def page(browser: Browser, emulator: Emulator) -> Iterator[Page]:
    with opened(browser, emulator.url) as page:
        yield page


def ask(base: str, method: str, path: str, body: object = None, **headers: str) -> bytes:
    url = urlsplit(base)
    assert url.hostname is not None
    with closing(HTTPConnection(url.hostname, url.port, timeout=30)) as connection:
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        return connection.getresponse().read()


def invoke(page: Page, event: object, kind: str = "Synchronous") -> None:
    page.get_by_label("Event as JSON").fill(json.dumps(event))
    page.get_by_label(kind, exact=True).check()
    page.get_by_role("button", name="Invoke").click()


def outcome(page: Page, text: str, look: str = "success") -> None:
    badge = page.locator("#outcome")
    expect(badge).to_have_text(text)
    expect(badge).to_have_class(f"badge {look}")


HTTP = {
    "statusCode": 201,
    "headers": {"Content-Type": "application/json", "X-Own": "1"},
    "cookies": ["a=b"],
    "body": '{"order":{"id":7}}',
}
HEADERS = "Content-Typeapplication/jsonX-Own1Set-Cookiea=b"
BODY = '{\n  "order": {\n    "id": 7\n  }\n}'


def test_an_http_answer_is_status_headers_and_body(page: Page) -> None:
    invoke(page, {"answer": HTTP})
    outcome(page, "201 Created")
    expect(page.locator("#http-status")).to_have_text("201 Created")
    expect(page.locator("#http-headers")).to_have_text(HEADERS)
    assert page.locator("#response").text_content() == BODY
    page.get_by_role("button", name="Raw").click()
    expect(page.locator("#response")).to_contain_text('"statusCode": 201')
    expect(page.locator("#http-status")).to_be_hidden()


def test_a_streamed_http_answer_is_status_headers_and_body(page: Page) -> None:
    prelude = {"status_code": 201, "headers": HTTP["headers"], "cookies": HTTP["cookies"]}
    invoke(page, {"prelude": prelude, "pieces": ['{"order":', '{"id":7}}']}, "Streaming")
    outcome(page, "201 Created")
    expect(page.locator("#http-headers")).to_contain_text("X-Own1")
    assert page.locator("#response").text_content() == BODY


def test_a_streamed_text_is_pieces_without_the_prelude(page: Page) -> None:
    prelude = {"status_code": 500, "headers": {"Content-Type": "text/plain"}}
    invoke(page, {"prelude": prelude, "pieces": ["caf", "é"]}, "Streaming")
    outcome(page, "500 Internal Server Error", "failure")
    assert page.locator("#response").text_content() == "café"
    page.get_by_role("button", name="Raw").click()
    expect(page.locator("#response")).to_contain_text('"statusCode":500')
    expect(page.locator("#response")).to_contain_text("␀" * 8)


def test_json_within_a_text_unfolds(page: Page) -> None:
    inner = {"deep": json.dumps([1, {"a": None}])}
    invoke(page, {"answer": {"body": json.dumps(inner), "plain": "[not JSON"}})
    outcome(page, "Succeeded")
    folds = page.locator("#response details")
    expect(folds).to_have_count(1)
    folds.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(folds.first.locator("> div > .key")).to_have_text('"deep"')
    folds.nth(1).locator("summary").click()
    expect(folds.nth(1)).to_contain_text('"a": null')


OK, WARNING, FAILURE = "success", "warning", "failure"
ITEMS = {"Records": [{"messageId": "1"}, {"messageId": "2"}]}
OUTCOMES: list[tuple[object, object, list[str]]] = [
    (None, None, [OK, "Succeeded"]),
    (None, {"statusCode": 204}, [OK, "204 No Content"]),
    (None, {"statusCode": "404"}, [WARNING, "404 Not Found"]),
    (None, {"statusCode": 429, "body": ""}, [WARNING, "429 Too Many Requests"]),
    (None, {"statusCode": 599}, [FAILURE, "599"]),
    (None, {"statusCode": "many"}, [OK, "Succeeded"]),
    (None, [{"statusCode": 500}], [OK, "Succeeded"]),
    (ITEMS, {"batchItemFailures": []}, [OK, "Succeeded"]),
    (ITEMS, {"batchItemFailures": None}, [OK, "Succeeded"]),
    (ITEMS, {"batchItemFailures": [{"itemIdentifier": "1"}]}, [WARNING, "1 of 2 failed"]),
    (
        ITEMS,
        {"batchItemFailures": [{"itemIdentifier": "1"}, {"itemIdentifier": "2"}]},
        [FAILURE, "All 2 failed"],
    ),
    (ITEMS, {"batchItemFailures": [{"itemIdentifier": ""}]}, [FAILURE, "All 2 failed"]),
    (ITEMS, {"batchItemFailures": [{}]}, [FAILURE, "All 2 failed"]),
    (None, {"batchItemFailures": [{"itemIdentifier": "1"}]}, [WARNING, "1 failed"]),
    (
        {"records": [{}, {}]},
        {"records": [{"result": "Ok"}, {"result": "ProcessingFailed"}]},
        [WARNING, "1 of 2 failed"],
    ),
    (None, {"records": [{"result": "DeliveryFailed"}]}, [FAILURE, "All 1 failed"]),
    (None, {"records": [{"result": "Dropped"}]}, [OK, "Succeeded"]),
    (
        None,
        {"invocationId": "1", "results": [{"resultCode": "PermanentFailure"}]},
        [FAILURE, "All 1 failed"],
    ),
    (None, {"records": [None, {"result": {"toString": 1}}]}, [OK, "Succeeded"]),
    (None, {"invocationId": "1", "results": [None]}, [FAILURE, "All 1 failed"]),
    (None, {"batchItemFailures": [None]}, [WARNING, "1 failed"]),
    (None, {"statusCode": True}, [OK, "Succeeded"]),
    (None, {"statusCode": [200]}, [OK, "Succeeded"]),
    (None, {"statusCode": 200, "headers": {"x-own": {"toString": 1}}}, [OK, "200 OK"]),
    (None, {"Status": "FAILED"}, [FAILURE, "Failed"]),
    (None, {"Status": "SUCCESS"}, [OK, "Succeeded"]),
]


def test_only_a_success_is_green(page: Page) -> None:
    outcomes = page.evaluate(
        """async (cases) => {
            const { outcomeOf } = await import("/_console/outcome.js");
            return cases.map(([event, answer]) => outcomeOf({
                kind: "RequestResponse", chunks: [], event: JSON.stringify(event),
                answer: { text: JSON.stringify(answer) }, report: { status: "success" },
            }));
        }""",
        [case[:2] for case in OUTCOMES],
    )
    assert outcomes == [wanted for *_, wanted in OUTCOMES]


MARKUP = "<img src=x onerror=window.broken=1><script>window.broken=2</script>"
ODD_VALUE = {"toString": 1, "valueOf": MARKUP}
DEEP = "[" * 15_000 + "]" * 15_000
ODD_LOG = [
    MARKUP,
    json.dumps({"level": MARKUP, "message": MARKUP, MARKUP: MARKUP, "time": MARKUP}),
    json.dumps({"level": "INFO", "message": ODD_VALUE, "time": ODD_VALUE, "field": ODD_VALUE}),
    json.dumps({"level": "ERROR", "errorType": ODD_VALUE, "errorMessage": ODD_VALUE}),
    f'{{"level": "INFO", "message": "deep", "field": {DEEP}}}',
    f'{{"level": "INFO", "message": {"[" * 100_000}{"]" * 100_000}}}',
]


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (
            {"statusCode": 200, "headers": {"x-own": ODD_VALUE, MARKUP: [MARKUP]}, "body": MARKUP},
            MARKUP,
        ),
        ({"statusCode": 200, "multiValueHeaders": {"x": ODD_VALUE}, "cookies": [ODD_VALUE]}, ""),
        ({"statusCode": 200, "body": ODD_VALUE}, "toString"),
        ({"statusCode": 200, "body": DEEP}, "[\n  ["),
        ({"records": [None, {"result": ODD_VALUE}]}, "records"),
        (MARKUP, MARKUP),
    ],
    ids=["markup", "headers", "body", "deep", "records", "text"],
)
def test_what_a_function_says_is_shown_as_text(page: Page, answer: object, shown: str) -> None:
    invoke(page, {"answer": answer, "log": ODD_LOG})
    for _ in range(2):  # the history has the same after a reload
        expect(page.locator("#history tr")).to_have_count(1)
        expect(page.locator("#history tr td.success")).to_have_count(1)
        expect(page.locator("#response")).to_contain_text(shown)
        expect(page.locator("#log")).to_contain_text(MARKUP)
        expect(page.locator("#log")).to_contain_text("REPORT RequestId")
        assert page.evaluate("window.broken") is None
        page.reload()


def test_a_batch_with_failures_is_told(page: Page) -> None:
    pytest.importorskip("lambda_events")
    page.get_by_label("Function").select_option("batch")
    expect(page.get_by_label("Event as JSON")).to_have_value(re.compile("aws:sqs"))
    page.get_by_role("button", name="Invoke").click()
    outcome(page, "All 1 failed", "failure")


def test_what_was_invoked_before_the_page_was_opened_is_there(
    browser: Browser, emulator: Emulator
) -> None:
    event = {"answer": {"early": True}, "log": ["hello"]}
    ask(emulator.url, "POST", "/2015-03-31/functions/any/invocations", event)
    with opened(browser, emulator.url) as page:
        for _ in range(2):
            outcome(page, "Succeeded")
            expect(page.locator("#response")).to_contain_text('"early": true')
            expect(page.locator("#log")).to_contain_text("hello")
            expect(page.locator("#history tr")).to_have_count(1)
            page.reload()
        ended(emulator.url)
        with opened(browser, emulator.url) as another:
            another.get_by_role("button", name="Clear").click()
        expect(page.locator("#history tr")).to_have_count(0)


def test_samples_are_grouped_and_found(page: Page) -> None:
    pytest.importorskip("lambda_events")
    source, search = page.get_by_label("Event", exact=True), page.get_by_label("Find a sample")
    labels = source.locator("optgroup").evaluate_all("all => all.map((each) => each.label)")
    assert labels[:3] == ["HTTP", "Queues and streams", "Notifications"]
    search.fill("sq s")
    expect(source.locator("optgroup option")).to_have_text(["SQSEvent"])
    expect(page.locator("#found")).to_have_text("1 found")
    search.press("Enter")
    expect(page.get_by_label("Event as JSON")).to_have_value(re.compile("aws:sqs"))
    expect(source).to_have_value("/samples/SQSEvent")
    expect(search).to_have_value("")
    search.fill("identity")  # a group
    assert source.locator("option", has_text="Cognito").count() > 5
    search.fill("nothing like it")
    expect(page.locator("#found")).to_have_text("0 found")
    search.press("Enter")
    expect(page.locator("#history tr")).to_have_count(0)


def test_the_handler_says_what_it_takes_and_whether_it_streams(page: Page) -> None:
    pytest.importorskip("lambda_events")
    picker, event = page.get_by_label("Function"), page.get_by_label("Event as JSON")
    event.fill('{"mine": 1}')
    picker.select_option("batch")
    expect(page.get_by_label("Event", exact=True)).to_have_value("/samples/SQSEvent")
    expect(page.get_by_label("Synchronous", exact=True)).to_be_checked()
    picker.select_option("endless")
    expect(page.get_by_label("Streaming", exact=True)).to_be_checked()
    expect(event).to_have_value("")
    picker.select_option("any")
    expect(page.get_by_label("Synchronous", exact=True)).to_be_checked()
    expect(event).to_have_value('{"mine": 1}')  # what was written is not lost


def hold(held: list[Route]) -> Callable[[Route], None]:
    """Return a function that lets requests wait."""

    def wait(route: Route) -> None:  # which is a function of Python's, as Playwright wants it
        held.append(route)

    return wait


def test_what_is_typed_at_once_stays_and_may_be_invoked(page: Page) -> None:
    """A function can be picked and given an event before the page knows what it takes."""
    pytest.importorskip("lambda_events")
    held: list[Route] = []
    page.route("**/functions/batch/handler", hold(held), times=1)
    with page.expect_request("**/functions/batch/handler"):
        page.get_by_label("Function").select_option("batch")
    event = page.get_by_label("Event as JSON")
    event.fill('{"mine": 2}')
    expect(page.locator("#invoke")).to_be_enabled()
    held.pop().continue_()
    found = page.get_by_label("Event", exact=True)
    expect(found.locator("option[value='/samples/SQSEvent']")).to_have_count(1)
    expect(event).to_have_value('{"mine": 2}')
    expect(found).to_have_value("")
    page.get_by_label("Function").select_option("endless")
    expect(event).to_have_value("")
    page.get_by_label("Function").select_option("batch")
    expect(event).to_have_value('{"mine": 2}')


def test_the_first_function_may_be_invoked_while_its_samples_are_read(
    browser: Browser, emulator: Emulator
) -> None:
    held: list[Route] = []
    with browser.new_context() as context:
        page = context.new_page()
        page.route("**/sample-groups", hold(held))
        with page.expect_request("**/sample-groups"):
            page.goto(f"{emulator.url}/")
        page.get_by_label("Event as JSON").fill('{"mine": 3}')
        expect(page.locator("#invoke")).to_be_enabled()
        held.pop().continue_()
        expect(page.locator("#source optgroup").first).to_be_attached()
        expect(page.get_by_label("Event as JSON")).to_have_value('{"mine": 3}')


def write_request(page: Page, method: str, path: str, headers: str = "", body: str = "") -> None:
    page.get_by_label("HTTP request").check()
    page.get_by_label("Method").select_option(method)
    page.get_by_label("Path and query").fill(path)
    page.get_by_label("Headers").fill(headers)
    page.get_by_label("Body").fill(body)


def test_an_http_request_is_sent(page: Page, emulator: Emulator) -> None:
    write_request(page, "PUT", "/orders?x=1&x=2", "X-Own: a: b\nCookie: c=d", '{"n": 1}')
    page.get_by_role("button", name="Invoke").click()
    outcome(page, "200 OK")
    expect(page.locator("#response")).to_have_text('{ "method": "PUT" }')
    expect(page.locator("#history td").nth(2)).to_have_text("URL")
    page.get_by_role("button", name="Edit event").click()
    event = json.loads(page.get_by_label("Event as JSON").input_value())
    assert (event["rawPath"], event["rawQueryString"]) == ("/orders", "x=1&x=2")
    assert event["headers"]["x-own"] == "a: b"
    assert event["headers"]["host"] == urlsplit(emulator.url).netloc
    assert not {"accept", "accept-encoding", "user-agent"} & event["headers"].keys()
    assert event["cookies"] == ["c=d"]
    page.get_by_label("HTTP request").check()
    page.get_by_label("Path and query").fill("/none")
    page.keyboard.press("Control+Enter")
    outcome(page, "404 Not Found", "warning")


def test_an_http_request_is_shown_as_its_event(page: Page) -> None:
    write_request(page, "POST", "/a/b", "Content-Type: text/plain", "hello")
    page.get_by_role("button", name="Show as event").click()
    text = page.get_by_label("Event as JSON")
    expect(text).to_be_focused()
    event = json.loads(text.input_value())
    assert (event["rawPath"], event["body"]) == ("/a/b", "hello")
    assert event["requestContext"]["http"]["method"] == "POST"
    page.get_by_role("button", name="Invoke").click()
    outcome(page, "200 OK")


@pytest.mark.parametrize(
    ("path", "headers", "told"),
    [
        ("/", "no colon", 'Write a header as NAME: VALUE, not "no colon".'),
        ("/", "a b: c", 'Write a header as NAME: VALUE, not "a b: c".'),
        ("/a b", "", "The path has spaces or other characters that are not allowed in a URL"),
        ("/é", "", "The path has spaces or other characters that are not allowed in a URL"),
        ("/", "Host: web.example", "403: "),
    ],
)
def test_a_request_that_cannot_be_sent_is_told(
    page: Page, path: str, headers: str, told: str
) -> None:
    write_request(page, "GET", path, headers)
    page.get_by_role("button", name="Invoke").click()
    expect(page.locator("#problem")).to_contain_text(told)


def copied(page: Page, name: str) -> str:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name=f"Copy as {name}").click()
    expect(page.locator("#copied")).to_have_text(f"Copied as {name}")
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text


def run(folder: Path, *command: str) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, cwd=folder, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


ODD = {"answer": {"it's": 'a "q" \\ \n é \U0001f600', "n": [1.5, True, None, 12345678901234567890]}}


def test_what_is_invoked_is_copied_for_curl(page: Page, folder: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    page.get_by_label("Event as JSON").fill(json.dumps(ODD, ensure_ascii=False))
    assert json.loads(run(folder, "sh", "-c", copied(page, "curl"))) == ODD["answer"]
    write_request(page, "POST", "/none?q=1", "X-Own: it's", "a'b")
    answer = run(folder, "sh", "-c", copied(page, "curl"))
    assert "HTTP/1.1 404 Not Found" in answer
    assert '{"method": "POST"}' in answer


def test_what_is_invoked_is_copied_for_boto3(page: Page, folder: Path) -> None:
    pytest.importorskip("boto3")
    page.get_by_label("Event as JSON").fill(json.dumps(ODD))
    buffered = copied(page, "boto3")
    page.get_by_label("Function").select_option("endless")
    expect(page.get_by_label("Streaming", exact=True)).to_be_checked()
    streamed = copied(page, "boto3")
    answer, stream = run(folder, sys.executable, "-c", buffered + streamed).splitlines()
    assert json.loads(answer) == ODD["answer"]
    assert stream == "one"


def test_what_is_invoked_is_copied_as_a_test(page: Page, folder: Path) -> None:
    invoke(page, ODD)
    outcome(page, "Succeeded")
    test = copied(page, "test")
    assert "from any_answer import handler\n" in test
    assert "assert result.value == {" in test
    (folder / "test_copied.py").write_text(test)
    base = f"--basetemp={folder / 'temporary'}"
    absent = ("-pno:faker", "-pno:hypothesispytest", "-pno:xdist")
    run(folder, sys.executable, "-m", "pytest", "-q", *absent, base, "test_copied.py")


def test_the_editor_colours_json_and_marks_a_fault(page: Page) -> None:
    event, colours = page.get_by_label("Event as JSON"), page.locator("#event-colours")
    event.fill('{"a": "b", "c": [1, null]}')
    expect(colours.locator(".key")).to_have_text(['"a"', '"c"'])
    expect(colours.locator(".string")).to_have_text(['"b"'])
    expect(colours.locator(".literal")).to_have_text(["1", "null"])
    event.fill('{"a": oops}')
    expect(colours.locator(".fault")).to_have_text("o")
    assert colours.text_content() == '{"a": oops}\n'
    event.fill("")
    event.press_sequentially('{\n"a": [\n1')
    expect(event).to_have_value('{\n  "a": [\n    1')
    # Each character is where its colour is.
    boxes = [each.bounding_box() for each in (event, colours)]
    assert boxes[0] == boxes[1]


RECORD = {"timestamp": "2026-11-28T10:00:00.123Z", "level": "ERROR", "message": "no stock"}
LOG = [
    "plain",
    "[WARNING]\t2026-11-28T10:00:00.123Z\t00000000-0000-0000-0000-000000000000\tlow\rtwo",
    json.dumps({**RECORD, "item": "A-1", "stackTrace": ["  File x", "  line 2"]}),
    "DEBUG:root:detail",
    '{"not": "a record"}',
]


def test_the_log_has_levels_fields_and_a_search(page: Page) -> None:
    invoke(page, {"log": LOG})
    outcome(page, "Succeeded")
    log = page.get_by_role("log", name="Log of this invocation")
    expect(log.locator(".level")).to_have_text(["WARNING", "ERROR"])
    expect(log).to_contain_text(re.compile("10:00:00.123 WARNING low\ntwo\n"))
    expect(log).to_contain_text(re.compile("ERROR no stock item=A-1 stackTrace=\n +File x\n"))
    lines = log.locator(".line")
    expect(lines).to_have_count(8)  # with START, END and REPORT
    level = page.get_by_label("Lowest level of the log")
    for wanted, count in (("3", 2), ("4", 1), ("2", 7), ("-1", 8)):
        level.select_option(wanted)
        expect(lines).to_have_count(count)
    page.get_by_label("Search the log").fill("A-1")
    expect(lines).to_have_count(1)
    expect(page.locator("#log-facts")).to_have_text("1 of 8 lines")


RECORDS: dict[str, list[object]] = {
    json.dumps({"level": "WARN", "msg": {"a": 1}, "timestamp": "T10:00:00Z"}): [3, '{"a":1}', []],
    json.dumps({"level": "ERROR", "errorType": "E", "errorMessage": "no"}): [4, "E: no", []],
    json.dumps({"level": "odd", "n": 1}): [2, "", [["n", "1"]]],
    json.dumps({"message": "no level"}): [None, '{"message": "no level"}', []],
    json.dumps({"type": "platform.x", "record": {"metrics": {"ms": 1}, "requestId": "1"}}): [
        None,
        "platform.x",
        [["ms", "1"]],
    ],
    "2026-11-28 10:00:00,1 - app - CRITICAL - lost": [
        5,
        "2026-11-28 10:00:00,1 - app - CRITICAL - lost",
        [],
    ],
    "ERROR: it failed": [4, "ERROR: it failed", []],
    "No ERROR was found": [None, "No ERROR was found", []],
    "\x1b[31mred\x1b[0m": [None, "red", []],
    "of Windows\r": [None, "of Windows", []],
    "[1, 2]": [None, "[1, 2]", []],
    "{}": [None, "{}", []],
    "": [None, "", []],
}


def test_records_of_all_kinds_have_their_level(page: Page) -> None:
    lines = page.evaluate(
        """async (text) => {
            const { LogLines } = await import("/_console/log_lines.js");
            const log = new LogLines();
            // Byte by byte: a piece may end anywhere.
            for (const byte of new TextEncoder().encode(text)) log.add(Uint8Array.of(byte), false);
            return log.lines.map(({ level, message, fields }) => [level ?? null, message, fields]);
        }""",
        "".join(f"{line}\n" for line in RECORDS),
    )
    assert lines == list(RECORDS.values())


def test_the_emulator_is_in_view(page: Page, emulator: Emulator) -> None:
    tenant = {"X-Amz-Tenant-Id": "blue"}
    path = "/2015-03-31/functions/any/invocations"
    ask(emulator.url, "POST", path, {}, **tenant)
    row = page.locator("#environments tr").filter(has_text="blue")
    expect(row).to_have_text(re.compile(r"^any(idle|busy)\d+\d+ of 512 MBblue$"))
    names = ["any", "batch", "endless", "traced"]
    expect(page.locator("#queues tr")).to_have_text([f"{name}000" for name in names])
    expect(page.locator("#no-sources")).to_be_visible()


def test_queues_and_sources_are_in_view(page: Page) -> None:
    batch = {"request_id": "1", "records": 3, "failed": 1, "time": 1_700_000_000}
    source = {
        "kind": "sqs",
        "function": "any",
        "source": "http://sqs/1/orders",
        "received": 7,
        "returned": 2,
        "lag": 4,
        "lag_unit": "messages",
        "batches": [batch],
    }
    schedule = {"kind": "schedule", "name": "nightly", "function": "any", "rule": "rate(1 day)"}
    state = {
        "environments": [],
        "queues": [{"function": "any", "waiting": 3, "running": 1, "delayed": 2}],
        "sources": [{**source, "state": "unreachable", "error": "no route"}],
        "triggers": [{**schedule, "next": None, "fired": 5}],
    }
    expect(page.get_by_role("region", name="Triggers")).to_be_hidden()
    page.route("**/_console/api/state", lambda route: route.fulfill(json=state))
    invoke(page, {})
    expect(page.locator("#queues tr")).to_have_text(["any312"])
    expect(page.locator("#sources tr")).to_have_text(["ordersanyunreachable724 waiting2/3"])
    expect(page.locator("#sources td").first).to_have_attribute("title", "no route")
    expect(page.locator("#no-sources")).to_be_hidden()
    triggers = page.get_by_role("region", name="Triggers").locator("tbody tr")
    expect(triggers).to_have_text(["nightlyanyrate(1 day)5Fire now"])
    sent: list[Any] = []

    def answer(route: Any) -> None:
        sent.append(route.request.post_data_json)
        route.fulfill(json={})

    page.route("**/_events/send", answer)
    page.get_by_role("button", name="Fire nightly now").click()
    expect(page.locator("#sent")).to_have_text("nightly has fired.")
    page.get_by_label("Message", exact=True).fill("hello")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#sent")).to_have_text("Sent to orders.")
    assert sent == [
        {"target": "schedule://nightly", "data": ""},
        {"target": "sqs://orders", "data": "hello"},
    ]


@pytest.mark.parametrize("count", [1, 100])
def test_the_chart_fits_one_and_many(page: Page, count: int) -> None:
    geometry = page.evaluate(
        """async (count) => {
            const { draw } = await import("/_console/chart.js");
            const svg = document.getElementById("chart");
            const records = Array.from({ length: count }, (_, index) => ({
                id: String(index),
                report: { duration_ms: 0.2 * 1.12 ** index, init_ms: index ? null : 20_000 },
            }));
            draw(svg, "any", records, "0", () => {});
            const frame = svg.getBoundingClientRect();
            return [...svg.querySelectorAll("text, .mark")].map((each) => {
                const box = each.getBoundingClientRect();
                return [box.left - frame.left, box.top - frame.top,
                        frame.right - box.right, frame.bottom - box.bottom];
            });
        }""",
        count,
    )
    assert len(geometry) > count
    assert min(min(each) for each in geometry) >= 0


def test_on_a_narrow_page_the_result_comes_into_view(browser: Browser, emulator: Emulator) -> None:
    narrow = {"width": 390, "height": 800}
    with opened(browser, emulator.url, viewport=narrow, reduced_motion="reduce") as page:
        expect(page.locator("#outcome")).not_to_be_in_viewport()
        invoke(page, {"answer": 1})
        expect(page.locator("#outcome")).to_be_in_viewport()
        outcome(page, "Succeeded")
        width = "document.documentElement.scrollWidth"
        assert page.evaluate(width) == narrow["width"]
        invoke(page, {"error": f"https://{'long' * 50}.example"})  # of one word
        outcome(page, "ValueError", "failure")
        assert page.evaluate(width) == narrow["width"]


def lasting_port() -> int:
    """Return a free port that no client is given while nobody listens at it."""
    candidates = random.SystemRandom().sample(range(20_000, 32_000), 100)
    for port in candidates:
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise OSError(f"none of the ports {candidates} is free")


def test_nothing_is_invoked_while_the_emulator_is_away(browser: Browser, folder: Path) -> None:
    target = folder / "any_answer.py"
    with browser.new_context() as context:
        page = context.new_page()
        button = page.get_by_role("button", name="Invoke")
        port = lasting_port()
        with Emulator(functions=[target], timeout=60, port=port) as emulator:
            page.goto(emulator.url)
            expect(button).to_be_enabled()
            button.click()
            outcome(page, "Succeeded")
            again = page.locator("#history").get_by_role("button", name="Run again")
            expect(again).to_be_enabled()
        expect(page.locator("#connection")).to_have_text("The emulator does not answer")
        expect(button).to_be_disabled()
        expect(again).to_be_disabled()
        page.get_by_label("Event as JSON").press("Control+Enter")
        with Emulator(functions=[target], timeout=60, port=port):
            expect(page.locator("#connection")).to_have_text("Connected")
            expect(button).to_be_enabled()
            expect(page.locator("#history tr")).to_have_count(0)
            button.click()
            outcome(page, "Succeeded")


def test_a_theme_is_chosen_and_remembered(page: Page) -> None:
    dark, light = "rgb(15, 19, 23)", "rgb(244, 245, 247)"
    page.emulate_media(color_scheme="dark")
    body, theme = page.locator("body"), page.get_by_label("Theme")
    expect(body).to_have_css("background-color", dark)
    theme.select_option("Light")
    expect(body).to_have_css("background-color", light)
    page.reload()
    expect(theme).to_have_value("light")
    expect(body).to_have_css("background-color", light)
    theme.select_option("System")
    expect(body).to_have_css("background-color", dark)


# Controls without a name, ids that are there twice, and references that lead nowhere.
FAULTS = """() => {
  const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
  const names = ["aria-labelledby", "aria-describedby", "for"];
  const lost = names.flatMap((name) => [...document.querySelectorAll(`[${name}]`)]
    .flatMap((element) => element.getAttribute(name).split(" "))
    .filter((id) => !ids.includes(id)));
  const controls = [...document.querySelectorAll("button, input, select, textarea, [tabindex]")];
  const nameless = controls.filter((each) => !(
    each.labels?.length || each.ariaLabel || each.hasAttribute("aria-labelledby") ||
    (each.tagName === "BUTTON" && each.textContent.trim())));
  return [...twice, ...lost, ...nameless.map((each) => each.outerHTML)];
}"""


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_all_can_be_read_and_has_a_name(page: Page, theme: str) -> None:
    page.get_by_label("Theme").select_option(theme)
    invoke(page, {"log": [*LOG, "INFO:x:y"], "answer": {**HTTP, "statusCode": 404}})
    outcome(page, "404 Not Found", "warning")
    expect(page.locator("#environments tr").first).to_be_visible()
    page.get_by_label("Event as JSON").fill('{"a": oops, "b": [1, "c"]}')
    assert page.evaluate(CONTRAST) == []
    page.get_by_label("HTTP request").check()
    assert page.evaluate(CONTRAST) == []
    assert page.evaluate(FAULTS) == []


def test_the_keyboard_goes_through_the_form_in_order(page: Page) -> None:
    page.get_by_label("Function").focus()
    order = []
    for _ in range(12):
        page.keyboard.press("Tab")
        order.append(page.evaluate("document.activeElement.id || document.activeElement.value"))
    wanted = ["event", "source", "search", "event", "format", "save", "RequestResponse", "invoke"]
    assert order[:8] == wanted


def test_a_trace_is_a_waterfall(page: Page) -> None:
    page.get_by_label("Function").select_option("traced")
    invoke(page, {})

    spans = page.get_by_role("list", name="Trace").get_by_role("listitem")
    expect(spans).to_have_text(["traced20.00 ms", "look upfailed5.00 ms"])
    boxes = [spans.nth(number).locator("rect").bounding_box() for number in range(2)]
    whole, part = (box or pytest.fail("there is no bar") for box in boxes)
    assert part["x"] - whole["x"] == pytest.approx(whole["width"] / 4, abs=1)
    assert part["width"] == pytest.approx(whole["width"] / 4, abs=1)
    assert page.evaluate(CONTRAST) == []

    page.get_by_label("Function").select_option("any")
    invoke(page, {"answer": 1})
    expect(page.locator("#trace")).to_be_hidden()

    page.reload()
    page.locator("#history").get_by_role("row", name="traced").get_by_role("button").first.click()
    expect(spans).to_have_count(2)
