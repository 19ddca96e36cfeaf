"""An application of FastAPI with two routes, a dependency and models."""

from typing import Annotated

from fastapi import Depends, FastAPI, Header
from pydantic import BaseModel


class Item(BaseModel):
    """The response."""

    item: str
    count: int


def caller(user_agent: Annotated[str, Header()] = "") -> str:
    return user_agent


app = FastAPI()


@app.get("/")
async def show_index() -> dict[str, str]:
    return {"message": "Hello"}


@app.get("/items/{item}")
async def show_item(item: str, count: int, agent: Annotated[str, Depends(caller)]) -> Item:
    return Item(item=item, count=count + (not agent))
