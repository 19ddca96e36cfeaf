"""A module of the function has the name of the package that writes its log.

This runtime cannot start then, and has no log to say so.
"""

from __future__ import annotations

import json
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def refuse(error: ImportError) -> NoReturn:
    """Report that the function cannot start, and end the process.

    Args:
        error: The failure to import the package, or a part of this one.

    Raises:
        ImportError: No module of the function is to blame.
        SystemExit: Otherwise.
    """
    module = sys.modules.get("lambda_logging")
    if module is None or (error.name or "").partition(".")[0] != "lambda_logging":
        raise error
    message = (
        f"The function's own module {module.__file__} takes the place of the package "
        "lambda-logging, which lambda-runtime needs: give the module another name"
    )
    try:
        _report(message)
    except Exception as problem:  # noqa: BLE001 (the log has the reason all the same)
        message = f"{message} (and the report of this failed: {problem})"
    sys.exit(f"[ERROR] Runtime.ImportModuleError: {message}")


def _report(message: str) -> None:
    from http.client import HTTPConnection

    error = {
        "errorMessage": message,
        "errorType": "Runtime.ImportModuleError",
        "requestId": "",
        "stackTrace": [],
    }
    connection = HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"], timeout=1)
    connection.request(
        "POST",
        "/2018-06-01/runtime/init/error",
        json.dumps(error),
        {
            "Content-Type": "application/json",
            "Lambda-Runtime-Function-Error-Type": "Runtime.ImportModuleError",
        },
    )
    connection.getresponse()
