"""The Extensions API as an extension in the runtime's process uses it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from http.client import HTTPConnection, HTTPResponse
from typing import Any

import pytest

from lambda_testing import FakeRuntimeAPI, Function, Reply

Call = Callable[..., HTTPResponse]
Connect = Callable[[], HTTPConnection]
Until = Callable[[Callable[[], bool]], None]

EXTENSION = "/2020-01-01/extension"
RUNTIME = "/2018-06-01/runtime"
NAME = "Lambda-Extension-Name"
IDENTIFIER = "Lambda-Extension-Identifier"
ERROR_TYPE = "Lambda-Extension-Function-Error-Type"
ACCEPTED = (202, b'{"status":"OK"}\n')


@pytest.fixture(params=[None, 2], ids=["serial", "managed"])
def function(request: pytest.FixtureRequest) -> Function:
    return Function(name="f", version="3", handler="app.handler", max_concurrency=request.param)


def ask(
    connection: HTTPConnection,
    method: str,
    path: str,
    body: object = None,
    **headers: str,
) -> None:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    data = body if isinstance(body, bytes) else json.dumps(body)
    connection.request(method, path, data if method != "GET" else None, names)


class Extension:
    """A connection of an extension."""

    def __init__(self, connection: HTTPConnection) -> None:
        self.connection = connection
        self.identifier = ""

    def register(self, name: str = "x", body: object = None, **headers: str) -> tuple[int, Any]:
        body = {"events": []} if body is None else body
        ask(self.connection, "POST", f"{EXTENSION}/register", body, **{NAME: name}, **headers)
        response = self.connection.getresponse()
        self.identifier = response.headers.get(IDENTIFIER, "")
        return response.status, json.loads(response.read())

    def poll(self, identifier: str | None = None) -> None:
        headers = {IDENTIFIER: self.identifier if identifier is None else identifier}
        ask(self.connection, "GET", f"{EXTENSION}/event/next", **headers)

    def tell(self, what: str, **headers: str) -> tuple[int, bytes]:
        headers = {IDENTIFIER: self.identifier, **headers}
        ask(self.connection, "POST", f"{EXTENSION}/{what}", {"errorType": "X"}, **headers)
        response = self.connection.getresponse()
        return response.status, response.read()

    def refusal(self) -> tuple[str, str]:
        response = self.connection.getresponse()
        assert response.status == 403
        error = json.loads(response.read())
        return error["errorType"], error["errorMessage"]


@pytest.fixture
def extension(connect: Connect) -> Extension:
    return Extension(connect())


@pytest.fixture
def runtime(connect: Connect) -> HTTPConnection:
    return connect()


def poll(connection: HTTPConnection) -> None:
    connection.request("GET", f"{RUNTIME}/invocation/next")


serial = pytest.mark.parametrize("function", [Function()], ids=["serial"])


def test_registration_tells_of_the_function(api: FakeRuntimeAPI, extension: Extension) -> None:
    told = {"functionName": "f", "functionVersion": "3", "handler": "app.handler"}
    assert extension.register("one") == (200, told)
    assert str(uuid.UUID(extension.identifier)) == extension.identifier
    features = {"Lambda-Extension-Accept-Feature": "other, accountId"}
    assert extension.register("two", **features) == (200, {**told, "accountId": "123456789012"})
    assert [(it.name, it.events, it.state, it.polled) for it in api.extensions] == [
        ("one", (), "Registered", False),
        ("two", (), "Registered", False),
    ]
    assert api.extensions[1].id == extension.identifier


@pytest.mark.parametrize(
    ("name", "body", "error"),
    [
        ("", {}, ("Extension.InvalidExtensionName", "Empty extension name")),
        ("x", b"{", ("InvalidRequestFormat", "not JSON")),
        ("x", [], ("InvalidRequestFormat", "not a JSON object")),
        ("x", {"events": "INVOKE"}, ("InvalidRequestFormat", "not a list")),
        ("x", {"configurationKeys": ["A"]}, ("InvalidRequestFormat", "deprecated")),
    ],
)
def test_registrations_that_make_no_sense_are_refused(
    api: FakeRuntimeAPI, extension: Extension, name: str, body: object, error: tuple[str, str]
) -> None:
    status, told = extension.register(name, body)
    assert (status, told["errorType"]) == (403, error[0])
    assert error[1] in told["errorMessage"]
    assert api.extensions == ()
    assert api.requests[-1].body == (body if isinstance(body, bytes) else json.dumps(body).encode())


def test_no_internal_extension_gets_the_shutdown_event(
    api: FakeRuntimeAPI, function: Function, extension: Extension
) -> None:
    for event, reason in [
        ("SHUTDOWN", "ShutdownEventNotSupportedForInternalExtension"),
        ("LUNCH", "ErrorInvalidEventType"),
    ]:
        message = f"{event}: {reason}"
        if function.max_concurrency:
            message = "No events allowed for internal extensions"
        assert extension.register("x", {"events": [event]}) == (
            403,
            {"errorMessage": message, "errorType": "Extension.InvalidEventType"},
        )


def test_names_and_places_are_limited(api: FakeRuntimeAPI, extension: Extension) -> None:
    assert extension.register("0")[0] == 200
    assert extension.register("0")[1] == {
        "errorMessage": "Extension with this name already registered",
        "errorType": "Extension.InvalidExtensionState",
    }
    for number in range(1, 10):
        assert extension.register(str(number))[0] == 200
    assert extension.register("10")[1] == {
        "errorMessage": "Extension limit (10) reached",
        "errorType": "Extension.TooManyExtensions",
    }


def test_registration_closes_with_the_first_poll(
    api: FakeRuntimeAPI, extension: Extension, runtime: HTTPConnection
) -> None:
    poll(runtime)
    api.wait_for_poll()
    assert extension.register()[1] == {
        "errorMessage": "Extension registration closed already",
        "errorType": "Extension.RegistrationClosed",
    }
    api.process_exited()
    assert extension.register()[0] == 200


def test_who_does_not_say_who_it_is_is_refused(api: FakeRuntimeAPI, extension: Extension) -> None:
    stranger = str(uuid.uuid4())
    for identifier, error, message in [
        ("", "MissingExtensionIdentifier", "Missing Lambda-Extension-Identifier header"),
        ("me", "InvalidExtensionIdentifier", "Invalid Lambda-Extension-Identifier"),
        (stranger, "UnknownExtensionIdentifier", f"Unknown extension {stranger}"),
    ]:
        extension.poll(identifier)
        assert extension.refusal() == (f"Extension.{error}", message)
        extension.identifier = identifier
        for what in ("init/error", "exit/error"):
            assert extension.tell(what, **{ERROR_TYPE: "X"})[0] == 403
        ask(extension.connection, "PUT", "/2022-07-01/telemetry", {}, **{IDENTIFIER: identifier})
        assert extension.refusal()[0] == f"Extension.{error}"


def test_the_start_ends_with_the_extensions_first_poll(
    api: FakeRuntimeAPI, extension: Extension, runtime: HTTPConnection
) -> None:
    extension.register("slow")
    invocation = api.enqueue(1)
    poll(runtime)
    with pytest.raises(TimeoutError, match="1 polls waiting, slow is Registered;"):
        api.wait_for_poll(timeout=0.05)
    assert invocation.state == "queued"
    extension.poll()
    assert runtime.getresponse().read() == b"1"
    assert [(it.state, it.polled) for it in api.extensions] == [("Ready", True)]


def test_an_extension_without_events_waits_for_ever(
    api: FakeRuntimeAPI, extension: Extension, runtime: HTTPConnection, connect: Connect
) -> None:
    extension.register()
    extension.poll()
    for number in range(2):
        poll(runtime)
        api.wait_for_poll()
        invocation = api.enqueue(number)
        runtime.getresponse().read()
        runtime.request("POST", f"{RUNTIME}/invocation/{invocation.request_id}/response", b"1")
        assert runtime.getresponse().read() == ACCEPTED[1]
    assert api.extensions[0].state == "Ready"
    second = Extension(connect())
    second.poll(extension.identifier)
    assert second.refusal() == (
        "Extension.InvalidExtensionState",
        (
            f"State transition from Ready to Ready failed for extension {extension.identifier}. "
            "Error: State transition is not allowed"
        ),
    )


@serial
def test_invocations_are_told_to_those_who_asked(
    api: FakeRuntimeAPI, extension: Extension, runtime: HTTPConnection
) -> None:
    extension.register("x", {"events": ["INVOKE"]})
    extension.poll()
    trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0"
    for trace_id in (trace, None):
        invocation = api.enqueue(1, trace_id=trace_id, deadline_ms=1234)
        poll(runtime)
        runtime.getresponse().read()
        response = extension.connection.getresponse()
        assert response.headers["Content-Type"] == "application/json"
        identifier = response.headers["Lambda-Extension-Event-Identifier"]
        assert str(uuid.UUID(identifier)) == identifier
        event = json.loads(response.read())
        tracing = {"tracing": {"type": "X-Amzn-Trace-Id", "value": trace}} if trace_id else {}
        assert event == {
            "eventType": "INVOKE",
            "deadlineMs": 1234,
            "requestId": invocation.request_id,
            "invokedFunctionArn": api.function.arn,
            **tracing,
        }
        path = f"{RUNTIME}/invocation/{invocation.request_id}/response"
        runtime.request("POST", path, b"1")
        runtime.getresponse().read()
        assert api.extensions[0].state == "Running"
        extension.poll()


@serial
def test_the_next_invocation_waits_for_the_extension(
    api: FakeRuntimeAPI, extension: Extension, runtime: HTTPConnection
) -> None:
    extension.register("x", {"events": ["INVOKE"]})
    extension.poll()
    first, second = api.enqueue(1), api.enqueue(2)
    poll(runtime)
    runtime.getresponse().read()
    extension.connection.getresponse().read()
    runtime.request("POST", f"{RUNTIME}/invocation/{first.request_id}/response", b"1")
    runtime.getresponse().read()
    poll(runtime)
    with pytest.raises(TimeoutError, match="x is Running"):
        api.wait_for_poll(timeout=0.05)
    assert second.state == "queued"
    extension.poll()
    assert runtime.getresponse().read() == b"2"


@serial
def test_an_extension_that_hangs_up_may_come_again(
    api: FakeRuntimeAPI, connect: Connect, runtime: HTTPConnection, until: Until
) -> None:
    lost, again = Extension(connect()), Extension(connect())
    lost.register("x", {"events": ["INVOKE"]})
    lost.poll()
    poll(runtime)
    api.wait_for_poll()
    lost.connection.close()
    until(lambda: api.extensions[0].state == "Registered")
    assert api.extensions[0].polled
    invocation = api.enqueue(1)
    assert invocation.state == "queued"
    again.poll(lost.identifier)
    assert runtime.getresponse().read() == b"1"
    assert json.loads(again.connection.getresponse().read())["requestId"] == invocation.request_id


@pytest.mark.parametrize("what", ["init/error", "exit/error"])
def test_an_extension_that_fails_fails_the_environment(
    api: FakeRuntimeAPI,
    extension: Extension,
    runtime: HTTPConnection,
    what: str,
) -> None:
    extension.register("x")
    queued = api.enqueue(1)
    assert extension.tell(what) == (
        403,
        (
            b'{"errorMessage":"Lambda-Extension-Function-Error-Type not found",'
            b'"errorType":"Extension.MissingHeader"}\n'
        ),
    )
    identifier, extension.identifier = extension.identifier, str(uuid.uuid4())
    status, refusal = extension.tell(what, **{ERROR_TYPE: "Extension.Oops"})
    assert (status, json.loads(refusal)["errorMessage"]) == (
        403,
        "Unknown Lambda-Extension-Identifier",
    )
    extension.identifier = identifier
    assert extension.tell(what, **{ERROR_TYPE: "Extension.Oops"}) == ACCEPTED
    assert extension.tell(what, **{ERROR_TYPE: "Extension.Other"}) == ACCEPTED
    known = api.extensions[0]
    failed = "InitError" if what == "init/error" else "ExitError"
    assert (known.state, known.error_type) == (failed, "Extension.Oops")
    assert queued.wait().json() == {
        "errorType": f"Extension.{failed}",
        "errorMessage": "the extension x reported Extension.Oops",
    }
    with pytest.raises(RuntimeError, match=r"the init failed.*did not poll.*Oops"):
        api.wait_for_poll()
    poll(runtime)
    assert runtime.getresponse().status == 403
    other = "exit/error" if what == "init/error" else "init/error"
    status, body = extension.tell(other, **{ERROR_TYPE: "X"})
    wanted = "Exited" if other == "exit/error" else "InitError"
    assert status == 403
    assert f"from {failed} to {wanted} failed for extension" in json.loads(body)["errorMessage"]


def test_an_extension_that_exits_takes_what_is_in_flight_along(
    api: FakeRuntimeAPI, extension: Extension, runtime: HTTPConnection, connect: Connect
) -> None:
    extension.register("x")
    extension.poll()
    running = api.enqueue(1)
    poll(runtime)
    runtime.getresponse().read()
    other = Extension(connect())
    other.identifier = extension.identifier
    assert other.tell("exit/error", **{ERROR_TYPE: "Extension.Oops"}) == ACCEPTED
    assert running.wait().kind == "exit"
    assert running.wait().json()["errorType"] == "Extension.ExitError"


def test_a_process_that_exits_takes_its_extensions_along(
    api: FakeRuntimeAPI, extension: Extension, runtime: HTTPConnection
) -> None:
    extension.register()
    extension.poll()
    poll(runtime)
    api.wait_for_poll()
    api.process_exited()
    assert api.extensions == ()
    with pytest.raises(ConnectionError):
        extension.connection.getresponse()


@pytest.mark.parametrize("path", ["/2022-07-01/telemetry", "/2020-08-15/logs"])
def test_telemetry_is_subscribed_to(api: FakeRuntimeAPI, extension: Extension, path: str) -> None:
    extension.register()
    subscription = {
        "schemaVersion": "2022-12-13",
        "types": ["platform"],
        "destination": {"protocol": "HTTP", "URI": "http://sandbox.localdomain:8080"},
    }
    headers = {IDENTIFIER: extension.identifier}
    ask(extension.connection, "PUT", path, subscription, **headers)
    response = extension.connection.getresponse()
    assert (response.status, response.read()) == (200, b'"OK"')
    assert json.loads(api.requests[-1].body) == subscription


def test_canned_replies_come_first(api: FakeRuntimeAPI, extension: Extension) -> None:
    api.reply_with("extension/register", Reply(500, b"{}"))
    assert extension.register() == (500, {})
    assert extension.register()[0] == 200
    api.reply_with("extension/event/next", Reply(500))
    extension.poll()
    assert extension.connection.getresponse().status == 500
