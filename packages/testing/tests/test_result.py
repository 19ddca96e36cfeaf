"""The result of an invocation for a test, and its text when it fails."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from multidict import CIMultiDict

from lambda_testing import FunctionError, InvocationError, Outcome, Result

if TYPE_CHECKING:
    from lambda_testing._outcome import Kind

ERROR = {"errorMessage": "no", "errorType": "ValueError", "stackTrace": ["  File x\n"]}


def result(
    body: bytes | Any, kind: Kind = "response", content_type: str | None = None, output: str = ""
) -> Result:
    headers = CIMultiDict({"Content-Type": content_type} if content_type else {})
    encoded = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Result(Outcome(kind=kind, body=encoded, headers=headers), output, duration=0.25)


@pytest.mark.parametrize(
    ("body", "content_type", "value"),
    [
        (b'{"a":1}', "application/json", {"a": 1}),
        (b"[]", "application/problem+json; charset=utf-8", []),
        (b"1", None, 1),
        (b"\xff", "application/unknown", b"\xff"),
        (
            b'{"statusCode":201}' + bytes(8) + b"text",
            "application/vnd.awslambda.http-integration-response",
            b"text",
        ),
    ],
)
def test_a_value_is_what_the_function_returned(
    body: bytes, content_type: str | None, value: Any
) -> None:
    got = result(body, content_type=content_type)
    assert got.value == value
    assert (got.ok, got.kind, got.duration) == (True, "response", 0.25)


def test_a_value_that_is_no_json_says_so() -> None:
    with pytest.raises(ValueError, match="not JSON"):
        _ = result(b"{", content_type="application/json").value


@pytest.mark.parametrize("kind", ["error", "init_error", "exit", "timeout"])
def test_an_error_is_what_the_caller_is_told(kind: Kind) -> None:
    got = result(ERROR, kind)
    assert not got.ok
    assert got.error == FunctionError("ValueError", "no", ("  File x\n",), ERROR)
    assert str(got.error) == "ValueError: no"
    with pytest.raises(InvocationError) as raised:
        _ = got.value
    assert str(raised.value) == f"the function failed ({kind}): ValueError: no\n  File x"


@pytest.mark.parametrize("body", [b"oops", b"[]", b"{}"])
def test_an_error_of_any_shape_is_one(body: bytes) -> None:
    headers = {"lambda-runtime-function-error-type": "Function.Oops"}
    outcome = Outcome(kind="error", body=body, headers=CIMultiDict(headers))
    assert Result(outcome, "", duration=0).error.type == "Function.Oops"


def test_the_error_of_a_stream_is_the_one_in_its_trailers() -> None:
    outcome = Outcome(
        kind="stream_error",
        body=b"begun",
        headers=CIMultiDict({}),
        trailers=CIMultiDict(
            {
                "Lambda-Runtime-Function-Error-Type": "Function.ValueError",
                "Lambda-Runtime-Function-Error-Body": base64.b64encode(
                    json.dumps(ERROR).encode()
                ).decode(),
            }
        ),
    )
    got = Result(outcome, "", duration=0)
    assert (got.error.message, got.content) == ("no", b"begun")


def test_no_error_says_what_there_is_instead() -> None:
    with pytest.raises(InvocationError) as raised:
        _ = result({"a": 1}, output="first\nsecond\rline\n").error
    assert str(raised.value) == (
        'the function did not fail: it returned {"a": 1}\nits log:\nfirst\nsecond\nline'
    )


def test_the_exception_itself_is_the_cause() -> None:
    cause = ValueError("no")
    got = Result(result(ERROR, "error").outcome, "", duration=0, raised=cause)
    with pytest.raises(InvocationError) as raised:
        _ = got.value
    assert raised.value.__cause__ is cause


def test_logs_are_records() -> None:
    output = '{"level":"INFO"}\n\nplain\n{broken\n[ERROR]\ttwo\rlines\r\n'
    assert result(1, output=output).logs == [
        {"level": "INFO"},
        "plain",
        "{broken",
        "[ERROR]\ttwo\nlines",
    ]


def test_a_result_shows_itself() -> None:
    assert repr(result(1)) == "<Result response after 250.0 ms: b'1'>"
    assert repr(result(ERROR, "error")) == "<Result error after 250.0 ms: ValueError: no>"
