"""Six shapes of projects, each served as a whole: with moto, boto3, and a browser."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from lambda_emulator._bus_events import Answered, Invoked
from lambda_emulator._log import Output
from lambda_emulator._project.configure import configure_project
from lambda_emulator._project.read import read_project
from lambda_emulator._server import EmulatorServer
from lambda_emulator._sources.send import Sending, send

from .browser import CHROMIUM, needs_chromium
from .conftest import LIMIT, OPTIONS, until

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from lambda_emulator._bus import Subscription

    Service = Callable[[str], Any]

PROJECTS = Path(__file__).parent / "projects"


class Served:
    """A project that is served, and what its functions are invoked with."""

    def __init__(self, server: EmulatorServer, subscription: Subscription) -> None:
        self.server = server
        self._subscription = subscription
        self._asked: dict[str, tuple[str, Any]] = {}
        self._answered: list[tuple[str, Any, Any]] = []

    async def answer(self, function: str) -> tuple[Any, Any]:
        """Wait for an invocation of a function; return the event and the response."""
        while True:
            for each in self._answered:
                if each[0] == function:
                    self._answered.remove(each)
                    return each[1:]
            for event in await self._subscription.take():
                if isinstance(event, Invoked):
                    self._asked[event.request_id] = event.function, json.loads(event.event)
                elif isinstance(event, Answered):
                    name, asked = self._asked[event.request_id]
                    self._answered.append((name, asked, json.loads(event.payload or b"null")))

    async def send(self, target: str, data: str = "") -> None:
        await send(self.server.sources, Sending(target, data))

    def client(self, service: str) -> Any:
        import boto3

        return boto3.client(service, endpoint_url=self.server.url, region_name="us-east-1")


@asynccontextmanager
async def serving(path: str) -> AsyncGenerator[Served]:
    """Serve a project, with its event sources."""
    options = {**OPTIONS, "python": sys.executable, "timeout": LIMIT}
    served = configure_project(read_project(PROJECTS / path), options, {"timeout"})
    configs = [each._replace(init_timeout=LIMIT) for each in served.configs]
    project = served.project
    server = EmulatorServer(
        configs, Output(lambda _: None), port=0, apis=project.apis, skip_time=True
    )
    async with asyncio.timeout(LIMIT), server:
        with server.bus.subscribe() as subscription:
            sources = server.sources.run(project.sources, project.triggers)
            running = asyncio.create_task(sources)
            await asyncio.sleep(0)
            try:
                yield Served(server, subscription)
            finally:
                running.cancel()
                await asyncio.wait({running})


@pytest.fixture(scope="module", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp().parent / "cache"))
        yield


def test_http_api() -> None:
    async def scenario() -> None:
        async with serving("http_api/template.yaml") as served, aiohttp.ClientSession() as session:
            assert served.server.gateway is not None
            [name] = served.server.gateway.apis
            url = served.server.gateway.url(name)
            for path, token, status in (
                ("health", None, 200),
                ("orders/1", None, 401),
                ("orders/1", "wrong", 403),
                ("orders/1", "secret", 200),
                ("nothing", None, 404),
            ):
                headers = {} if token is None else {"Authorization": token}
                async with session.get(f"{url}/{path}", headers=headers) as answer:
                    assert answer.status == status
            event, _ = await served.answer("Orders")
            assert event["routeKey"] == "GET /health"
            event, response = await served.answer("Orders")
            assert event["requestContext"]["authorizer"] == {"lambda": {"user": "Ada"}}
            assert response["table"] == "orders-dev"

    asyncio.run(scenario())


def test_rest_api() -> None:
    async def scenario() -> None:
        async with serving("rest_api/template.yaml") as served, aiohttp.ClientSession() as session:
            assert served.server.gateway is not None
            url = served.server.gateway.url("Shop")
            async with session.get(f"{url}/a/b") as answer:
                assert (answer.status, await answer.text()) == (200, "/a/b")
            for query, key, body, status in (
                ("?page=1", "key-1", {"item": "bread"}, 200),
                ("?page=1", "other", {"item": "bread"}, 401),
                ("", "key-1", {"item": "bread"}, 400),
                ("?page=1", "key-1", {}, 400),
            ):
                async with session.post(
                    f"{url}/orders{query}", json=body, headers={"X-Key": key}
                ) as answer:
                    assert answer.status == status

    asyncio.run(scenario())


def test_queue_worker(service: Service) -> None:
    sqs = service("sqs")
    url = sqs.create_queue(QueueName="jobs")["QueueUrl"]

    def left() -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(int(found[name]) for name in names)

    for kind in ("resize", "other"):
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"kind": kind}))

    async def scenario() -> None:
        async with serving("queue_worker/template.yaml") as served:
            event, _ = await served.answer("Worker")
            assert [json.loads(each["body"]) for each in event["Records"]] == [{"kind": "resize"}]
            await asyncio.to_thread(until, lambda: left() == 0)
            await served.send("sns://Announcements", "news")
            event, _ = await served.answer("Worker")
            assert event["Records"][0]["Sns"]["Message"] == "news"
            audited, _ = await served.answer("Audit")
            assert audited["requestContext"]["condition"] == "Success"
            assert audited["requestPayload"] == event

    asyncio.run(scenario())


def test_stream(service: Service) -> None:
    dynamodb = service("dynamodb")
    dynamodb.create_table(
        TableName="accounts",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )

    async def scenario() -> None:
        async with serving("stream/template.json") as served:

            async def put() -> None:
                item = {"id": {"S": "ada"}}
                while True:  # it begins with the latest, which may be the second one
                    await asyncio.to_thread(dynamodb.put_item, TableName="accounts", Item=item)
                    await asyncio.sleep(0.2)

            putting = asyncio.create_task(put())
            event, response = await served.answer("projector-us-east-1")
            putting.cancel()
            assert event["Records"][0]["dynamodb"]["NewImage"] == {"id": {"S": "ada"}}
            assert response == len(event["Records"])

    asyncio.run(scenario())


def test_schedule(service: Service) -> None:
    async def scenario() -> None:
        async with serving("schedule/cdk.out") as served:
            rule = next(
                each.trigger.name
                for each in served.server.sources.triggers
                if each.trigger.function != "watch"
            )
            await served.send(f"schedule://{rule}")
            event, response = await served.answer("Nightly5D3AD11C")
            assert (event, response) == ({"full": True}, True)
            await served.send("schedule://Hourly")
            assert (await served.answer("watch"))[1] == "aws.scheduler"
            entry = {"Source": "shop", "DetailType": "paid", "Detail": "{}"}
            client = await asyncio.to_thread(served.client, "events")
            await asyncio.to_thread(client.put_events, Entries=[entry])
            assert (await served.answer("watch"))[1] == "shop"

    service("events")
    asyncio.run(scenario())


@needs_chromium
def test_web_application(service: Service) -> None:
    from playwright.async_api import async_playwright

    async def scenario() -> None:
        async with serving("web_application/template.yaml") as served, async_playwright() as play:
            browser = await play.chromium.launch(executable_path=CHROMIUM)
            page = await browser.new_page()
            answer = await page.goto(served.server.function_url("Site"))
            assert answer is not None
            assert answer.status == 200
            assert await page.locator("h1").text_content() == "Hello"
            await browser.close()
            await served.send("s3://uploads/cat.png")

            client = await asyncio.to_thread(served.client, "lambda")

            def executions() -> Any:
                return client.list_durable_executions_by_function(
                    FunctionName="Thumbnails", Statuses=["SUCCEEDED"]
                )["DurableExecutions"]

            [execution] = await asyncio.to_thread(until, executions)
            assert execution["Status"] == "SUCCEEDED"

    service("lambda")
    asyncio.run(scenario())
