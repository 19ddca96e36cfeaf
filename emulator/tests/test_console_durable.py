"""Durable executions in the console, as somebody looks at them and answers a callback."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from lambda_emulator import DurableConfig, Emulator

from .browser import CHROMIUM, CONTRAST, needs_chromium, opened

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

pytestmark = needs_chromium
expect.set_options(timeout=30_000)

FUNCTION = """
from aws_durable_execution_sdk_python import durable_execution, durable_step
from aws_durable_execution_sdk_python.config import Duration, StepConfig
from aws_durable_execution_sdk_python.retries import RetryStrategyConfig, create_retry_strategy

TRIES = []

@durable_step
def reserve(step, order):
    TRIES.append(order)
    if len(TRIES) < 2:
        raise LookupError("the stock does not answer")
    return "reserved"

@durable_execution
def handler(event, context):
    strategy = create_retry_strategy(
        RetryStrategyConfig(max_attempts=3, initial_delay=Duration.from_minutes(1))
    )
    context.step(reserve(event), name="reserve", config=StepConfig(retry_strategy=strategy))
    context.wait(Duration.from_hours(2), name="two hours")
    approval = context.create_callback(name="approval")
    return {"approved": approval.result()}
"""


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Page]:
    (tmp_path / "app.py").write_text(FUNCTION)
    monkeypatch.chdir(tmp_path)
    with (
        Emulator(
            {"orders": "app.handler"},
            durable=DurableConfig(),
            timeout=60,
            init_timeout=60,
            skip_time=True,
        ) as emulator,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        size = {"width": 1280, "height": 900}
        with opened(browser, emulator.url, viewport=size, color_scheme="light") as page:
            yield page
        browser.close()


def test_an_execution_is_a_timeline_whose_callback_is_answered(page: Page) -> None:
    section = page.get_by_role("region", name="Durable executions", exact=True).first
    expect(section).to_contain_text("No executions yet")
    page.locator("#event").fill('{"id": 7}')
    page.locator("#invoke").click()
    callbacks = section.get_by_role("list", name="Callbacks")
    expect(callbacks).to_contain_text("waits for an answer")
    timeline = section.get_by_role("list", name="Timeline")
    rows = timeline.get_by_role("listitem")
    expect(rows).to_contain_text(["replay", "reserve", "two hours", "approval"])
    expect(rows.nth(1)).to_contain_text("succeeded, 2 attempts")
    expect(rows.nth(2)).to_contain_text("2.0 h")
    expect(rows.nth(3)).to_contain_text("waiting")
    expect(section.locator("#execution-status")).to_have_text("running")

    # A form that somebody types in stays what it is while the page looks again.
    answer = section.get_by_label("Answer for approval")
    answer.fill("by Ada")
    section.get_by_role("button", name="Pause").click()
    expect(section.locator("#execution-status")).to_have_text("paused")
    expect(answer).to_have_value("by Ada")
    section.get_by_role("button", name="Resume").click()
    section.get_by_role("button", name="Succeed").click()
    expect(section.locator("#execution-status")).to_have_text("succeeded")
    expect(section.get_by_label("Result of the execution")).to_have_text('{"approved": "by Ada"}')
    expect(rows.first).to_contain_text(re.compile(r"\d invocations \d replay"))
    expect(callbacks).to_be_hidden()

    # Of the event of one of its invocations, what is run again is the execution's own.
    page.locator("#history").get_by_role("button", name="Run again").first.click()
    expect(callbacks).to_contain_text("waits for an answer")
    expect(section.get_by_label("Input")).to_have_text('{"id": 7}')
    expect(section.locator("#executions-list").get_by_role("row")).to_have_count(2)
    for width, scheme in ((1280, "dark"), (390, "light")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        names = section.locator("#timeline .span-name")
        cut = names.evaluate_all("all => all.filter((each) => each.scrollWidth > each.clientWidth)")
        assert cut == []
        assert page.evaluate(CONTRAST) == []
    section.get_by_label("Answer for approval").fill("too late")
    section.get_by_role("button", name="Fail").click()
    expect(section.locator("#execution-status")).to_have_text("failed")
    expect(section.get_by_label("Result of the execution")).to_contain_text("too late")
