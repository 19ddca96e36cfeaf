"""The authorizers of an API."""

from collections.abc import Mapping
from typing import Protocol

from lambda_emulator._messages import say
from lambda_emulator._project.description import Api, Authorizer
from lambda_emulator._service import FunctionService

from .call import Call, Grant, Refusal, unchecked_caller
from .keys import Keys
from .lambda_authorizer import LambdaAuthorizer
from .token_authorizer import TokenAuthorizer


class _Checks(Protocol):
    async def authorize(self, call: Call) -> Grant: ...


class Authorizers:
    """The authorizers of an API, by name."""

    def __init__(
        self, api: Api, functions: Mapping[str, FunctionService], keys: Keys | None
    ) -> None:
        """Prepare to authorize requests.

        Args:
            api: The API.
            functions: The functions that are served, by name.
            keys: The keys of issuers; None to take tokens unchecked.

        Raises:
            ImportError: Tokens are to be checked, and there is no library for that.
        """
        self._authorizers = {
            name: _authorizer(api, authorizer, functions, keys)
            for name, authorizer in api.authorizers.items()
            if any(route.authorizer == name for route in api.routes)
        }

    async def authorize(self, call: Call) -> Grant | None:
        """Have a request authorized.

        Args:
            call: The request.

        Returns:
            The authorizer's part of the event, or None if the route has no authorizer.

        Raises:
            Refusal: It may not have its response.
            ConnectionAbortedError: The emulator was stopped.
        """
        if call.route.authorizer is None:
            return None
        authorizer = self._authorizers.get(call.route.authorizer)
        if authorizer is None:
            raise Refusal("authorizer_failed")
        return await authorizer.authorize(call)


class _Unchecked:
    """Takes the signatures of AWS's requests as they are; says so once."""

    def __init__(self, api: Api) -> None:
        self._api: Api | None = api

    async def authorize(self, call: Call) -> Grant:
        if self._api is not None:
            say(f"The API {self._api.name} takes requests for IAM without checking them.")
            self._api = None
        return unchecked_caller(call)


def _authorizer(
    api: Api,
    authorizer: Authorizer,
    functions: Mapping[str, FunctionService],
    keys: Keys | None,
) -> _Checks | None:
    if authorizer.kind == "iam":
        return _Unchecked(api)
    if authorizer.kind in ("jwt", "cognito"):
        return TokenAuthorizer(api, authorizer, keys)
    service = functions.get(authorizer.function or "")
    if service is not None:
        return LambdaAuthorizer(authorizer, service)
    say(
        f"The authorizer {authorizer.name} of {api.name} asks the function"
        f" {authorizer.function}, which is not served: it refuses all requests."
    )
    return None
