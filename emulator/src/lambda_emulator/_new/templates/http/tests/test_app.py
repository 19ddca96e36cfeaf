"""The function's answers, over the events of an HTTP API."""

import json
from pathlib import Path
from typing import Any

import pytest
from lambda_testing import Invoker

EVENT = json.loads((Path(__file__).parents[1] / "event.json").read_text())


def request(method: str, path: str, body: object = None) -> dict[str, Any]:
    http = {**EVENT["requestContext"]["http"], "method": method, "path": path}
    context = {**EVENT["requestContext"], "http": http}
    return {**EVENT, "rawPath": path, "requestContext": context, "body": json.dumps(body)}


def test_an_order_is_taken(invoke: Invoker) -> None:
    response = invoke("app.handler", EVENT).value
    assert response["statusCode"] == 201
    assert json.loads(response["body"]) == {"item": "tea", "count": 2}


@pytest.mark.parametrize(("path", "status"), [("/orders/17", 200), ("/orders/18", 404)])
def test_an_order_is_shown(invoke: Invoker, path: str, status: int) -> None:
    assert invoke("app.handler", request("GET", path)).value["statusCode"] == status


def test_a_body_that_is_not_an_order_is_refused(invoke: Invoker) -> None:
    response = invoke("app.handler", request("POST", "/orders", {"count": 1})).value
    assert response["statusCode"] == 400
    assert "item" in json.loads(response["body"])["error"]
