"""Orders over HTTP: an HTTP API of API Gateway, with typed requests and responses."""

from attrs import frozen
from lambda_events import (
    APIGatewayV2HTTPEvent,
    APIGatewayV2HTTPResponse,
    EventDecodeError,
    structure,
    unstructure,
)
from lambda_runtime import Context, run


@frozen
class Order:
    """The body of a request."""

    item: str
    count: int = 1


ORDERS = {"17": Order("tea", 2)}  # replace it by your database


def handler(event: APIGatewayV2HTTPEvent, context: Context) -> APIGatewayV2HTTPResponse:
    """Answer one request."""
    if event.request_context.http.method == "POST":
        try:
            order = structure(event.json(), Order)
        except EventDecodeError as error:
            return APIGatewayV2HTTPResponse.of({"error": str(error)}, status_code=400)
        print(f"{context.aws_request_id} orders {order.count} x {order.item}")
        return APIGatewayV2HTTPResponse.of(unstructure(order), status_code=201)
    found = ORDERS.get(event.raw_path.rpartition("/")[2])
    if found is None:
        return APIGatewayV2HTTPResponse.of({"error": "there is no such order"}, status_code=404)
    return APIGatewayV2HTTPResponse.of(unstructure(found))


if __name__ == "__main__":
    run(handler)
