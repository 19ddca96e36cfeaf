"""Links that an application makes are right behind every front end, stage and base path."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import FastAPI, Request, UploadFile

from lambda_asgi import AsgiHandler

from .conftest import make_event

if TYPE_CHECKING:
    from lambda_testing import Invoker

app = FastAPI()


@app.get("/items/{name}", name="item")
async def item(name: str, request: Request) -> list[str]:
    return [name, str(request.url_for("item", name="other")), str(request.url)]


@app.get("/slash/")
async def slash() -> str:
    return "slash"


@app.post("/upload")
async def upload(file: UploadFile) -> int:
    return len(await file.read())


CUSTOM = {"domainName": "shop.example.com", "path": "/v1/items/a", "stage": "prod"}
CASES = [
    # front end, path, what the event has besides it, base path, the base of the links
    ("url", "/items/a", {}, "", ""),
    ("http-api", "/items/a", {}, "/shop", "/shop"),
    ("rest", "/items/a", {}, "", "/prod"),
    ("rest", "/items/a", {}, "/shop", "/shop"),
    (
        "rest",
        "/v1/items/a",
        {"requestContext": CUSTOM, "pathParameters": {"proxy": "items/a"}},
        "",
        "/v1",
    ),
    ("alb", "/shop/items/a", {}, "/shop", "/shop"),
    ("alb", "/shop/items/a", {}, "shop/", "/shop"),
]


@pytest.mark.parametrize(("front_end", "path", "fields", "base_path", "root"), CASES)
def test_urls_are_those_of_the_client(
    front_end: str, path: str, fields: dict[str, Any], base_path: str, root: str, invoke: Invoker
) -> None:
    handler = AsgiHandler(app, base_path=base_path)
    name, other, own = json.loads(
        invoke(handler, make_event(front_end, path, **fields)).value["body"]
    )
    assert name == "a"
    assert other == f"https://example.com{root}/items/other"
    assert own == f"https://example.com{root}/items/a"


def test_a_redirect_and_the_documentation_have_the_stage(invoke: Invoker) -> None:
    handler = AsgiHandler(app)
    redirect = invoke(handler, make_event("rest", "/slash")).value
    assert redirect["statusCode"] == 307
    assert redirect["headers"]["location"] == "https://example.com/prod/slash/"
    page = invoke(handler, make_event("rest", "/docs")).value["body"]
    assert "url: '/prod/openapi.json'" in page
    schema = json.loads(invoke(handler, make_event("rest", "/openapi.json")).value["body"])
    assert schema["servers"] == [{"url": "/prod"}]


def test_a_file_is_uploaded(invoke: Invoker) -> None:
    body = (
        '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        + "é" * 1000
        + "\r\n--x--\r\n"
    )
    headers = {"content-type": "multipart/form-data; boundary=x"}
    event = make_event(path="/upload", method="POST", headers=headers, body=body)
    assert invoke(AsgiHandler(app), event).value["body"] == "2000"
