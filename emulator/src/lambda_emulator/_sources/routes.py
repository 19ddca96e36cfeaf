"""The routes by which events come to the emulator; what handles them is loaded when one comes."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from aiohttp import web

from lambda_emulator._connections import read_body
from lambda_emulator._operation import refuse

from .paths import NOTIFICATIONS_PATH, SEND_PATH

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .hub import EventSources

_TARGET = "AWSEvents."


def event_routes(sources: Callable[[], EventSources]) -> list[web.RouteDef]:
    """Return the routes that take events: EventBridge's API, notifications, what is sent by hand.

    Args:
        sources: Returns the event sources.
    """

    async def put_events(request: web.Request) -> web.StreamResponse:
        target = request.headers.get("X-Amz-Target", "")
        if not target.startswith(_TARGET):
            return await refuse(request)
        from .put_events import ApiError, answer

        body = await read_body(request)
        try:
            result = await answer(sources(), target.removeprefix(_TARGET), body)
        except ApiError as error:
            return _aws_answer({"__type": error.code, "message": str(error)}, 400)
        return _aws_answer(result)

    async def notify(request: web.Request) -> web.Response:
        from .hub import summarize
        from .notifications import Notification, confirm, read

        body = await read_body(request)
        try:
            notification = read(body, request.headers)
            if not isinstance(notification, Notification):
                await confirm(sources(), notification)
                return web.json_response({"invocations": []})
            sent = await notification.deliver(sources())
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return _problem("That is not a notification of S3 or SNS.", 400)
        return web.json_response(summarize(sent))

    async def send(request: web.Request) -> web.Response:
        from .send import SendError, Sending, send

        body = await read_body(request)
        try:
            fields: dict[str, Any] = json.loads(body)
            sending = Sending(**fields)
        except (ValueError, TypeError, RecursionError):
            return _problem("That is not a request to send something.", 400)
        attributes = fields.pop("attributes", {})
        texts = all(each is None or isinstance(each, str) for each in fields.values())
        if not (texts and isinstance(attributes, dict)):
            return _problem("The record to send is not text.", 400)
        try:
            return web.json_response(await send(sources(), sending))
        except SendError as error:
            return _problem(str(error), 409)

    return [
        web.post("/", put_events),
        web.post(NOTIFICATIONS_PATH, notify),
        web.post(SEND_PATH, send),
    ]


def _aws_answer(body: Mapping[str, Any], status: int = 200) -> web.Response:
    headers = {"x-amzn-RequestId": str(uuid.uuid4())}
    return web.json_response(
        body, status=status, headers=headers, content_type="application/x-amz-json-1.1"
    )


def _problem(message: str, status: int) -> web.Response:
    return web.json_response({"message": message}, status=status)
