"""The application of Starlette behind Mangum."""

from mangum import Mangum
from web_starlette import app

handler = Mangum(app)
