"""The application of FastAPI, with a lifespan and the state that it yields."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from web_fastapi import app as without_lifespan


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[dict[str, object]]:
    yield {"client": object()}


app = FastAPI(lifespan=lifespan)
app.include_router(without_lifespan.router)
