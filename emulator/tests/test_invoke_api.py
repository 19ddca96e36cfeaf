"""The Invoke API, as a client of AWS's sees it."""

from __future__ import annotations

import base64
import json
import re
import signal
import socket
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import pytest

from .conftest import receive

if TYPE_CHECKING:
    from .conftest import Emulator

LIMIT = 30
MAX_EVENT_SIZE = 6 * 1024 * 1024
ARN = "arn:aws:lambda:eu-north-1:123456789012:function:actions"


def encode(value: object) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


def test_the_answer_of_the_function_is_the_body(served: Emulator) -> None:
    response = served.invoke({"echo": {"a": [1, None, "ü"]}})
    assert response.status == 200
    assert response.json() == {"a": [1, None, "ü"]}
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["X-Amz-Executed-Version"] == "$LATEST"
    assert response.headers["X-Amz-Function-Error"] is None
    assert response.headers["X-Amz-Log-Result"] is None
    assert response.headers["x-amzn-Remapped-Content-Length"] == "0"
    assert response.headers["Server"] is None  # Lambda does not say what serves it


def test_an_empty_body_is_an_empty_event(served: Emulator) -> None:
    assert served.invoke(body=b"").json() == {}


def test_an_error_of_the_function_is_an_answer_too(served: Emulator) -> None:
    response = served.invoke({"fail": "no"})
    assert response.status == 200
    assert response.headers["X-Amz-Function-Error"] == "Unhandled"
    assert response.headers["X-Amz-Executed-Version"] == "$LATEST"
    assert response.json()["errorType"] == "ValueError"
    assert response.json()["errorMessage"] == "no"


def test_the_function_sees_who_calls(served: Emulator) -> None:
    response = served.invoke(
        {"describe": None},
        headers={
            "X-Amz-Client-Context": encode({"custom": {"key": "value\n"}}),
            "X-Amz-Tenant-Id": "blue",
        },
    )
    seen = response.json()
    assert seen["client"] == {"key": "value\n"}
    assert seen["tenant"] == "blue"
    assert seen["arn"] == ARN
    assert seen["request_id"] == response.headers["x-amzn-RequestId"]
    assert 0 < seen["remaining"] <= 3_000


def test_a_function_has_many_names(served: Emulator) -> None:
    names = {
        "actions": ARN,
        "actions%3A7": f"{ARN}:7",
        "actions%3A%24LATEST": f"{ARN}:$LATEST",
        "123456789012%3Afunction%3Aactions": ARN,
        "123456789012%3Aactions%3Aprod": f"{ARN}:prod",
        ARN: ARN,
        ARN.replace(":", "%3A") + "%3A1": f"{ARN}:1",
        "actions%3A%24LATEST.PUBLISHED": f"{ARN}:$LATEST.PUBLISHED",
        "function%3Aactions": ARN,
        "arn:aws-eusc:lambda:eusc-de-east-1:123456789012:function:actions": ARN,
        "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:actions:1": f"{ARN}:1",
        "arn:aws-iso-b:lambda:us-isob-east-1:123456789012:function:actions": ARN,
        "eu-north-1:123456789012:function:actions": ARN,
    }
    seen = {name: served.invoke({"describe": None}, function=name).json()["arn"] for name in names}
    assert seen == names


def test_a_qualifier_in_the_query_is_part_of_the_arn(served: Emulator) -> None:
    response = served.invoke({"describe": None}, query="?Qualifier=%24LATEST")
    assert response.json()["arn"].endswith(":function:actions:$LATEST")


@pytest.mark.parametrize(
    "qualifier", ["a%0D%0Ax: y", "%00", "a.b", "bad!", "%24LATEST.1", "%FF", "a%20b", "a" * 129]
)
def test_a_qualifier_that_is_not_valid_is_refused(served: Emulator, qualifier: str) -> None:
    response = served.invoke({}, query=f"?Qualifier={qualifier.replace(' ', '%20')}")
    assert response.status == 400
    assert response.headers["x-amzn-ErrorType"] == "ValidationException"
    assert "at 'qualifier' failed to satisfy constraint" in response.json()["message"]


def test_two_qualifiers_must_be_the_same(served: Emulator) -> None:
    assert served.invoke({}, function="actions%3A7", query="?Qualifier=7").status == 200
    response = served.invoke({}, function="actions%3A7", query="?Qualifier=8")
    assert response.status == 400
    assert response.headers["x-amzn-ErrorType"] == "InvalidParameterValueException"
    assert "does not match the specified qualifier" in response.json()["message"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/2015-03-31/functions/"),
        ("POST", "/2015-03-31/functions/"),
        ("DELETE", "/2015-03-31/functions/actions"),
        ("PUT", "/2017-10-31/functions/actions/concurrency"),
        ("GET", "/2015-03-31/event-source-mappings/"),
        ("GET", "/2015-03-31/functions/actions/invocations"),
        ("GET", "/nothing"),
        ("PUT", "/nothing"),
    ],
)
def test_other_operations_are_refused_as_aws_does(served: Emulator, method: str, path: str) -> None:
    connection = HTTPConnection(served.url.netloc, timeout=LIMIT)
    connection.request(method, path)
    response = receive(connection)
    assert response.status == 404
    assert response.headers["x-amzn-ErrorType"] == "UnknownOperationException"
    assert f"does not serve {method} {path}" in response.json()["Message"]


@pytest.mark.parametrize(
    "name", ["other", "other%3A1", "actions%20", "a%2Fb", "an.other", "my.other%3A1"]
)
def test_an_unknown_function_is_not_found(served: Emulator, name: str) -> None:
    response = served.invoke({}, function=name)
    assert response.status == 404
    assert response.headers["x-amzn-ErrorType"] == "ResourceNotFoundException"
    asked = {
        "other": "other:$LATEST",
        "actions%20": "actions :$LATEST",
        "a%2Fb": "a/b:$LATEST",
        "an.other": "an.other:$LATEST",
        "my.other%3A1": "my.other:1",
    }
    arn = ARN.removesuffix("actions") + asked.get(name, "other:1")
    assert response.json() == {"Type": "User", "Message": f"Function not found: {arn}"}


@pytest.mark.parametrize(
    "body", [b"{", b"hello", b"\xff", b"NaN", b"\xef\xbb\xbf{}", b"[" * 100_000]
)
def test_a_body_that_is_not_json_is_refused(served: Emulator, body: bytes) -> None:
    response = served.invoke(body=body)
    assert response.status == 400
    assert response.headers["x-amzn-ErrorType"] == "InvalidRequestContentException"
    assert response.json()["Type"] == "User"
    assert response.json()["message"].startswith("Could not parse request body into json: ")


def test_the_largest_event_is_taken_and_no_larger_one(served: Emulator) -> None:
    frame = len('{"measure":""}')
    fits = b'{"measure":"' + b"x" * (MAX_EVENT_SIZE - frame) + b'"}'
    assert served.invoke(body=fits).json() == MAX_EVENT_SIZE - frame
    response = served.invoke(body=fits + b" ")
    assert response.status == 413
    assert response.headers["x-amzn-ErrorType"] == "RequestEntityTooLargeException"
    assert response.json() == {
        "Type": "User",
        "message": "Request must be smaller than 6291456 bytes for the InvokeFunction operation",
    }


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/xml", "multipart/form-data; boundary=x", "json"]
)
@pytest.mark.parametrize("kind", ["RequestResponse", "Event", "DryRun"])
def test_a_body_of_another_media_type_is_refused(
    served: Emulator, media_type: str, kind: str
) -> None:
    headers = {"Content-Type": media_type, "X-Amz-Invocation-Type": kind}
    response = served.invoke({}, headers=headers)
    assert response.status == 415
    assert response.headers["x-amzn-ErrorType"] == "UnsupportedMediaTypeException"
    assert response.json()["Type"] == "User"
    assert media_type in response.json()["message"]


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/x-amz-json-1.1",
        "application/cloudevents+json",
        "application/octet-stream",  # what AWS's SDKs for Go and JavaScript say
        "application/x-www-form-urlencoded",  # what curl says
    ],
)
def test_media_types_that_clients_send_for_json(served: Emulator, media_type: str) -> None:
    assert served.invoke({"echo": 1}, headers={"Content-Type": media_type}).json() == 1


def test_a_request_id_is_the_callers_own(served: Emulator) -> None:
    own = "11111111-2222-4333-8444-AAAAAAAAAAAA"
    response = served.invoke({"describe": None}, headers={"x-amzn-RequestId": own})
    assert response.headers["x-amzn-RequestId"] == own
    assert response.json()["request_id"] == own


@pytest.mark.parametrize("own", ["", "1", "11111111222243338444aaaaaaaaaaaa", "x" * 36])
def test_a_request_id_must_be_a_uuid(served: Emulator, own: str) -> None:
    response = served.invoke({"echo": 1}, headers={"x-amzn-RequestId": own})
    assert response.status == 400
    assert response.headers["x-amzn-ErrorType"] == "InvalidRequestContentException"
    assert "x-amzn-RequestId" in response.json()["message"]
    assert re.fullmatch(r"[0-9a-f-]{36}", response.headers["x-amzn-RequestId"])


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (None, r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0"),
        ("", r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0"),
        ("nonsense", r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0"),
        (
            f"Root=1-5759e988-{'a' * 24}",
            r"Root=1-5759e988-a{24};Parent=[0-9a-f]{16};Sampled=0",
        ),
        (
            f"Sampled=1; Root=1-5759e988-{'a' * 24};Parent={'b' * 16};Lineage=1:x:0",
            r"Root=1-5759e988-a{24};Parent=b{16};Sampled=1;Lineage=1:x:0",
        ),
    ],
)
def test_each_invocation_has_a_trace(served: Emulator, sent: str | None, expected: str) -> None:
    headers = {} if sent is None else {"X-Amzn-Trace-Id": sent}
    response = served.invoke({"environment": ["_X_AMZN_TRACE_ID"]}, headers=headers)
    [trace] = response.json()
    assert re.fullmatch(expected, trace)
    assert response.headers["X-Amzn-Trace-Id"] == trace.partition(";")[0]


@pytest.mark.parametrize(
    ("tenant", "constraint"),
    [
        ("", "have length greater than or equal to 1"),
        ("x" * 257, "have length less than or equal to 256"),
        ("a,b", "satisfy regular expression pattern: [a-zA-Z0-9\\._:\\/=+\\-@ ]+"),
        ("a\tb", "satisfy regular expression pattern"),
        ("ü", "satisfy regular expression pattern"),
    ],
)
def test_a_tenant_id_must_be_valid(served: Emulator, tenant: str, constraint: str) -> None:
    response = served.invoke({}, headers={"X-Amz-Tenant-Id": tenant})
    assert response.status == 400
    assert response.headers["x-amzn-ErrorType"] == "ValidationException"
    message = response.json()["message"]
    assert message.startswith("1 validation error detected: Value '")
    assert f"at 'tenantId' failed to satisfy constraint: Member must {constraint}" in message


@pytest.mark.parametrize("tenant", ["blue", "a/b:c=d+e-f@g h_i.j", "x" * 256])
def test_a_tenant_id_may_be(served: Emulator, tenant: str) -> None:
    response = served.invoke({"describe": None}, headers={"X-Amz-Tenant-Id": tenant})
    assert response.json()["tenant"] == tenant


@pytest.mark.parametrize("context", ["%", encode([1]), base64.b64encode(b"{").decode()])
def test_a_bad_client_context_is_refused(served: Emulator, context: str) -> None:
    response = served.invoke({}, headers={"X-Amz-Client-Context": context})
    assert response.status == 400
    assert response.headers["x-amzn-ErrorType"] == "InvalidRequestContentException"
    assert "Client context" in response.json()["message"]


def test_a_dry_run_runs_nothing(emulator: Emulator) -> None:
    response = emulator.invoke({"leave": 1}, headers={"X-Amz-Invocation-Type": "DryRun"})
    assert (response.status, response.body) == (204, b"")
    assert response.headers["X-Amz-Executed-Version"] is None
    code, log = emulator.stop()
    assert (code, log.splitlines()[1:]) == (0, ["loaded"])


def test_other_invocation_types_are_refused_by_name(served: Emulator) -> None:
    response = served.invoke({}, headers={"X-Amz-Invocation-Type": "Sometimes"})
    assert response.status == 400
    assert response.headers["x-amzn-ErrorType"] == "InvalidParameterValueException"
    assert "Sometimes" in response.json()["message"]


def test_the_end_of_the_log_comes_on_demand(emulator: Emulator) -> None:
    response = emulator.invoke({"log": "one\ntwo"}, headers={"X-Amz-Log-Type": "Tail"})
    request_id = re.escape(response.headers["x-amzn-RequestId"])
    log = base64.b64decode(response.headers["X-Amz-Log-Result"]).decode()
    number = r"\d+\.\d\d ms"
    assert re.fullmatch(
        rf"START RequestId: {request_id} Version: \$LATEST\none\ntwo\n"
        rf"END RequestId: {request_id}\nREPORT RequestId: {request_id}\tDuration: {number}\t"
        rf"Billed Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: \d+ MB\t"
        rf"Init Duration: {number}\t\n",
        log,
    )


def test_no_more_than_the_end_of_the_log_comes(emulator: Emulator) -> None:
    response = emulator.invoke({"log": "x" * 20_000}, headers={"X-Amz-Log-Type": "Tail"})
    log = base64.b64decode(response.headers["X-Amz-Log-Result"])
    assert len(log) == 4096
    assert log.startswith(b"x" * 2048)
    assert b"\tMax Memory Used: " in log


def test_requests_at_the_same_time_have_environments_of_their_own(emulator: Emulator) -> None:
    with ThreadPoolExecutor(4) as pool:
        responses = list(pool.map(lambda n: emulator.invoke({"echo": n}), range(40)))
    assert [response.json() for response in responses] == list(range(40))
    _, log = emulator.stop()
    lines = Counter(line.split()[0] for line in log.splitlines())
    assert lines["INIT_START"] == lines["loaded"] <= 4
    assert (lines["START"], lines["END"], lines["REPORT"]) == (40, 40, 40)


def test_what_is_not_http_costs_one_line(emulator: Emulator) -> None:
    with socket.create_connection((emulator.url.hostname, emulator.url.port), LIMIT) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: \x01\r\n\r\n")
        assert client.recv(100).split()[1] == b"400"
    assert emulator.invoke({"echo": 1}).json() == 1
    emulator.process.send_signal(signal.SIGINT)
    _, said = emulator.process.communicate(timeout=LIMIT)
    assert said.decode().count("\n") == 1
    assert b"that is not HTTP" in said
