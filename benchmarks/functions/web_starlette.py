"""An application of Starlette with two routes."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route


async def show_index(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"Hello {request.method}")


async def show_item(request: Request) -> JSONResponse:
    item = request.path_params["item"]
    return JSONResponse({"item": item, "count": int(request.query_params["count"])})


app = Starlette(routes=[Route("/", show_index), Route("/items/{item}", show_item)])
