"""The application of FastAPI behind Mangum, which is told that there is no lifespan."""

from mangum import Mangum
from web_fastapi import app

handler = Mangum(app, lifespan="off")
