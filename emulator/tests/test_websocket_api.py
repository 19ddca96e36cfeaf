"""WebSocket APIs: connections, messages, routes, limits, and what functions send through boto3."""

from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp
import boto3
import pytest
from aiohttp import WSMsgType
from botocore.config import Config
from botocore.exceptions import ClientError

from lambda_emulator import Emulator, configure
from lambda_emulator._gateway import websocket_api
from lambda_emulator._gateway.gateway import GatewayOptions
from lambda_emulator._project.description import Api, Authorizer, Place, Route

from .conftest import LIMIT, until

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

FUNCTION = Path(__file__).parent / "functions" / "gateway.py"
PLACE = Place(path=Path("template.yaml"))
PAGE = "https://chat.example"


def a_route(key: str, **options: Any) -> Route:
    given: dict[str, Any] = {"function": "chat", **options}
    return Route(**given, method="", path=key, place=PLACE)


class Chat:
    """An emulator with a WebSocket API, and the $disconnect events of its function."""

    def __init__(self, emulator: Emulator, ends: Path) -> None:
        self.emulator = emulator
        self.url = emulator.api_url("chat")
        self._ends = ends

    def end_of(self, connection_id: str) -> Any:
        """Wait for the event of a connection's end."""

        def find() -> Any:
            lines = self._ends.read_text().splitlines() if self._ends.exists() else []
            events = [json.loads(line) for line in lines]
            own = [e for e in events if e["requestContext"]["connectionId"] == connection_id]
            return own and own[0]

        return until(find)

    def client(self, endpoint: str | None = None) -> Any:
        return boto3.client(
            "apigatewaymanagementapi",
            endpoint_url=endpoint or self.url.replace("ws://", "http://"),
            region_name="us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
            config=Config(retries={"total_max_attempts": 1}),
        )

    def connected(
        self,
        body: Callable[[aiohttp.ClientWebSocketResponse], Awaitable[Any]],
        query: str = "",
        api: str = "chat",
        **options: Any,
    ) -> Any:
        """Connect, and do something with the connection."""

        async def connect() -> Any:
            url = self.emulator.api_url(api) + query
            async with (
                aiohttp.ClientSession() as session,
                session.ws_connect(url, max_msg_size=0, **options) as socket,
                asyncio.timeout(LIMIT),
            ):
                return await body(socket)

        return asyncio.run(connect())

    def refused(self, query: str = "", api: str = "chat", **options: Any) -> int:
        async def nothing(_socket: Any) -> None:
            pass

        with pytest.raises(aiohttp.WSServerHandshakeError) as raised:
            self.connected(nothing, query, api, **options)
        return raised.value.status


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    ends = tmp_path_factory.mktemp("chat") / "ends"
    functions = {
        "chat": configure(FUNCTION, "chat", timeout=LIMIT, environment={"ENDS": str(ends)}),
        "auth": configure(FUNCTION, "auth", timeout=LIMIT),
    }
    api = Api(
        name="chat",
        kind="websocket",
        place=PLACE,
        stage="dev",
        stage_variables={"color": "red"},
        routes=(
            a_route("$connect"),
            a_route("$disconnect"),
            a_route("$default", responds=True),
            a_route("echo", responds=True),
            a_route("quiet"),
            a_route("nobody", function="nobody"),
        ),
    )
    authorizer = Authorizer(
        name="auth",
        kind="request",
        function="auth",
        identity_sources=("route.request.querystring.token",),
    )
    closed = Api(
        name="closed",
        kind="websocket",
        place=PLACE,
        stage="dev",
        authorizers={"auth": authorizer},
        routes=(a_route("$connect", authorizer="auth"), a_route("echo", responds=True)),
    )
    options = GatewayOptions(page_origins=(PAGE,))
    with Emulator(functions, apis=[api, closed], api_options=options) as emulator:
        yield Chat(emulator, ends)


async def ask(socket: aiohttp.ClientWebSocketResponse, message: str) -> Any:
    await socket.send_str(message)
    return json.loads(await socket.receive_str())


def test_messages(chat: Chat) -> None:
    async def talk(socket: aiohttp.ClientWebSocketResponse) -> Any:
        first = await ask(socket, '{"action": "echo", "x": 1}')
        return first, await ask(socket, "no JSON"), await ask(socket, '{"action": "$connect"}')

    first, second, third = chat.connected(talk)
    context = first["requestContext"]
    assert first["body"] == '{"action": "echo", "x": 1}'
    assert first["stageVariables"] == {"color": "red"}
    assert (context["routeKey"], context["eventType"]) == ("echo", "MESSAGE")
    assert (context["stage"], context["apiId"]) == ("dev", "chat")
    assert context["messageId"]
    assert context["identity"]["sourceIp"] == "127.0.0.1"
    assert f"ws://{context['domainName']}/dev" == chat.url
    assert second["requestContext"]["routeKey"] == "$default"
    assert third["requestContext"]["routeKey"] == "$default"
    assert second["requestContext"]["connectionId"] == context["connectionId"]
    end = chat.end_of(context["connectionId"])["requestContext"]
    assert (end["eventType"], end["routeKey"]) == ("DISCONNECT", "$disconnect")
    assert (end["disconnectStatusCode"], end["connectedAt"]) == (1000, context["connectedAt"])


def test_connections_that_are_refused(chat: Chat) -> None:
    assert chat.refused("?status=403") == 403
    assert chat.refused("?status=500") == 500
    assert chat.refused("/other") == 403
    assert chat.refused(headers={"Origin": "https://x.example"}) == 403
    assert chat.refused(api="closed") == 401
    assert chat.refused("?token=deny", "closed") == 403
    assert chat.refused("?token=fail", "closed") == 500


def test_page_and_protocol(chat: Chat) -> None:
    async def protocol(socket: aiohttp.ClientWebSocketResponse) -> Any:
        return socket.protocol

    headers = {"Origin": PAGE}
    assert chat.connected(protocol, "?protocol", headers=headers, protocols=("chat",)) == "chat"


def test_authorizer(chat: Chat) -> None:
    async def talk(socket: aiohttp.ClientWebSocketResponse) -> Any:
        return await ask(socket, '{"action": "echo"}'), await ask(socket, '{"action": "other"}')

    first, second = chat.connected(talk, "?token=allow", "closed")
    authorizer = first["requestContext"]["authorizer"]
    assert authorizer["principalId"] == "someone"
    asked = json.loads(authorizer["event"])
    assert asked["type"] == "REQUEST"
    assert asked["methodArn"].endswith(":closed/dev/$connect")
    assert asked["requestContext"]["eventType"] == "CONNECT"
    assert asked["queryStringParameters"] == {"token": "allow"}
    # There is neither such a route nor $default.
    ids = {"connectionId": first["requestContext"]["connectionId"]}
    assert second == {"message": "Forbidden", **ids, "requestId": second["requestId"]}


def test_functions_that_fail(chat: Chat) -> None:
    async def talk(socket: aiohttp.ClientWebSocketResponse) -> Any:
        await socket.send_str('{"action": "quiet"}')  # has no response
        answers = [await ask(socket, text) for text in ("fail", "malformed")]
        return [*answers, await ask(socket, '{"action": "nobody"}')]

    for answer in chat.connected(talk):
        assert answer["message"] == "Internal server error"
        assert answer["connectionId"]


def test_management_api(chat: Chat) -> None:
    async def talk(socket: aiohttp.ClientWebSocketResponse) -> str:
        context = (await ask(socket, "x"))["requestContext"]
        call = asyncio.to_thread
        name = {"ConnectionId": context["connectionId"]}
        for endpoint in (None, chat.emulator.url, f"{chat.emulator.url}/dev"):
            client = chat.client(endpoint)
            await call(client.post_to_connection, **name, Data="h\u00e9llo".encode())
            assert await socket.receive_str() == "h\u00e9llo"
        described = await call(client.get_connection, **name)
        assert int(described["ConnectedAt"].timestamp() * 1000) == context["connectedAt"]
        assert described["LastActiveAt"] >= described["ConnectedAt"]
        assert described["Identity"]["SourceIp"] == "127.0.0.1"
        with pytest.raises(ClientError, match="PayloadTooLargeException"):
            await call(client.post_to_connection, **name, Data=b"x" * (128 * 1024 + 1))
        await call(client.post_to_connection, **name, Data=b"x" * 128 * 1024)
        assert len(await socket.receive_str()) == 128 * 1024
        await call(client.delete_connection, **name)
        assert (await socket.receive()).type is WSMsgType.CLOSE
        for method in (client.get_connection, client.delete_connection):
            with pytest.raises(client.exceptions.GoneException):
                await call(method, **name)
        with pytest.raises(client.exceptions.GoneException):
            await call(client.post_to_connection, **name, Data=b"x")
        return str(context["connectionId"])

    chat.end_of(chat.connected(talk))


def test_limits_of_messages(chat: Chat) -> None:
    async def too_large(socket: aiohttp.ClientWebSocketResponse) -> Any:
        await socket.send_str("x" * (128 * 1024 + 1))
        message = await socket.receive()
        return message.type, message.data

    async def large_frame(socket: aiohttp.ClientWebSocketResponse) -> Any:
        answer = await ask(socket, "x" * 32 * 1024)
        assert len(answer["body"]) == 32 * 1024
        await socket.send_str("x" * (32 * 1024 + 1))
        message = await socket.receive()
        return message.type, message.data

    async def binary(socket: aiohttp.ClientWebSocketResponse) -> Any:
        await socket.send_bytes(b"x")
        message = await socket.receive()
        return message.type, message.data

    assert chat.connected(too_large) == (WSMsgType.CLOSE, 1009)
    assert chat.connected(large_frame) == (WSMsgType.CLOSE, 1009)
    assert chat.connected(binary) == (WSMsgType.CLOSE, 1003)


def test_a_client_that_leaves_before_its_connection_is_taken(tmp_path: Path) -> None:
    asked, gate, ends = (tmp_path / name for name in ("asked", "gate", "ends"))
    (tmp_path / "chat.py").write_text(
        "import json, pathlib, time\nfrom lambda_runtime import run\n"
        "def handler(event):\n"
        "    context = event['requestContext']\n"
        "    if context['eventType'] == 'CONNECT':\n"
        f"        pathlib.Path({str(asked)!r}).write_text(context['connectionId'])\n"
        f"        while not pathlib.Path({str(gate)!r}).exists():\n"
        "            time.sleep(0.01)\n"
        "    else:\n"
        f"        pathlib.Path({str(ends)!r}).write_text(json.dumps(event))\n"
        "    return {'statusCode': 200}\n"
        "run(handler)\n"
    )
    routes = (a_route("$connect"), a_route("$disconnect"))
    api = Api(name="chat", kind="websocket", place=PLACE, routes=routes)
    functions = {"chat": configure(tmp_path / "chat.py", "chat", timeout=LIMIT)}
    with Emulator(functions, apis=[api]) as emulator:
        url = urlsplit(emulator.api_url("chat"))
        with socket.create_connection((url.hostname or "", url.port or 0), LIMIT) as client:
            client.sendall(
                b"GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
                b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n" % (url.path or "/").encode()
            )
            until(asked.exists)
        gate.touch()
        until(ends.exists)
        context = json.loads(until(ends.read_text))["requestContext"]
    assert context["connectionId"] == asked.read_text()
    assert context["disconnectStatusCode"] == 1006


def test_idle_connections_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(websocket_api, "IDLE_SECONDS", 0.1)
    api = Api(name="chat", kind="websocket", place=PLACE, routes=(a_route("$disconnect"),))
    env = {"ENDS": str(tmp_path / "ends")}
    functions = {"chat": configure(FUNCTION, "chat", timeout=LIMIT, environment=env)}
    with Emulator(functions, apis=[api]) as emulator:
        own = Chat(emulator, tmp_path / "ends")

        async def wait(socket: aiohttp.ClientWebSocketResponse) -> Any:
            message = await socket.receive()
            return message.type, message.data

        assert own.connected(wait) == (WSMsgType.CLOSE, 1001)
        until((tmp_path / "ends").exists)
        context = json.loads(until((tmp_path / "ends").read_text))["requestContext"]
        assert (context["disconnectStatusCode"], context["disconnectReason"]) == (
            1001,
            "Going away",
        )
