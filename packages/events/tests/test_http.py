"""One shape of HTTP over all front ends."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, strategies as st

import lambda_events
from lambda_events import (
    ALBTargetGroupRequest,
    APIGatewayProxyEvent,
    APIGatewayV2HTTPEvent,
    APIGatewayWebSocketEvent,
    EventDecodeError,
    HttpRequest,
    HttpResponse,
    LambdaFunctionURLEvent,
    Model,
    SQSEvent,
    VPCLatticeEvent,
    VPCLatticeV2Event,
    structure,
    unstructure,
)

HEADERS = {"Content-Type": "application/json", "Cookie": "a=1; b=2", "X-Forwarded-For": "1, 2"}
QUERY = {"q": ["a b&c", "d"], "e": [""]}
BODY = {"a": [1]}


def lattice_v1() -> VPCLatticeEvent:
    return structure(
        {
            "raw_path": "/a/b",
            "method": "POST",
            "headers": {name.lower(): value for name, value in HEADERS.items()},
            "query_string_parameters": {"q": "a b&c", "e": ""},
            "body": base64.b64encode(json.dumps(BODY).encode()).decode(),
            "is_base64_encoded": True,
        },
        VPCLatticeEvent,
    )


def without_cookies(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name != "Cookie"}


def front_ends() -> dict[str, Model]:
    common: dict[str, Any] = {"headers": HEADERS, "query": QUERY, "body": BODY}
    v2: dict[str, Any] = {
        **common,
        "headers": without_cookies(HEADERS),
        "cookies": {"a": "1", "b": "2"},
    }
    return {
        "rest": APIGatewayProxyEvent.build("POST", "/a/b", **common),
        "http": APIGatewayV2HTTPEvent.build("POST", "/a/b", **v2),
        "url": LambdaFunctionURLEvent.build("POST", "/a/b", **v2),
        "alb": ALBTargetGroupRequest.build("POST", "/a/b", multi_value=True, **common),
        "lattice": lattice_v1(),
        "lattice2": VPCLatticeV2Event.build("POST", "/a/b", **common),
    }


@pytest.mark.parametrize("name", front_ends())
def test_a_request_looks_the_same_from_every_front_end(name: str) -> None:
    event = front_ends()[name]
    request = HttpRequest.from_event(event)
    assert (request.method, request.path) == ("POST", "/a/b")
    assert request.query == ({"q": ["a b&c"], "e": [""]} if name == "lattice" else QUERY)
    assert request.headers["CONTENT-type"] == "application/json"
    assert request.headers["cookie"] == "a=1; b=2"
    assert request.cookies == {"a": "1", "b": "2"}
    assert request.json() == BODY
    assert json.loads(request.text) == BODY
    assert request.event is event


@pytest.mark.parametrize("name", front_ends())
def test_a_request_is_read_from_the_json_of_an_event(name: str) -> None:
    event = front_ends()[name]
    request = HttpRequest.from_event(unstructure(event))
    assert request.event == event
    assert request.cookies == {"a": "1", "b": "2"}


def test_several_values_of_a_header_are_joined() -> None:
    event = APIGatewayProxyEvent.build(headers={"Accept": "b"})
    event.multi_value_headers["Accept"] = ["a", "b"]
    event.multi_value_headers["Cookie"] = ["a=1", "b=2"]
    request = HttpRequest.from_event(event)
    assert request.headers["accept"] == "a, b"
    assert request.headers["cookie"] == "a=1; b=2"
    assert request.cookies == {"a": "1", "b": "2"}


def test_the_query_of_a_load_balancer_with_single_values_is_decoded() -> None:
    event = ALBTargetGroupRequest.build(query={"a b": "c&d"}, headers={"cookie": "x=1"})
    request = HttpRequest.from_event(event)
    assert request.query == {"a b": ["c&d"]}
    assert request.cookies == {"x": "1"}
    assert request.source_ip == "203.0.113.7"


def test_the_stage_is_no_part_of_the_path() -> None:
    event = APIGatewayV2HTTPEvent.build(path="/prod/orders")
    event.request_context.stage = "prod"
    assert HttpRequest.from_event(event).path == "/orders"
    event.raw_path = "/prod"
    assert HttpRequest.from_event(event).path == "/"
    event.raw_path = "/production"  # a custom domain, whose paths have no stage
    assert HttpRequest.from_event(event).path == "/production"


def test_the_client_is_who_the_front_end_saw_and_not_who_the_client_says() -> None:
    event = ALBTargetGroupRequest.build(headers={"X-Forwarded-For": "10.0.0.1, 203.0.113.9"})
    assert HttpRequest.from_event(event).source_ip == "203.0.113.9"
    assert HttpRequest.from_event(APIGatewayProxyEvent.build()).source_ip == "203.0.113.7"
    assert HttpRequest.from_event(VPCLatticeV2Event.build()).source_ip is None


def test_a_websocket_message_is_a_request_to_its_route() -> None:
    event = APIGatewayWebSocketEvent.build("send", body={"a": 1})
    request = HttpRequest.from_event(event)
    assert (request.method, request.path, request.json()) == ("MESSAGE", "send", {"a": 1})
    connect = APIGatewayWebSocketEvent.build("$connect", headers={"Cookie": "a=1"})
    request = HttpRequest.from_event(unstructure(connect))
    assert (request.method, request.path, request.cookies) == ("CONNECT", "$connect", {"a": "1"})
    assert request.body == b""
    assert request.json() is None


def test_what_is_no_request_says_so() -> None:
    others: list[Any] = [
        SQSEvent.build(["a"]),
        {"Records": []},
        {"requestContext": {}},
        {},
        None,
        [],
    ]
    for value in others:
        with pytest.raises(EventDecodeError, match="HttpRequest"):
            HttpRequest.from_event(value)
    with pytest.raises(EventDecodeError, match="HttpRequest"):
        HttpResponse().to_event({})


def test_parts_of_a_wrong_type_are_an_error_of_the_event() -> None:
    event = unstructure(APIGatewayV2HTTPEvent.build())
    event["headers"] = 5
    with pytest.raises(EventDecodeError, match="APIGatewayV2HTTPEvent"):
        HttpRequest.from_event(event)
    event = unstructure(LambdaFunctionURLEvent.build(body=b"\xff"))
    assert HttpRequest.from_event(event).body == b"\xff"
    with pytest.raises(EventDecodeError, match="UTF-8"):
        _ = HttpRequest.from_event(event).text
    event["body"] = "a"
    with pytest.raises(EventDecodeError, match="base64"):
        HttpRequest.from_event(event)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from([*front_ends().values()]), JSON, st.data())
def test_any_event_is_read_or_is_an_error(event: Model, other: Any, data: st.DataObject) -> None:
    value = unstructure(event)
    place = value
    while True:
        key = data.draw(st.sampled_from([*place]))
        if not (isinstance(place[key], dict) and place[key] and data.draw(st.booleans())):
            break
        place = place[key]
    place[key] = other
    try:
        request = HttpRequest.from_event(value)
    except EventDecodeError:
        return
    HttpResponse().to_event(request)


def test_repr_keeps_secrets() -> None:
    event = LambdaFunctionURLEvent.build(
        path="/p", cookies={"a": "hush"}, headers={"Authorization": "hush"}
    )
    request = HttpRequest.from_event(event)
    assert repr(request) == "HttpRequest(GET /p, LambdaFunctionURLEvent)"
    assert "hush" not in repr(request.headers)
    response = HttpResponse("hush", headers={"x-api-key": "hush"}, cookies=["a=hush"])
    assert repr(response) == "HttpResponse(200, headers=['x-api-key'])"


def answer(event: Model) -> tuple[str, Any]:
    response = HttpResponse(
        {"a": "é"},
        status_code=201,
        headers={"X-One": "1", "X-Two": ["1", "2"], "Set-Cookie": "a=1; Path=/"},
        cookies=["b=2"],
    ).to_event(event)
    return type(response).__name__, unstructure(response)


def test_a_rest_api_gets_several_values_apart() -> None:
    assert answer(APIGatewayProxyEvent.build()) == (
        "APIGatewayProxyResponse",
        {
            "statusCode": 201,
            "headers": {"X-One": "1", "content-type": "application/json"},
            "multiValueHeaders": {"X-Two": ["1", "2"], "set-cookie": ["a=1; Path=/", "b=2"]},
            "body": '{"a":"é"}',
            "isBase64Encoded": False,
        },
    )


@pytest.mark.parametrize(
    ("event", "name"),
    [
        (APIGatewayV2HTTPEvent.build(), "APIGatewayV2HTTPResponse"),
        (LambdaFunctionURLEvent.build(), "LambdaFunctionURLResponse"),
    ],
)
def test_an_http_api_and_a_function_url_get_cookies_apart(event: Model, name: str) -> None:
    assert answer(event) == (
        name,
        {
            "statusCode": 201,
            "headers": {"X-One": "1", "X-Two": "1, 2", "content-type": "application/json"},
            "cookies": ["a=1; Path=/", "b=2"],
            "body": '{"a":"é"}',
            "isBase64Encoded": False,
        },
    )


def test_a_load_balancer_gets_headers_in_the_form_that_it_sent_them_in() -> None:
    expected = {"statusCode": 201, "statusDescription": "201 Created"}
    body = {"body": '{"a":"é"}', "isBase64Encoded": False}
    several = {
        "X-One": ["1"],
        "X-Two": ["1", "2"],
        "content-type": ["application/json"],
        "set-cookie": ["a=1; Path=/", "b=2"],
    }
    assert answer(ALBTargetGroupRequest.build(multi_value=True)) == (
        "ALBTargetGroupResponse",
        {**expected, "multiValueHeaders": several, **body},
    )
    single = {
        "X-One": "1",
        "X-Two": "1, 2",
        "content-type": "application/json",
        "set-cookie": "a=1; Path=/",
        "Set-cookie": "b=2",
    }
    assert answer(ALBTargetGroupRequest.build()) == (
        "ALBTargetGroupResponse",
        {**expected, "headers": single, **body},
    )
    for event in (VPCLatticeV2Event.build(), lattice_v1()):
        assert answer(event) == ("VPCLatticeResponse", {**expected, "headers": single, **body})


def test_a_websocket_api_gets_a_status_and_a_body() -> None:
    response = HttpResponse("ok").to_event(APIGatewayWebSocketEvent.build())
    assert unstructure(response) == {
        "statusCode": 200,
        "headers": {},
        "body": "ok",
        "isBase64Encoded": False,
    }


def test_a_response_answers_a_request_or_its_json() -> None:
    event = LambdaFunctionURLEvent.build()
    response = HttpResponse(b"\xff", headers={"Content-Type": "image/png"})
    expected = {
        "statusCode": 200,
        "headers": {"Content-Type": "image/png"},
        "body": "/w==",
        "isBase64Encoded": True,
    }
    for asked in (event, unstructure(event), HttpRequest.from_event(event)):
        assert unstructure(response.to_event(asked)) == expected


def test_a_content_type_of_ones_own_wins() -> None:
    response = HttpResponse([1], headers={"Content-Type": "application/problem+json"})
    sent = unstructure(response.to_event(APIGatewayV2HTTPEvent.build()))
    assert sent["headers"] == {"Content-Type": "application/problem+json"}


@given(st.lists(st.text(), max_size=40))
def test_no_cookie_is_lost_where_headers_have_one_value(cookies: list[str]) -> None:
    response: Any = HttpResponse(cookies=cookies).to_event(ALBTargetGroupRequest.build())
    assert [*response.headers.values()] == cookies
    assert {name.lower() for name in response.headers} <= {"set-cookie"}


def test_one_front_end_does_not_load_the_others() -> None:
    program = (
        "import sys; from lambda_events import HttpRequest\n"
        "HttpRequest.from_event({'raw_path': '/', 'method': 'GET'})\n"
        "print(*[name for name in sys.modules if name.startswith('lambda_events.')])"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    loaded = set(run.stdout.decode().split())
    assert "lambda_events.vpc_lattice" in loaded
    assert not loaded & {f"lambda_events.{name}" for name in ("apigateway", "alb", "sqs")}


def test_every_form_is_of_a_model() -> None:
    from lambda_events import _http_forms

    for name in _http_forms._FORMS:
        assert hasattr(lambda_events, name)
