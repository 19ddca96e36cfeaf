"""The application of FastAPI with a lifespan, behind Mangum."""

from mangum import Mangum
from web_lifespan import app

handler = Mangum(app)
