"""Take and show orders behind an HTTP API of API Gateway, with typed requests and responses."""

from attrs import define

from lambda_events import (
    APIGatewayV2HTTPEvent,
    APIGatewayV2HTTPResponse,
    EventDecodeError,
    structure,
    unstructure,
)
from lambda_runtime import Context, run


@define
class Order:
    """The body of a request."""

    item: str
    count: int = 1


ORDERS = {"17": Order("tea", 2)}  # a function of yours would ask a database


def handler(event: APIGatewayV2HTTPEvent, context: Context) -> APIGatewayV2HTTPResponse:
    """Answer one request.

    Args:
        event: The request; what is behind ``event.headers`` is found in any case of letters.
        context: The invocation: its request id, its function and the time that is left.

    Returns:
        The response. A body that is neither text nor bytes is sent as JSON.
    """
    print(f"{context.function_name} got {event.route_key}")
    if event.route_key == "POST /orders":
        try:
            order = structure(event.json(), Order)
        except EventDecodeError as error:
            return APIGatewayV2HTTPResponse.of({"error": str(error)}, status_code=400)
        return APIGatewayV2HTTPResponse.of(unstructure(order), status_code=201)
    found = ORDERS.get(event.path_parameters.get("id", ""))
    if found is None:
        return APIGatewayV2HTTPResponse.of({"error": "there is no such order"}, status_code=404)
    return APIGatewayV2HTTPResponse.of(unstructure(found), headers={"cache-control": "no-store"})


if __name__ == "__main__":
    run(handler)
