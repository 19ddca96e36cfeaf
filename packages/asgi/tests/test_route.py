"""The route that a framework has found, as tracing sees it."""

from collections.abc import Callable, Generator
from typing import Any

import pytest

from lambda_asgi import AsgiHandler, WsgiHandler
from lambda_runtime import Context, Outcome
from lambda_testing import Invoker

from .conftest import make_event


@pytest.fixture
def route_of(invoke: Invoker) -> Callable[..., str | None]:
    """Return the route of a request that an observer finds in the context."""

    def route_of(handler: Any, path: str, **request: Any) -> str | None:
        seen: list[str | None] = []

        def observe(event: Any, context: Context) -> Generator[None, Outcome]:
            yield
            seen.append(context.http_route)

        front_end = request.pop("front_end", "url")
        invoke(handler, make_event(front_end, path, **request), observers=[observe])
        return seen[0]

    return route_of


@pytest.mark.parametrize("streaming", [False, True])
@pytest.mark.parametrize("front_end", ["url", "rest"])
@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/", "/"),
        ("/pets/7", "/pets/{number}"),
        ("/files/a/b.txt", "/files/{path}"),
        ("/shop/items/tea", "/shop/items/{item}"),
        ("/shop/items/items", "/shop/items/{item}"),
        ("/of/blue/items/tea", "/of/{tenant}/items/{item}"),
        ("/static/a/style.css", "/static/{path}"),
        ("/pets/007", "/pets/{number}"),
        ("/nowhere", None),
    ],
)
def test_starlette(
    path: str,
    route: str | None,
    front_end: str,
    streaming: bool,
    route_of: Callable[..., str | None],
) -> None:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import PlainTextResponse
    from starlette.routing import Mount, Route

    async def show(request: Request) -> PlainTextResponse:
        return PlainTextResponse("shown")

    items = [Route("/items/{item}", show)]
    app = Starlette(
        routes=[
            Route("/", show),
            Route("/pets/{number:int}", show),
            Route("/files/{path:path}", show),
            Mount("/shop", routes=items),
            Mount("/of/{tenant}", routes=items),
            Mount("/static", app=PlainTextResponse("p {}")),
        ]
    )
    assert route_of(AsgiHandler(app, streaming=streaming), path, front_end=front_end) == route


def test_fastapi(route_of: Callable[..., str | None]) -> None:
    from fastapi import APIRouter, FastAPI

    app, router, mounted = FastAPI(), APIRouter(), FastAPI()

    @router.get("/pets/{name}")
    @mounted.get("/pets/{name}")
    def show(name: str) -> str:
        return name

    app.include_router(router, prefix="/v1")
    app.include_router(router, prefix="/of/{owner}")
    app.include_router(router)
    app.mount("/sub", mounted)
    handler = AsgiHandler(app, base_path="/shop")
    assert route_of(handler, "/v1/pets/rex") == "/v1/pets/{name}"
    assert route_of(handler, "/shop/v1/pets/rex") == "/v1/pets/{name}"
    assert route_of(handler, "/of/ada/pets/rex") == "/of/{owner}/pets/{name}"
    assert route_of(handler, "/pets/rex") == "/pets/{name}"
    assert route_of(handler, "/sub/pets/rex") == "/sub/pets/{name}"
    assert route_of(handler, "/pets/rex", method="DELETE") in ("/pets/{name}", None)


def test_litestar(route_of: Callable[..., str | None]) -> None:
    from litestar import Litestar, Router, get
    from litestar.params import FromPath

    @get("/pets/{name:str}", sync_to_thread=False)
    def show(name: FromPath[str]) -> str:
        return name

    # Its own configuration would stay at the root logger, for all tests after this one.
    app = Litestar([Router("/v1", route_handlers=[show])], logging_config=None)
    assert route_of(AsgiHandler(app), "/v1/pets/rex") == "/v1/pets/{name}"


def test_flask(route_of: Callable[..., str | None]) -> None:
    from flask import Blueprint, Flask

    pets = Blueprint("pets", __name__)

    @pets.get("/pets/<name>")
    def show(name: str) -> str:
        return name

    app = Flask(__name__)
    app.register_blueprint(pets, url_prefix="/v1")
    handler = WsgiHandler(app.wsgi_app)
    assert route_of(handler, "/v1/pets/rex") == "/v1/pets/<name>"
    assert route_of(handler, "/nowhere") is None


def test_an_application_may_say_its_route_itself(route_of: Callable[..., str | None]) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["aws.context"].http_route = "/mine"
        scope["route"] = object()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    assert route_of(AsgiHandler(app, lifespan="off"), "/") == "/mine"
