"""The application of FastAPI behind Mangum, with lifespan off."""

from mangum import Mangum
from web_fastapi import app

handler = Mangum(app, lifespan="off")
