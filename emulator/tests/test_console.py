"""The console, as somebody uses it in a browser."""

from __future__ import annotations

import json
import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from lambda_emulator import Emulator, EventInvokeConfig

from .browser import CHROMIUM, CONTRAST, needs_chromium, opened
from .happenings import ended

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

pytestmark = needs_chromium
LIMIT = 30_000  # milliseconds after which an expectation is given up
expect.set_options(timeout=LIMIT)

ORDERS = """
import lambda_runtime

print("orders are open")

def handler(event, context):
    print("asked for", event.get("order"))
    for gate in event.get("gates", ()):
        with open(gate) as file:
            file.readline()
    if "error" in event:
        raise LookupError(event["error"])
    return {"order": event.get("order"), "price": 1.5}

lambda_runtime.run(handler)
"""
PIECES = """
import lambda_runtime

def handler(event, context):
    for number, gate in enumerate(event["gates"]):
        yield f"piece {number} \\u20ac;".encode()
        with open(gate) as file:
            file.readline()
    if "error" in event:
        raise LookupError(event["error"])

lambda_runtime.run(handler)
"""

# A runtime that reports an error, and waits before it asks for the next invocation.
SLOW = """
import json, os
from http.client import HTTPConnection

api = HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])

def call(method, path, body=None):
    api.request(method, "/2018-06-01/runtime/invocation/" + path, body)
    response = api.getresponse()
    return response.headers["Lambda-Runtime-Aws-Request-Id"], response.read()

while True:
    request_id, event = call("GET", "next")
    call("POST", request_id + "/error", '{"errorType":"LookupError","errorMessage":"no"}')
    with open(json.loads(event)["gate"]) as file:
        file.readline()
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        bent = "--host-resolver-rules=MAP bent.example 127.0.0.1"
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[bent])
        yield browser
        browser.close()


@pytest.fixture
def functions(tmp_path: Path) -> list[Path]:
    sources = {"orders": ORDERS, "pieces": PIECES}
    for name, source in sources.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "__main__.py").write_text(source)
    return [tmp_path / name for name in sources]


@pytest.fixture
def emulator(functions: list[Path]) -> Iterator[Emulator]:
    with Emulator(functions=functions, concurrency=2, timeout=60) as emulator:
        yield emulator


@pytest.fixture
def page(browser: Browser, emulator: Emulator) -> Iterator[Page]:
    """The console, of which nothing may go wrong or come from elsewhere."""
    with opened(browser, emulator.url) as page:
        yield page


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Callable[[str], tuple[str, Callable[[], object]]]]:
    """Make a gate for a function to wait at: its path, and what opens it."""
    descriptors: list[int] = []

    def make(name: str) -> tuple[str, Callable[[], object]]:
        path = tmp_path / name
        os.mkfifo(path)
        descriptor = os.open(path, os.O_RDWR)
        descriptors.append(descriptor)
        return str(path), lambda: os.write(descriptor, b"\n")

    yield make
    for descriptor in descriptors:
        os.close(descriptor)


def invoke(page: Page, event: object, kind: str = "Synchronous") -> None:
    page.get_by_label("Event as JSON").fill(json.dumps(event))
    page.get_by_label(kind, exact=True).check()
    page.get_by_role("button", name="Invoke").click()


def outcome(page: Page, text: str) -> None:
    expect(page.locator("#outcome")).to_have_text(text)


def test_an_answer_is_shown_with_its_log_and_numbers(page: Page) -> None:
    invoke(page, {"order": "A-1"})
    outcome(page, "Succeeded")
    expect(page.locator("#response")).to_have_text('{\n  "order": "A-1",\n  "price": 1.5\n}')
    log = page.get_by_role("log", name="Log of this invocation")
    expect(log).to_contain_text(re.compile(r"START .*\nasked for A-1\nEND .*\nREPORT ", re.DOTALL))
    numbers = page.locator("#numbers")
    expect(numbers).to_contain_text(re.compile(r"Duration[\d.]+ msBilled\d+ msInit[\d.]+ ms"))
    expect(page.locator("#request-id")).to_have_text(re.compile(r"[0-9a-f-]{36}"))


def test_cold_and_warm_starts_are_told_apart(page: Page) -> None:
    for number in range(3):
        invoke(page, {"order": number})
        expect(page.locator("#history tr").nth(number)).to_be_visible()
        outcome(page, "Succeeded")
    expect(page.locator("#numbers")).to_contain_text("Initwarm")
    expect(page.locator("#chart .cold")).to_have_count(1)
    expect(page.locator("#chart .warm")).to_have_count(2)
    expect(page.locator("#summary")).to_have_text(
        re.compile(r"cold 1, median .* warm 2, median .*")
    )


def test_an_error_is_shown_with_its_stack_trace(page: Page) -> None:
    invoke(page, {"error": "<b>no</b> such order"})
    outcome(page, "LookupError")
    expect(page.locator("#error-message")).to_have_text("<b>no</b> such order")
    expect(page.get_by_label("Stack trace")).to_contain_text("raise LookupError")


def test_the_log_is_live(
    page: Page, gate: Callable[[str], tuple[str, Callable[[], object]]]
) -> None:
    path, open_gate = gate("gate")
    invoke(page, {"order": "slow", "gates": [path]})
    expect(page.locator("#log")).to_contain_text("asked for slow")
    outcome(page, "Running")
    open_gate()
    outcome(page, "Succeeded")


def test_chunks_are_shown_as_they_arrive(
    page: Page, gate: Callable[[str], tuple[str, Callable[[], object]]]
) -> None:
    gates = [gate(name) for name in ("first", "second", "third")]
    page.get_by_label("Function").select_option("pieces")
    invoke(page, {"gates": [path for path, _ in gates]}, "Streaming")
    for number, (_, open_gate) in enumerate(gates):
        chunks = page.locator("#response .chunk")
        expect(chunks).to_have_text([f"piece {before} €;" for before in range(number + 1)])
        outcome(page, "Running")
        open_gate()
    outcome(page, "Succeeded")
    expect(page.locator("#response-facts")).to_contain_text("3 chunks, 36 B, the first after ")


def test_an_error_within_a_stream_leaves_what_came_before(
    page: Page, gate: Callable[[str], tuple[str, Callable[[], object]]]
) -> None:
    path, open_gate = gate("gate")
    page.get_by_label("Function").select_option("pieces")
    invoke(page, {"gates": [path], "error": "no more"}, "Streaming")
    open_gate()
    outcome(page, "Function.LookupError")
    expect(page.locator("#error-message")).to_have_text("no more")
    expect(page.locator("#response .chunk")).to_have_text(["piece 0 €;"])


def test_an_error_is_in_the_history_before_its_numbers_are(
    browser: Browser, tmp_path: Path, gate: Callable[[str], tuple[str, Callable[[], object]]]
) -> None:
    path, open_gate = gate("gate")
    (tmp_path / "slow.py").write_text(SLOW)
    with (
        Emulator(functions=[tmp_path / "slow.py"], timeout=60) as emulator,
        opened(browser, emulator.url) as page,
    ):
        invoke(page, {"gate": path})
        outcome(page, "LookupError")
        duration = page.locator("#history td.number").first
        expect(duration).to_have_text("")
        open_gate()
        expect(duration).to_have_text(re.compile(r"[\d.]+ m?s"))


def test_an_empty_history_is_no_empty_table(page: Page, emulator: Emulator) -> None:
    expect(page.get_by_role("region", name="Invocations")).to_be_hidden()
    expect(page.get_by_role("button", name="Clear")).to_be_hidden()
    invoke(page, {})
    outcome(page, "Succeeded")
    expect(page.get_by_role("region", name="Invocations")).to_be_visible()
    ended(emulator.url)  # only what has ended is removed
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_role("region", name="Invocations")).to_be_hidden()


def test_an_asynchronous_invocation_is_followed_to_its_end(page: Page) -> None:
    invoke(page, {"order": "later"}, "Asynchronous")
    outcome(page, "Succeeded")
    expect(page.locator("#history td").nth(2)).to_have_text("async")
    expect(page.locator("#log")).to_contain_text("asked for later")


def test_retries_are_one_invocation(
    browser: Browser,
    functions: list[Path],
    gate: Callable[[str], tuple[str, Callable[[], object]]],
) -> None:
    path, open_gate = gate("gate")
    retries = EventInvokeConfig(max_retries=1, retry_delay=0)
    with (
        Emulator(functions=functions[:1], event_invoke=retries) as emulator,
        opened(browser, emulator.url) as page,
    ):
        invoke(page, {"order": "never", "gates": [path], "error": "no"}, "Asynchronous")
        for word in ("Running", "Running, attempt 2"):
            outcome(page, word)
            open_gate()
        outcome(page, "LookupError")
        expect(page.locator("#log")).to_have_text(
            re.compile("asked for never.*asked for never", re.DOTALL)
        )
        expect(page.locator("#history tr")).to_have_count(1)


def test_what_is_written_outside_of_invocations_is_shown(
    page: Page, gate: Callable[[str], tuple[str, Callable[[], object]]]
) -> None:
    path, open_gate = gate("gate")
    invoke(page, {"order": "slow", "gates": [path]})
    expect(page.locator("#log")).to_contain_text("asked for slow")
    invoke(page, {"order": "fast"})  # starts another environment: the first one is busy
    expect(page.locator("#log")).to_contain_text("asked for fast")
    outcome(page, "Succeeded")
    page.get_by_text("Log outside of invocations").click()
    expect(page.locator("#outside-log")).to_contain_text("orders are open")
    open_gate()
    expect(page.locator("#history .success")).to_have_count(2)


FAULTS = {
    '{"order":\n  oops}': "Line 2, column 3: o cannot be here",
    "[1, 2": "Line 1, column 6: the end is missing",
    "[1,]": "Line 1, column 4: ] cannot be here",
    '{"a": 1,\n}': "Line 2, column 1: } cannot be here",
    '{"a" 1}': "Line 1, column 6: 1 cannot be here",
    "[01]": "Line 1, column 3: 1 cannot be here",
    "{} {}": "Line 1, column 4: { cannot be here",
    '["\\x"]': 'Line 1, column 2: " cannot be here',
    "NaN": "Line 1, column 1: N cannot be here",
    "{": "Line 1, column 2: the end is missing",
}


def test_a_fault_is_told_with_its_place(page: Page) -> None:
    event = page.get_by_label("Event as JSON")
    for text, told in FAULTS.items():
        event.fill(text)
        expect(page.locator("#check")).to_have_text(told)


def test_json_is_checked_as_it_is_typed(page: Page) -> None:
    event = page.get_by_label("Event as JSON")
    event.fill('{"order":\n  oops}')
    expect(page.locator("#check")).to_have_class("bad")
    expect(event).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("button", name="Invoke")).to_be_disabled()
    event.press("Control+Enter")  # nor is it sent like this
    event.fill('{"order": 1}')
    expect(page.locator("#check")).to_have_text("Valid JSON")
    expect(page.get_by_role("button", name="Invoke")).to_be_enabled()
    expect(page.locator("#history tr")).to_have_count(0)


def test_formatting_changes_no_value(page: Page) -> None:
    event = page.get_by_label("Event as JSON")
    event.fill('{"a":[12345678901234567890,1.0,{},[]],"a":"x, \\"{y}: "}')
    event.press("Alt+Shift+F")
    expect(event).to_have_value(
        '{\n  "a": [\n    12345678901234567890,\n    1.0,\n    {},\n    []\n  ],\n'
        '  "a": "x, \\"{y}: "\n}'
    )


def test_keys_alone_invoke_and_save(page: Page, functions: list[Path]) -> None:
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the link that skips what is before the event
    expect(page.get_by_label("Event as JSON")).to_be_focused()
    page.keyboard.type('{"order": "typed"}')
    page.keyboard.press("Control+Enter")
    outcome(page, "Succeeded")
    page.keyboard.press("Control+s")
    page.keyboard.type("typed")
    page.keyboard.press("Enter")
    expect(page.locator("#check")).to_have_text("Saved as typed")
    assert (functions[0] / "events" / "typed.json").read_text() == '{"order": "typed"}\n'
    expect(page.get_by_label("Event", exact=True)).to_have_value(re.compile(r"/events/typed$"))


def test_saving_can_be_cancelled(page: Page, functions: list[Path]) -> None:
    page.get_by_role("button", name="Save…").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert not (functions[0] / "events").exists()


def test_the_events_of_a_function_are_offered(browser: Browser, functions: list[Path]) -> None:
    orders = functions[0]
    (orders / "event.json").write_text('{"order":"usual"}')
    (orders / "events").mkdir()
    (orders / "events" / "other.json").write_text('{"order":"other"}')
    with Emulator(functions=[orders]) as emulator, opened(browser, emulator.url) as page:
        event = page.get_by_label("Event as JSON")
        expect(event).to_have_value('{\n  "order": "usual"\n}')
        page.get_by_label("Event", exact=True).select_option("other")
        expect(event).to_have_value('{\n  "order": "other"\n}')


def test_samples_are_offered(page: Page) -> None:
    pytest.importorskip("lambda_events")
    page.get_by_label("Event", exact=True).select_option("SQSEvent")
    event = page.get_by_label("Event as JSON")
    expect(event).to_have_value(re.compile('"eventSource": "aws:sqs"'))
    page.get_by_role("button", name="Invoke").click()
    outcome(page, "Succeeded")


def test_what_other_clients_invoke_is_shown(page: Page, emulator: Emulator) -> None:
    page.request.post(
        f"{emulator.url}/2015-03-31/functions/orders/invocations", data={"order": "elsewhere"}
    )
    outcome(page, "Succeeded")
    expect(page.locator("#log")).to_contain_text("asked for elsewhere")


def test_history_outlives_the_page_and_runs_again(page: Page, emulator: Emulator) -> None:
    invoke(page, {"order": "first"})
    outcome(page, "Succeeded")
    page.reload()
    rows = page.locator("#history tr")
    expect(rows).to_have_count(1)
    rows.first.get_by_role("button", name="Run again").click()
    expect(rows).to_have_count(2)
    outcome(page, "Succeeded")
    expect(page.locator("#log")).to_contain_text("asked for first")
    rows.last.get_by_role("button").first.click()
    expect(rows.last).to_have_attribute("aria-current", "true")
    page.get_by_role("button", name="Edit event").click()
    expect(page.get_by_label("Event as JSON")).to_have_value('{"order": "first"}')
    ended(emulator.url)
    page.get_by_role("button", name="Clear").click()
    expect(rows).to_have_count(0)
    page.reload()
    expect(page.locator("#connection")).to_have_text("Connected")
    expect(rows).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_light_and_in_dark(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    invoke(page, {"order": "A-1"})
    outcome(page, "Succeeded")
    faint = page.evaluate(CONTRAST)
    assert faint == []
    expect(page.locator("body")).to_have_css(
        "background-color", "rgb(15, 19, 23)" if scheme == "dark" else "rgb(244, 245, 247)"
    )


@contextmanager
def opened_elsewhere(browser: Browser, emulator: Emulator) -> Generator[Page]:
    """A page of another origin, but of this machine: it may ask more than one of the web."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(emulator.function_url("orders").replace("127.0.0.1", "localhost"))
        yield page


def test_no_other_page_can_drive_it(browser: Browser, emulator: Emulator) -> None:
    post = """(url) => fetch(`${url}/_console/api/functions/orders/invocations`,
        { method: "POST", mode: "no-cors", body: "{}" }).then((response) => response.type)"""
    with opened_elsewhere(browser, emulator) as page, opened(browser, emulator.url) as watching:
        rows = watching.locator("#history tr")
        expect(rows).to_have_count(1)  # that of the other page's own URL
        assert (
            page.evaluate(post, emulator.url) == "opaque"
        )  # it is sent, but the page cannot read the answer
        invoke(watching, {"order": "own"})
        expect(rows).to_have_count(2)
        outcome(watching, "Succeeded")
        expect(rows).to_have_count(2)


def test_no_other_page_can_frame_it(browser: Browser, emulator: Emulator) -> None:
    add_frame = """(url) => new Promise((resolve) => {
        const frame = document.createElement("iframe");
        frame.src = url;
        frame.onload = resolve;
        document.body.append(frame);
    })"""
    with opened_elsewhere(browser, emulator) as page:
        page.evaluate(add_frame, emulator.url)
        # Not the frame's `url`, which may be updated only after the load.
        shown = page.frames[-1].evaluate("location.href")
        assert shown.startswith("chrome-error:")


def test_no_name_that_is_bent_to_this_machine_opens_it(
    browser: Browser, emulator: Emulator
) -> None:
    port = emulator.url.rpartition(":")[2]
    with browser.new_context() as context:
        response = context.new_page().goto(f"http://bent.example:{port}/")
        assert response is not None
        assert response.status == 403
