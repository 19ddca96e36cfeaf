"""The application of FastAPI, with a lifespan and what that has opened."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from web_fastapi import app as without_lifespan


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[dict[str, object]]:
    yield {"client": object()}


app = FastAPI(lifespan=lifespan)
app.include_router(without_lifespan.router)
