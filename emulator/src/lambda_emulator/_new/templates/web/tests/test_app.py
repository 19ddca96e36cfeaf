"""The application behind a function URL."""

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


@pytest.mark.parametrize(("path", "status"), [("/orders/17", 200), ("/orders/18", 404)])
def test_an_order_is_shown(invoke: Invoker, path: str, status: int) -> None:
    assert invoke("app.handler", request("GET", path)).value["statusCode"] == status


def test_an_order_is_taken(invoke: Invoker) -> None:
    response = invoke("app.handler", request("POST", "/orders", {"item": "bread"})).value
    assert response["statusCode"] == 201
    assert json.loads(response["body"]) == {"item": "bread", "count": 1}


def test_a_body_that_is_not_an_order_is_refused(invoke: Invoker) -> None:
    assert invoke("app.handler", request("POST", "/orders", {})).value["statusCode"] == 422
