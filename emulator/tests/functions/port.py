"""A function that tells where its Runtime API is."""

import os
from typing import Any


def handler(_event: Any, _context: Any) -> str:
    return os.environ["AWS_LAMBDA_RUNTIME_API"]
