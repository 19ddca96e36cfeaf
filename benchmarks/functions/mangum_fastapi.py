"""The application of FastAPI behind Mangum."""

from mangum import Mangum
from web_fastapi import app

handler = Mangum(app)
