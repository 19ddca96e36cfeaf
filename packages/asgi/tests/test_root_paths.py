"""Frameworks differ in what they take ``path`` and ``root_path`` for."""

import functools
import json
from collections.abc import Callable
from typing import Any

import pytest

from lambda_asgi import AsgiHandler
from lambda_testing import Invoker

from .conftest import make_event


class Middleware:
    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._app(scope, receive, send)


def decorated(app: Any) -> Any:
    @functools.wraps(app)
    async def wrapper(scope: Any, receive: Any, send: Any) -> None:
        await app(scope, receive, send)

    return wrapper


def closed_over(app: Any) -> Any:
    async def outer(scope: Any, receive: Any, send: Any) -> None:
        await app(scope, receive, send)

    return outer


def of_starlette(app: Any) -> Any:
    from starlette.middleware.cors import CORSMiddleware
    from starlette.middleware.errors import ServerErrorMiddleware

    return ServerErrorMiddleware(CORSMiddleware(app))


WRAPPERS = [of_starlette, Middleware, decorated, closed_over]


@pytest.mark.parametrize("wrap", WRAPPERS)
def test_middleware_does_not_hide_the_framework(
    wrap: Callable[[Any], Any], invoke: Invoker
) -> None:
    import falcon.asgi

    class Item:
        async def on_get(self, req: Any, resp: Any, name: str) -> None:
            resp.text = f"{req.path} {req.uri}"

    app: Any = falcon.asgi.App()
    app.add_route("/items/{name}", Item())
    for front_end, root in (("rest", "/prod"), ("url", "")):
        answer = invoke(AsgiHandler(wrap(app)), make_event(front_end, "/items/a")).value
        assert answer["body"] == f"/items/a https://example.com{root}/items/a"
    answer = invoke(AsgiHandler(wrap(starlette_app())), make_event("rest", "/x")).value
    assert answer["body"] == "/prod/x"


def made_before_its_application() -> Any:
    async def stage(scope: Any, receive: Any, send: Any) -> None:
        await app(scope, receive, send)

    handler = AsgiHandler(stage)
    app = starlette_app()
    return handler


def made_by_a_proxy() -> Any:
    class Proxy:
        target: Any = None

        def __getattr__(self, name: str) -> Any:
            if self.target is None:
                raise RuntimeError("not configured yet")
            return getattr(self.target, name)

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await self.target(scope, receive, send)

    proxy = Proxy()
    handler = AsgiHandler(proxy)
    proxy.target = starlette_app()
    return handler


@pytest.mark.parametrize("make", [made_before_its_application, made_by_a_proxy])
def test_a_stage_may_get_its_application_later(make: Callable[[], Any], invoke: Invoker) -> None:
    assert invoke(make(), make_event("url", "/x")).value["body"] == "/x"


def starlette_app() -> Any:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route

    def show(request: Request) -> PlainTextResponse:
        return PlainTextResponse(request.scope["raw_path"].decode())

    return Starlette(routes=[Route("/x", show)])


def fastapi_app() -> Any:
    from fastapi import FastAPI, Request

    app = FastAPI()

    @app.get("/x")
    def show(request: Request) -> Any:
        return request.scope["raw_path"].decode()

    return app


def litestar_app() -> Any:
    from litestar import Litestar, Request, get

    @get("/x", sync_to_thread=False)
    def show(request: Request[Any, Any, Any]) -> str:
        return request.scope["raw_path"].decode()

    return Litestar([show], logging_config=None)


@pytest.mark.parametrize(
    ("make", "version", "path"),
    [
        (starlette_app, "starlette 0.34.0", "/x"),
        (starlette_app, "starlette 0.35.0rc1", "/prod/x"),
        (starlette_app, "starlette 1.0", "/prod/x"),
        (fastapi_app, "starlette 0.27.0", "/x"),
        (fastapi_app, "starlette 0.46.2", "/prod/x"),
        (litestar_app, "litestar Version(major=2, minor=5)", "/x"),
        (litestar_app, "litestar Version(major=2, minor=6)", "/prod/x"),
    ],
)
def test_versions_of_a_framework_differ(
    make: Callable[[], Any],
    version: str,
    path: str,
    invoke: Invoker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = make()
    package, _, number = version.partition(" ")
    monkeypatch.setattr(f"{package}.__version__", number)
    assert invoke(AsgiHandler(app), make_event("rest", "/x")).value["body"].strip('"') == path


# FastAPI replaces the path that the server says, with its own.
@pytest.mark.filterwarnings("ignore:The `root_path` parameter is deprecated")
@pytest.mark.parametrize("front_end", ["url", "rest", "alb"])
@pytest.mark.parametrize("base_path", ["", "/api", "/other"])
@pytest.mark.parametrize("own", ["/prod", "/api", "/api/"])
def test_fastapi_may_know_where_it_is_published(
    own: str, base_path: str, front_end: str, invoke: Invoker
) -> None:
    from fastapi import FastAPI, Request

    app, mounted = FastAPI(root_path=own), FastAPI()

    @app.get("/x")
    @mounted.get("/x")
    def show(request: Request) -> str:
        return request.url.path

    app.mount("/mounted", mounted)
    handler = AsgiHandler(of_starlette(app), base_path=base_path)
    root = own.rstrip("/")
    for path in ("/x", "/mounted/x"):
        for sent in (path, root + path, base_path + path):
            answer = json.loads(invoke(handler, make_event(front_end, sent)).value["body"])
            if own == root:
                assert answer == root + path, sent
            elif path == "/x":  # Starlette does not find "/api/" in a path
                assert answer == path, sent
