"""Take the screenshots of the emulator's console that are in docs/images.

    uv run scripts/screenshots.py

Each is taken in light and in dark colours, 1280 pixels wide, and one 390 pixels wide, as on a
phone. It needs Chromium, such as Debian's package ``chromium``.
"""

import json
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from lambda_emulator import DurableConfig, Emulator, configure

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
SAMPLES = ROOT / "samples"
SIZE = ViewportSize(width=1280, height=1200)
LIMIT = 30_000  # milliseconds
PHONE = ViewportSize(width=390, height=844)
FUNCTIONS = {
    "orders": """
import lambda_runtime
from lambda_logging import log

PRICES = {"A-1": 12.5, "B-2": 3.0}

def handler(event, context):
    log.info("an order", item=event["item"])
    if event.get("count", 1) > 5:
        log.warning("stock is low", item=event["item"])
    return {"item": event["item"], "total": PRICES[event["item"]] * event.get("count", 1)}

lambda_runtime.run(handler)
""",
    "shop": """
import json
import lambda_runtime

ITEMS = {"A-1": {"price": 12.5, "tags": ["new"]}}

def handler(event, context):
    item = ITEMS.get(event["rawPath"].rpartition("/")[2])
    return {
        "statusCode": 200 if item else 404,
        "headers": {"Content-Type": "application/json", "Cache-Control": "no-store"},
        "body": json.dumps(item or {"message": "There is no such item."}),
    }

lambda_runtime.run(handler)
""",
    "story": """
import time
import lambda_runtime
from lambda_runtime import HttpPrelude

def handler(event, context):
    yield HttpPrelude(200, headers={"Content-Type": "text/plain"})
    for word in "Once upon a time there was a function that could not wait".split():
        yield word + " "
        time.sleep(0.02)

lambda_runtime.run(handler)
""",
    "traced": (SAMPLES / "traced" / "__main__.py").read_text("utf-8"),
}
TRACED = {"items": ["tea", "cup"], "currencies": ["EUR", "CHF"]}
LARGE_ORDER = {"id": 8, "item": "a piano", "total": 4700}


def main() -> None:
    """Take each screenshot in light and in dark colours."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if chromium is None:
        sys.exit("No Chromium is installed: apt-get install chromium")
    IMAGES.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=LIMIT)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        targets = [write(Path(folder) / name, source) for name, source in FUNCTIONS.items()]
        # They all start at once, and a start over the limit would have no init duration to show.
        functions = [
            configure(target, timeout=30, init_timeout=60, memory_mb=256, log_format="json")
            for target in targets
        ]
        durable = SAMPLES / "durable_order"
        functions.append(configure(durable, "approval", timeout=30, durable=DurableConfig()))
        browser = playwright.chromium.launch(executable_path=chromium)
        schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
        for scheme in schemes:
            # Another emulator for each, so that both show the same state.
            with Emulator(functions) as emulator:
                take(browser, emulator.url, scheme)
        browser.close()


def write(folder: Path, source: str) -> Path:
    """Write a function; return its directory."""
    folder.mkdir()
    (folder / "__main__.py").write_text(source)
    return folder


def take(browser: Browser, url: str, scheme: Literal["light", "dark"]) -> None:
    """Use the console, and take its pictures."""
    with browser.new_context(color_scheme=scheme, viewport=SIZE) as context:
        page = context.new_page()
        page.goto(url)
        expect(page.locator("#connection")).to_have_text("Connected")
        page.get_by_label("Function").select_option("story")
        for _ in range(2):
            invoke(page, {}, "Streaming", "200 OK")
        save(page, "stream", scheme)
        page.get_by_label("Function").select_option("shop")
        page.get_by_label("HTTP request").check()
        for path, outcome in (("/items/A-1", "200 OK"), ("/items/B-2", "404 Not Found")):
            page.get_by_label("Path and query").fill(path)
            page.get_by_role("button", name="Invoke").click()
            expect(page.locator("#outcome")).to_have_text(outcome)
        save(page, "http", scheme)
        page.get_by_label("Raw event").check()
        page.get_by_label("Function").select_option("orders")
        for count in range(1, 9):
            invoke(page, {"item": "A-1", "count": count}, "Synchronous", "Succeeded")
        save(page, "answer", scheme)
        invoke(page, {"item": "C-3"}, "Asynchronous", "KeyError")
        save(page, "error", scheme)
        page.get_by_label("Function").select_option("traced")
        for _ in range(2):
            invoke(page, TRACED, "Synchronous", "Succeeded")
        expect(page.locator("#spans li")).to_have_count(6)
        page.locator("#trace").screenshot(path=IMAGES / f"console-trace-{scheme}.png")
        page.get_by_label("Function").select_option("approval")
        expect(page.get_by_label("Event as JSON")).to_have_value(re.compile("bread"))
        page.get_by_label("Event as JSON").fill(json.dumps(LARGE_ORDER, indent=2))
        page.get_by_role("button", name="Invoke").click()
        expect(page.locator("#callbacks")).to_contain_text("waits for an answer")
        page.locator("#executions").screenshot(path=IMAGES / f"console-durable-{scheme}.png")
        page.set_viewport_size(PHONE)
        page.get_by_label("Function").select_option("orders")
        page.locator("#history tr", has_text="KeyError").first.locator("a, button").first.click()
        expect(page.locator("#outcome")).to_have_text("KeyError")
        page.locator("#result").scroll_into_view_if_needed()
        page.screenshot(path=IMAGES / f"console-phone-{scheme}.png")


def invoke(page: Page, event: object, kind: str, outcome: str) -> None:
    """Invoke the chosen function, and wait for its end."""
    rows = page.locator("#history tr")
    before = rows.count()
    page.get_by_label("Event as JSON").fill(json.dumps(event))
    page.get_by_label("Event as JSON").press("Alt+Shift+F")
    page.get_by_label(kind, exact=True).check()
    page.get_by_role("button", name="Invoke").click()
    expect(rows).to_have_count(before + 1)
    expect(page.locator("#outcome")).to_have_text(outcome)


def save(page: Page, name: str, scheme: str) -> None:
    """Save what is seen as console-NAME-SCHEME.png."""
    page.locator("h1").click()  # no focus ring
    page.screenshot(path=IMAGES / f"console-{name}-{scheme}.png")


if __name__ == "__main__":
    main()
