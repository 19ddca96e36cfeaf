"""Frameworks differ in what they take ``path`` and ``root_path`` for."""

import functools
import json
import sys
from collections.abc import Callable
from types import ModuleType
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


async def named_inside(scope: Any, receive: Any, send: Any) -> None:
    async def call() -> None:
        await named(scope, receive, send)

    await call()


def called_by_name(app: Any) -> Any:
    global named  # noqa: PLW0603 (as in the module of an application)
    named = app
    return named_inside


def called_in_a_module(app: Any) -> Any:
    site.app = app

    async def call(scope: Any, receive: Any, send: Any) -> None:
        await site.app(scope, receive, send)

    return call


def chosen_by_path(app: Any) -> Any:
    services = {"/other": fastapi_app(), "/": app}

    async def choose(scope: Any, receive: Any, send: Any) -> None:
        first = next(path for path in services if scope["path"].startswith(path))
        await services[first](scope, receive, send)

    return choose


class Service:
    def __init__(self, app: Any) -> None:
        self.api = app

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        await self.api(scope, receive, send)


def made_by_a_function(app: Any) -> Any:
    made: list[Any] = []

    def make() -> Any:
        made[:] = made or [app]
        return made[0]

    async def call(scope: Any, receive: Any, send: Any) -> None:
        await make()(scope, receive, send)

    return call


def with_an_argument(app: Any) -> Any:
    async def call(inner: Any, scope: Any, receive: Any, send: Any) -> None:
        await inner(scope, receive, send)

    return functools.partial(call, app)


def with_a_default(app: Any) -> Any:
    async def call(scope: Any, receive: Any, send: Any, *, api: Any = app) -> None:
        await api(scope, receive, send)

    return call


named: Any = None
site: Any = ModuleType("site")
WRAPPERS = [
    called_by_name,
    called_in_a_module,
    chosen_by_path,
    closed_over,
    decorated,
    lambda app: Service(app).handle,
    made_by_a_function,
    Middleware,
    of_starlette,
    with_a_default,
    with_an_argument,
]


@pytest.mark.parametrize("wrap", WRAPPERS)
def test_middleware_does_not_hide_the_framework(
    wrap: Callable[[Any], Any], invoke: Invoker
) -> None:
    for front_end, root in (("rest", "/prod"), ("url", "")):
        event = make_event(front_end, "/items/a")
        answer = invoke(AsgiHandler(wrap(falcon_app("/items/{name}"))), event).value
        assert answer["body"] == "/items/a"
        assert answer["headers"]["x-uri"] == f"https://example.com{root}/items/a"
    answer = invoke(AsgiHandler(wrap(starlette_app())), make_event("rest", "/x")).value
    assert answer["body"] == "/prod/x"


def made_before_its_application() -> Any:
    async def stage(scope: Any, receive: Any, send: Any) -> None:
        await app(scope, receive, send)

    handler = AsgiHandler(stage)
    app = falcon_app()
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
    proxy.target = falcon_app()
    return handler


@pytest.mark.parametrize("make", [made_before_its_application, made_by_a_proxy])
def test_an_application_may_be_made_later(make: Callable[[], Any], invoke: Invoker) -> None:
    assert invoke(make(), make_event("rest", "/x")).value["body"] == "/x"


def test_routes_that_would_begin_with_the_root_path(
    invoke: Invoker, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Muffin:
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            route = (scope["root_path"] + scope["path"]).encode()
            await send({"type": "http.response.start", "status": 200})
            await send({"type": "http.response.body", "body": route})

    monkeypatch.setattr(Muffin, "__module__", "asgi_tools.app")
    monkeypatch.setitem(sys.modules, "asgi_tools", ModuleType("asgi_tools"))
    handler = AsgiHandler(Muffin(), lifespan="off", base_path="/shop")
    for path in ("/x", "/shop/x"):
        assert invoke(handler, make_event("rest", path)).value["body"] == "/x"


def falcon_app(route: str = "/{name}") -> Any:
    import falcon.asgi

    class Item:
        async def on_get(self, req: Any, resp: Any, name: str) -> None:
            resp.text = req.path
            resp.set_header("x-uri", req.uri)

    app: Any = falcon.asgi.App()
    app.add_route(route, Item())
    return app


def starlette_app() -> Any:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route

    def show(request: Request) -> PlainTextResponse:
        return PlainTextResponse(request.scope["raw_path"].decode())

    return Starlette(routes=[Route("/x", show)])


@pytest.mark.parametrize(
    ("modules", "path"),
    [
        (["sanic.app", "sanic.mixins.middleware"], "/x"),
        (["main", "starlette.middleware.base"], "/prod/x"),
    ],
)
def test_the_class_of_an_application_may_be_made_of_others(
    modules: list[str], path: str, invoke: Invoker, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Base:
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200})
            await send({"type": "http.response.body", "body": scope["path"].encode()})

    class App(Base):
        app = starlette_app()

    for cls, module in zip((App, Base), modules, strict=True):
        monkeypatch.setattr(cls, "__module__", module)
    monkeypatch.setitem(sys.modules, "sanic", ModuleType("sanic"))
    handler = AsgiHandler(App(), lifespan="off")
    assert invoke(handler, make_event("rest", "/x")).value["body"] == path


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
