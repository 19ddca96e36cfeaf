"""Let clients with a signed token into an HTTP API, and nobody else."""

import hmac
import os

from lambda_events import APIGatewayV2AuthorizerEvent, APIGatewayV2AuthorizerSimpleResponse
from lambda_runtime import Context, run

# A function of yours would read it from a secret store, once, at the start.
SECRET = os.environ.get("TOKEN_SECRET", "for this sample only").encode()


def user_of(token: str) -> str | None:
    """Return whom a token names, if its signature is right."""
    user, _, signature = token.rpartition(".")
    expected = hmac.digest(SECRET, user.encode(), "sha256").hex()
    return user if hmac.compare_digest(expected.encode(), signature.encode()) else None


def handler(
    event: APIGatewayV2AuthorizerEvent, context: Context
) -> APIGatewayV2AuthorizerSimpleResponse:
    """Decide on one request.

    Args:
        event: The request, without its body.
        context: The invocation: its request id, its function and the time that is left.

    Returns:
        The decision, and values for the function behind the API.
    """
    scheme, _, token = event.headers.get("Authorization", "").partition(" ")
    user = user_of(token) if scheme == "Bearer" else None
    print(f"{context.function_name} {'knows' if user else 'does not know'} the client")
    if user is None:
        return APIGatewayV2AuthorizerSimpleResponse(is_authorized=False)
    return APIGatewayV2AuthorizerSimpleResponse(is_authorized=True, context={"user": user})


if __name__ == "__main__":
    run(handler)
