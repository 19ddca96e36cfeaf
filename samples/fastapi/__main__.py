"""A web application of FastAPI: a page, an API with documentation, uploads, and a live stream."""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException, Request, UploadFile
from fastapi.responses import HTMLResponse, StreamingResponse
from pydantic import BaseModel

from lambda_asgi import AsgiHandler
from lambda_runtime import run

PAGE = """<!doctype html>
<title>Orders</title>
<h1>Orders</h1>
<p><a href="{docs}">The API</a></p>
<ul id="ticks"></ul>
<script>
  const source = new EventSource("{ticks}");
  source.onmessage = event => ticks.append(Object.assign(document.createElement("li"),
                                                         {{textContent: event.data}}));
  source.addEventListener("end", () => source.close());
</script>
"""


class Order(BaseModel):
    """An order, as clients send and get it."""

    item: str
    count: int = 1


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncGenerator[dict[str, dict[int, Order]]]:
    """Open what all requests use: once, in the init phase. Yours would be a database."""
    yield {"orders": {1: Order(item="tea", count=2)}}


def orders_of(request: Request) -> dict[int, Order]:
    """Return the orders; a dependency of the routes."""
    orders: dict[int, Order] = request.state.orders
    return orders


Orders = Annotated[dict[int, Order], Depends(orders_of)]
app = FastAPI(title="Orders", lifespan=lifespan)


@app.get("/", response_class=HTMLResponse, include_in_schema=False)
async def show_page(request: Request) -> str:
    """Return a page whose links are right wherever the application is published."""
    docs, ticks = request.url_for("swagger_ui_html"), request.url_for("stream_ticks")
    return PAGE.format(docs=docs.path, ticks=ticks.path)


@app.get("/orders/{number}")
async def show_order(number: int, orders: Orders) -> Order:
    """Return an order."""
    if number not in orders:
        raise HTTPException(404, "there is no such order")
    return orders[number]


@app.post("/orders", status_code=201)
async def take_order(order: Order, orders: Orders, background: BackgroundTasks) -> int:
    """Take an order, and return its number; the caller does not wait for the mail."""
    orders[number := len(orders) + 1] = order
    background.add_task(send_mail, order)
    return number


async def send_mail(order: Order) -> None:
    """Confirm an order."""
    print(f"fastapi confirms {order.count} of {order.item}")


@app.post("/uploads")
async def take_upload(file: UploadFile) -> dict[str, str | int | None]:
    """Say what was uploaded."""
    return {"name": file.filename, "size": len(await file.read())}


@app.get("/ticks")
async def stream_ticks() -> StreamingResponse:
    """Send an event four times a second, as server-sent events."""

    async def ticks() -> AsyncIterator[str]:
        for number in range(1, 5):
            yield f"data: {number}\n\n"
            await asyncio.sleep(0.25)
        yield "event: end\ndata:\n\n"

    return StreamingResponse(ticks(), media_type="text/event-stream")


handler = AsgiHandler(app, streaming=True)

if __name__ == "__main__":
    # Only on this machine: a port of its own gives the function URL the paths that it has on AWS.
    os.environ.setdefault("LAMBDA_EMULATOR_URL_PORT", "8000")
    run(handler)
