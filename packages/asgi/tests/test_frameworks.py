"""Frameworks that people use, each with the feature that asks most of a server.

Each is imported by the test of it, so that no other process loads it. FastAPI and Litestar read
annotations, so those are not kept as text here.
"""

import asyncio
import gzip
import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import pytest

from lambda_asgi import AsgiHandler, WsgiHandler
from lambda_testing import Invoker, Result

from .conftest import body_of, make_event

FORM = {"content-type": "application/x-www-form-urlencoded"}
UPLOAD = {"content-type": "multipart/form-data; boundary=edge"}
FILE = (
    '--edge\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
    "Content-Type: text/plain\r\n\r\nhéllo\r\n--edge--\r\n"
)


class Answer:
    """The response to a request, from whatever the front end gets."""

    def __init__(self, result: Result) -> None:
        self.output = result.output
        head: Any = result.prelude if result.mode == "streaming" else result.value
        several = head.get("multiValueHeaders", {})
        self.status: int = head["statusCode"]
        self.headers: dict[str, str] = head["headers"]
        self.cookies: list[str] = head.get("cookies", several.get("set-cookie", []))
        self.body = result.content if result.mode == "streaming" else body_of(head)

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


class Browser:
    """Sends requests through a front end, and keeps cookies."""

    def __init__(self, invoke: Invoker, handler: Callable[..., Any], front_end: str) -> None:
        self.cookies: dict[str, str] = {}
        self._invoke, self._handler, self._front_end = invoke, handler, front_end

    def get(self, path: str, query: str = "", **headers: str) -> Answer:
        return self._send(path, query=query, headers=headers)

    def post(self, path: str, body: str, headers: dict[str, str]) -> Answer:
        return self._send(path, method="POST", body=body, headers=headers)

    def _send(self, path: str, *, headers: dict[str, str], **request: Any) -> Answer:
        cookies = [f"{name}={value}" for name, value in self.cookies.items()]
        if cookies and self._front_end == "url":
            request["cookies"] = cookies
        elif cookies:
            headers = {**headers, "cookie": "; ".join(cookies)}
        event = make_event(self._front_end, path, headers=headers, **request)
        answer = Answer(self._invoke(self._handler, event))
        for cookie in answer.cookies:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer


@pytest.fixture
def browse(invoke: Invoker) -> Callable[..., Browser]:
    return lambda handler, front_end="url": Browser(invoke, handler, front_end)


def test_fastapi(browse: Callable[..., Browser]) -> None:
    from fastapi import BackgroundTasks, Depends, FastAPI, Request, Response, UploadFile
    from fastapi.responses import StreamingResponse

    steps: list[str] = []

    async def session() -> AsyncIterator[str]:
        steps.append("open")
        yield "session"
        steps.append("close")

    app = FastAPI()

    @app.middleware("http")
    async def add_header(request: Request, call_next: Callable[[Request], Any]) -> Response:
        response: Response = await call_next(request)
        response.headers["x-method"] = request.method
        return response

    @app.get("/items/{number}")
    def show(
        number: int, background: BackgroundTasks, opened: Annotated[str, Depends(session)]
    ) -> Any:
        background.add_task(steps.append, "background")
        return {"number": number, "session": opened}

    @app.get("/fail")
    async def fail() -> None:
        raise LookupError("nothing there")

    @app.post("/upload")
    async def upload(file: UploadFile) -> Any:
        return [file.filename, (await file.read()).decode()]

    @app.get("/ticks")
    async def ticks() -> StreamingResponse:
        async def lines() -> AsyncIterator[str]:
            for number in range(3):
                yield f"data: {number}\n\n"

        return StreamingResponse(lines(), media_type="text/event-stream")

    for streaming in (False, True):
        steps.clear()
        site = browse(AsgiHandler(app, streaming=streaming))
        answer = site.get("/items/7")
        assert answer.json() == {"number": 7, "session": "session"}
        assert answer.headers["x-method"] == "GET"
        assert sorted(steps) == ["background", "close", "open"]
        assert site.get("/items/x").status == 422
        failed = site.get("/fail")  # the group that the middleware has unpacked is its context
        assert (failed.status, failed.text) == (500, "Internal Server Error")
        assert "LookupError: nothing there\n" in failed.output
        assert site.post("/upload", FILE, UPLOAD).json() == ["a.txt", "héllo"]
        assert site.get("/ticks").text == "data: 0\n\ndata: 1\n\ndata: 2\n\n"
    behind_stage = browse(AsgiHandler(app), "rest")
    assert "'/prod/openapi.json'" in behind_stage.get("/docs").text
    assert behind_stage.get("/openapi.json").json()["servers"] == [{"url": "/prod"}]


def test_starlette(browse: Callable[..., Browser], tmp_path: Path) -> None:
    from starlette.applications import Starlette
    from starlette.background import BackgroundTask
    from starlette.middleware import Middleware
    from starlette.middleware.gzip import GZipMiddleware
    from starlette.middleware.sessions import SessionMiddleware
    from starlette.requests import Request
    from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse
    from starlette.routing import Mount, Route
    from starlette.staticfiles import StaticFiles

    (tmp_path / "style.css").write_text("p {}")

    async def count(request: Request) -> PlainTextResponse:
        request.session["count"] = request.session.get("count", 0) + 1
        return PlainTextResponse(str(request.session["count"]))

    async def large(request: Request) -> PlainTextResponse:
        return PlainTextResponse("long " * 500)

    async def fail_later(request: Request) -> JSONResponse:
        def fail() -> None:
            raise OSError("no mail today")

        links = [request.url_for("count").path, request.url_for("static", path="style.css").path]
        return JSONResponse(links, background=BackgroundTask(fail))

    async def stream(request: Request) -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            async for part in request.stream():
                yield part.upper()

        return StreamingResponse(parts())

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[dict[str, str]]:
        yield {"client": "open"}

    async def state(request: Request) -> PlainTextResponse:
        return PlainTextResponse(request.state.client)

    routes = [
        Route("/count", count, name="count"),
        Route("/large", large),
        Route("/later", fail_later),
        Route("/state", state),
        Route("/stream", stream, methods=["POST"]),
        Mount("/static", StaticFiles(directory=tmp_path), name="static"),
    ]
    middleware = [
        Middleware(SessionMiddleware, secret_key="secret"),
        Middleware(GZipMiddleware),
    ]
    app = Starlette(routes=routes, middleware=middleware, lifespan=lifespan)
    for front_end, root in (("url", ""), ("rest", "/prod")):
        site = browse(AsgiHandler(app), front_end)
        assert [site.get("/count").text for _ in range(3)] == ["1", "2", "3"]
        packed = site.get("/large", **{"accept-encoding": "gzip"})
        assert packed.headers["content-encoding"] == "gzip"
        assert gzip.decompress(packed.body).decode() == "long " * 500
        later = site.get("/later")
        assert later.json() == [f"{root}/count", f"{root}/static/style.css"]
        assert "GET " in later.output
        assert "failed after its response" in later.output
        assert "no mail today" in later.output
        assert site.get("/state").text == "open"
        assert site.post("/stream", "héllo", {}).text == "HéLLO"
        style = site.get("/static/style.css")
        assert (style.text, style.headers["content-type"]) == ("p {}", "text/css; charset=utf-8")
        again = site.get("/static/style.css", **{"if-none-match": style.headers["etag"]})
        assert (again.status, again.body) == (304, b"")
        part = site.get("/static/style.css", range="bytes=0-0")
        assert (part.status, part.text) == (206, "p")


# Django says so of each static file that it serves over ASGI.
@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume synchronous iterators")
def test_django(browse: Callable[..., Browser]) -> None:
    import django
    from django.conf import settings
    from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler, StaticFilesHandler
    from django.core.asgi import get_asgi_application
    from django.core.wsgi import get_wsgi_application
    from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
    from django.middleware.csrf import get_token
    from django.template import engines
    from django.urls import path, reverse

    contrib = "django.contrib"
    settings.configure(
        ALLOWED_HOSTS=["example.com"],
        INSTALLED_APPS=[
            f"{contrib}.{name}"
            for name in ("admin", "auth", "contenttypes", "messages", "sessions", "staticfiles")
        ],
        MIDDLEWARE=[
            f"{contrib}.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            f"{contrib}.auth.middleware.AuthenticationMiddleware",
            f"{contrib}.messages.middleware.MessageMiddleware",
        ],
        ROOT_URLCONF=type("urls", (), {}),
        SECRET_KEY="secret",
        SESSION_ENGINE=f"{contrib}.sessions.backends.signed_cookies",
        STATIC_URL="static/",
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        f"{contrib}.auth.context_processors.auth",
                        f"{contrib}.messages.context_processors.messages",
                        "django.template.context_processors.request",
                    ]
                },
            }
        ],
    )
    django.setup()
    from django.contrib import admin

    def sign(request: Any) -> HttpResponse:
        if request.method == "POST":
            names = [*request.session.get("names", []), request.POST["name"]]
            request.session["names"] = names
            return HttpResponseRedirect(reverse("sign"))
        page = "{{ names }} {{ token }}"
        values = {"names": request.session.get("names"), "token": get_token(request)}
        return HttpResponse(engines["django"].from_string(page).render(values))

    async def upload(request: Any) -> HttpResponse:
        return HttpResponse(request.FILES["file"].read())

    def stream(request: Any) -> StreamingHttpResponse:
        return StreamingHttpResponse(f"{number}," for number in range(3))

    settings.ROOT_URLCONF.urlpatterns = [
        path("admin/", admin.site.urls),
        path("sign", sign, name="sign"),
        path("stream", stream),
        path("upload", upload),
    ]
    handlers = [
        AsgiHandler(ASGIStaticFilesHandler(get_asgi_application())),
        AsgiHandler(ASGIStaticFilesHandler(get_asgi_application()), streaming=True),
        WsgiHandler(StaticFilesHandler(get_wsgi_application())),
        WsgiHandler(StaticFilesHandler(get_wsgi_application()), streaming=True),
    ]
    for handler in handlers:
        site = browse(handler)
        (style,) = re.findall(r'href="([^"]+/base.css)"', site.get("/admin/login/").text)
        assert site.get(style).headers["content-type"].startswith("text/css")
        for front_end, root in (("url", ""), ("rest", "/prod")):
            site = browse(handler, front_end)
            login = site.get("/admin/").headers["location"]
            assert login == f"{root}/admin/login/?next={root}/admin/"
            assert site.get("/stream").text == "0,1,2,"

            assert site.post("/sign", "name=Eve", FORM).status == 403
            token = site.get("/sign").text.split()[-1]
            for name in ("Ada", "Löwe"):
                form = urlencode({"name": name, "csrfmiddlewaretoken": token})
                signed = site.post("/sign", form, {**FORM, "referer": "https://example.com/sign"})
                assert (signed.status, signed.headers["location"]) == (302, f"{root}/sign")
            assert "Ada" in site.get("/sign").text
            assert "Löwe" in site.get("/sign").text
            headers = {**UPLOAD, "x-csrftoken": token, "referer": "https://example.com/sign"}
            assert site.post("/upload", FILE, headers).text == "héllo"


def test_flask(browse: Callable[..., Browser]) -> None:
    from flask import Flask, Response, flash, redirect, request, session, url_for
    from flask.helpers import get_flashed_messages, stream_with_context

    app = Flask(__name__)
    app.secret_key = "secret"

    @app.get("/sign")
    def show() -> str:
        return f"{session.get('count')} {get_flashed_messages()}"

    @app.post("/sign")
    def sign() -> Any:
        session["count"] = session.get("count", 0) + 1
        flash(request.form["name"])
        return redirect(url_for("show"))

    @app.post("/upload")
    def upload() -> bytes:
        data: bytes = request.files["file"].read()
        return data

    @app.get("/stream")
    def stream() -> Response:
        def parts() -> Iterator[str]:
            for number in range(3):
                yield f"{number}{request.args['x']},"

        return Response(stream_with_context(parts()), mimetype="text/plain")

    @app.get("/fail")
    def fail() -> str:
        raise LookupError("nothing there")

    for streaming in (False, True):
        for front_end, root in (("url", ""), ("rest", "/prod")):
            site = browse(WsgiHandler(app, streaming=streaming), front_end)
            assert site.post("/sign", "name=Ada", FORM).headers["location"] == f"{root}/sign"
            assert site.get("/sign").text == "1 ['Ada']"
            assert site.get("/sign").text == "1 []"
            assert site.post("/upload", FILE, UPLOAD).text == "héllo"
            assert site.get("/stream", "x=y").text == "0y,1y,2y,"
            failed = site.get("/fail")
            assert failed.status == 500
            assert "nothing there" in failed.output


def test_litestar(browse: Callable[..., Browser]) -> None:
    from litestar import Litestar, Request, get, post
    from litestar.datastructures import UploadFile
    from litestar.enums import RequestEncodingType
    from litestar.params import Body, FromPath
    from litestar.response import ServerSentEvent

    steps: list[str] = []
    form = RequestEncodingType.MULTI_PART

    @get("/items/{number:int}", sync_to_thread=True)
    def show(number: FromPath[int], request: Request[Any, Any, Any]) -> dict[str, Any]:
        return {"number": number, "path": request.url.path}

    @post("/upload")
    async def upload(data: Annotated[UploadFile, Body(media_type=form)]) -> str:
        return (await data.read()).decode()

    @get("/ticks")
    async def ticks() -> ServerSentEvent:
        async def numbers() -> AsyncIterator[str]:
            for number in range(2):
                yield str(number)

        return ServerSentEvent(numbers())

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncGenerator[None]:
        steps.append("up")
        yield
        steps.append("down")

    app = Litestar([show, upload, ticks], lifespan=[lifespan], logging_config=None)
    for streaming in (False, True):
        site = browse(AsgiHandler(app, streaming=streaming))
        steps.clear()
        assert site.get("/items/7").json() == {"number": 7, "path": "/items/7"}
        assert steps == ["up", "down"]
        assert site.get("/items/x").status == 404
        assert site.post("/upload", FILE, UPLOAD).text == "héllo"
        assert re.findall(r"data: (\d)", site.get("/ticks").text) == ["0", "1"]
        assert site.get("/schema/openapi.json").json()["paths"].keys() >= {"/ticks"}


def test_quart(browse: Callable[..., Browser]) -> None:
    from quart import Quart, Response, request, session, url_for

    steps: list[str] = []
    app = Quart(__name__)
    app.secret_key = "secret"

    @app.before_serving
    async def start() -> None:
        steps.append("up")

    @app.post("/sign")
    async def sign() -> str:
        session["names"] = [*session.get("names", []), (await request.form)["name"]]
        return f"{session['names']} {url_for('sign')}"

    @app.post("/upload")
    async def upload() -> bytes:
        data: bytes = (await request.files)["file"].read()
        return data

    @app.post("/later")
    async def later() -> dict[str, int]:
        app.add_background_task(work)
        return {"done": steps.count("work")}

    async def work() -> None:
        await asyncio.sleep(0.01)
        steps.append("work")

    @app.get("/ticks")
    async def ticks() -> Response:
        async def lines() -> AsyncIterator[str]:
            for number in range(3):
                yield f"data: {number}\n\n"

        return Response(lines(), mimetype="text/event-stream")

    for streaming in (False, True):
        for front_end, root in (("url", ""), ("rest", "/prod")):
            site = browse(AsgiHandler(app, streaming=streaming), front_end)
            steps.clear()
            assert site.post("/sign", "name=Ada", FORM).text == f"['Ada'] {root}/sign"
            assert site.post("/sign", "name=Eve", FORM).text == f"['Ada', 'Eve'] {root}/sign"
            assert steps == ["up", "up"]
            for done in range(2):
                answer = site.post("/later", "", {})
                assert answer.json() == {"done": done}
                assert "left" not in answer.output
            assert site.post("/upload", FILE, UPLOAD).text == "héllo"
            assert site.get("/ticks").text == "data: 0\n\ndata: 1\n\ndata: 2\n\n"


def test_falcon(browse: Callable[..., Browser]) -> None:
    import falcon
    import falcon.asgi

    class Upload:
        async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
            resp.media = [req.path, req.uri, req.get_param_as_list("x")]
            resp.set_cookie("a", "1")
            resp.set_cookie("b", "2")

        async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
            form = await req.get_media()
            resp.text = "".join([(await part.stream.read()).decode() async for part in form])

    class Site(falcon.asgi.App[falcon.asgi.Request, falcon.asgi.Response]):
        pass

    app = Site()
    app.add_route("/upload", Upload())
    for streaming in (False, True):
        for front_end, root in (("url", ""), ("rest", "/prod")):
            site = browse(AsgiHandler(app, streaming=streaming), front_end)
            url = f"https://example.com{root}/upload?x=1&x=2"
            assert site.get("/upload", "x=1&x=2").json() == ["/upload", url, ["1", "2"]]
            assert site.cookies == {"a": "1", "b": "2"}
            assert site.post("/upload", FILE, UPLOAD).text == "héllo"
