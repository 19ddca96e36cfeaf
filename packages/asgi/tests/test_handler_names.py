"""Names of handlers with a colon: applications that are served without code."""

from __future__ import annotations

import sys
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from lambda_runtime.errors import Fault

from .conftest import make_event

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lambda_testing import Invoker

SOURCE = """
    from functools import partial
    from lambda_asgi import AsgiHandler

    async def app(scope, receive, send):
        text = f"asgi {scope['root_path']}"
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": text.encode()})

    def legacy(environ, start_response):
        start_response("200 OK", [])
        return [f"wsgi {environ['SCRIPT_NAME']}".encode()]

    def lenient(environ, start_response, more=None):
        return legacy(environ, start_response)

    def optional(scope=None, receive=None, send=None):
        return app(scope, receive, send)

    class Awaited:
        def __init__(self, scope, receive, send):
            self.call = app(scope, receive, send)
        def __await__(self):
            return self.call.__await__()

    class Site:
        def __init__(self):
            self.app = app
            self.legacy = legacy
        async def __call__(self, scope, receive, send):
            await app(scope, receive, send)

    class Legacy:
        def __call__(self, environ, start_response):
            return legacy(environ, start_response)
        def bound(self, environ, start_response):
            return legacy(environ, start_response)

    class OfAiohttp:
        def __call__(self):
            return self
    of_aiohttp = OfAiohttp()

    async def around(app, scope, receive, send):
        await app(scope, receive, send)

    def returns(scope, receive, send):
        return app(scope, receive, send)

    def unknown(*args):
        return app(*args)

    async def old_style(scope):
        return partial(app, scope)

    async def four(scope, receive, send, more):
        await app(scope, receive, send)

    site = Site()
    partly = partial(around, app)
    old = Legacy()
    bound = Legacy().bound
    served = AsgiHandler(app, base_path="/own")

    def handler(event, context):
        return event

    async def async_handler(event, context):
        return event

    def streaming_handler(event, stream, context):
        pass

    def create_app():
        return app

    def one(scope):
        return None
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the name of a module with applications."""
    name = f"web_{tmp_path.name}".replace("-", "_")
    (tmp_path / f"{name}.py").write_text(dedent(SOURCE))
    monkeypatch.syspath_prepend(tmp_path)
    return name


@pytest.fixture
def ask(module: str, invoke: Invoker) -> Callable[[str], Any]:
    """Return the body of the response of an application in the module, by a name with ``*``."""

    def ask(name: str) -> Any:
        return invoke(name.replace("*", module), make_event()).value["body"]

    return ask


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("*:app", "asgi "),
        ("asgi:*:app", "asgi "),
        ("*:site", "asgi "),
        ("*:site.app", "asgi "),
        ("*:partly", "asgi "),
        ("*:returns", "asgi "),
        ("*:optional", "asgi "),
        ("*:Awaited", "asgi "),
        ("*:lenient", "wsgi "),
        ("asgi:*:unknown", "asgi "),
        ("*:legacy", "wsgi "),
        ("wsgi:*:legacy", "wsgi "),
        ("*:site.legacy", "wsgi "),
        ("*:old", "wsgi "),
        ("*:bound", "wsgi "),
        ("*:served", "asgi /own"),
    ],
)
def test_an_application_is_found_by_its_name(
    name: str, body: str, ask: Callable[[str], Any]
) -> None:
    assert ask(name) == body


@pytest.mark.parametrize(
    ("name", "error_type", "message"),
    [
        ("*:nothing", "Runtime.HandlerNotFound", "Handler 'nothing' missing on module '*'"),
        ("*:site.x", "Runtime.HandlerNotFound", "Handler 'site.x' missing on module '*'"),
        ("no_such:app", "Runtime.ImportModuleError", "Unable to import module 'no_such'"),
        ("http:*:app", "Runtime.MalformedHandlerName", "an application is named as module:appl"),
        ("*:", "Runtime.MalformedHandlerName", "Bad handler '*:'"),
        (":app", "Runtime.MalformedHandlerName", "Bad handler ':app'"),
        ("a:b:c:d", "Runtime.MalformedHandlerName", "Bad handler 'a:b:c:d'"),
        ("*:handler", "Runtime.InvalidApplication", "is a handler, not an application"),
        ("*:async_handler", "Runtime.InvalidApplication", "is a handler, not an application"),
        ("*:streaming_handler", "Runtime.InvalidApplication", "is a handler, not an application"),
        ("*:create_app", "Runtime.InvalidApplication", "name its result, as in app = create_app()"),
        ("*:of_aiohttp", "Runtime.InvalidApplication", "it needs the server that comes with it"),
        ("*:one", "Runtime.InvalidApplication", "takes neither (scope, receive, send)"),
        ("*:old_style", "Runtime.InvalidApplication", "takes neither (scope, receive, send)"),
        ("*:four", "Runtime.InvalidApplication", "takes neither (scope, receive, send)"),
        ("*:__name__", "Runtime.InvalidApplication", "is not an application: it cannot be called"),
    ],
)
def test_what_is_not_an_application_is_told(
    name: str, error_type: str, message: str, module: str, invoke: Invoker
) -> None:
    with pytest.raises(Fault) as caught:
        invoke(name.replace("*", module), make_event())
    assert caught.value.error_type == error_type
    assert message.replace("*", module) in str(caught.value)


@pytest.mark.parametrize(
    ("name", "wrapper"),
    [("app", "AsgiHandler"), ("site", "AsgiHandler"), ("legacy", "WsgiHandler")],
)
def test_a_name_without_a_colon_is_told(
    name: str, wrapper: str, module: str, invoke: Invoker
) -> None:
    told = rf"as in main:app, or .* {wrapper}\(app\)"
    with pytest.raises(Fault, match=told) as caught:
        invoke(f"{module}.{name}", make_event())
    assert caught.value.error_type == "Runtime.InvalidApplication"
    with pytest.raises(Fault, match=told):
        invoke(getattr(sys.modules[module], name), make_event())


def test_variables_set_the_options(
    module: str, invoke: Invoker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAMBDA_ASGI_STREAMING", "True")
    monkeypatch.setenv("LAMBDA_ASGI_BASE_PATH", "shop")
    for name, body in (("app", b"asgi /shop"), ("legacy", b"wsgi /shop"), ("served", b"asgi /own")):
        result = invoke(f"{module}:{name}", make_event(path="/shop/x"))
        assert result.mode == ("buffered" if name == "served" else "streaming")
        assert body in result.content
    monkeypatch.setenv("LAMBDA_ASGI_STREAMING", "maybe")
    with pytest.raises(Fault, match="LAMBDA_ASGI_STREAMING='maybe' is neither true nor false"):
        invoke(f"{module}:app", make_event())


def test_without_this_package_the_error_names_it(
    module: str, invoke: Invoker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "lambda_asgi", None)
    with pytest.raises(Fault, match="pip install lambda-asgi") as caught:
        invoke(f"{module}:app", make_event())
    assert caught.value.error_type == "Runtime.ImportModuleError"
