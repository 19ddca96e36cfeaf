"""Requests that do not fit what a REST API says they must be.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lambda_emulator._front_end import Answer, Problem
from lambda_emulator._front_ends import FRONT_ENDS, bad_parameters
from lambda_emulator._http_request import media_type_of
from lambda_emulator._messages import say
from lambda_emulator._project.description import Api, Route

from .call import Call

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

_DEFAULT_TYPE = "application/json"


class RequestValidator:
    """Checks the requests of a route."""

    def __init__(self, api: Api, route: Route) -> None:
        """Prepare to check requests.

        Args:
            api: The API.
            route: The route.

        Raises:
            ImportError: Bodies are to be checked, and there is no library for that.
        """
        self._where = f"{api.name} {route.method} {route.path}"
        self._required = route.required_parameters
        self._schemas = {
            media_type.lower(): _validator(schema)
            for media_type, schema in route.body_schemas.items()
        }

    def refusal(self, call: Call) -> tuple[Problem, Answer] | None:
        """Return why a request does not fit, and the answer to it; None if it fits.

        Args:
            call: The request.
        """
        missing = [source for source in self._required if call.source(source) is None]
        if missing:
            names = ", ".join(source.rpartition(".")[2] for source in missing)
            return "bad_parameters", bad_parameters(names)
        if self._schemas and not self._fits(call):
            return "bad_body", FRONT_ENDS["v1"].problems["bad_body"]
        return None

    def _fits(self, call: Call) -> bool:
        media_type = media_type_of(call.request.headers.get("Content-Type")) or _DEFAULT_TYPE
        validator = self._schemas.get(media_type) or self._schemas.get("$default")
        if validator is None:  # bodies of other types are not checked
            return True
        try:
            body: Any = json.loads(call.request.body or b"{}")
        except (ValueError, RecursionError):
            return False
        try:
            return bool(validator.is_valid(body))
        except Exception as error:  # noqa: BLE001 - whatever a schema of the user's does
            say(f"A body for {self._where} is not checked: its schema is not usable: {error}")
            return True


def _validator(schema: Mapping[str, Any]) -> "Validator":
    from jsonschema import Draft4Validator

    return Draft4Validator(dict(schema))
