"""A web application of FastAPI."""

from fastapi import FastAPI, HTTPException
from lambda_asgi import AsgiHandler
from lambda_runtime import run
from pydantic import BaseModel


class Order(BaseModel):
    """An order, as clients send and get it."""

    item: str
    count: int = 1


ORDERS = {17: Order(item="tea", count=2)}  # replace it by your database
app = FastAPI(title="Orders")


@app.get("/orders/{number}")
async def show_order(number: int) -> Order:
    """Return an order."""
    if number not in ORDERS:
        raise HTTPException(404, "There is no such order.")
    return ORDERS[number]


@app.post("/orders", status_code=201)
async def take_order(order: Order) -> Order:
    """Take an order."""
    return order


handler = AsgiHandler(app)

if __name__ == "__main__":
    run(handler)
