from __future__ import annotations

import copy
import sys
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from lambda_runtime import Context, Fault
from lambda_runtime._invocation import Invocation

ABOUT = {
    "AWS_LAMBDA_FUNCTION_NAME": "orders",
    "AWS_LAMBDA_FUNCTION_VERSION": "7",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
    "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/orders",
    "AWS_LAMBDA_LOG_STREAM_NAME": "2026/01/01/[7]abc",
}


def context(**headers: str) -> Context:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    given = {"lambda-runtime-aws-request-id": "id-1", **named}
    return Context(Invocation(given, b"{}"), ABOUT)


def test_it_knows_the_function_and_the_invocation() -> None:
    known = context(
        lambda_runtime_invoked_function_arn="arn:1",
        lambda_runtime_trace_id="Root=1",
        lambda_runtime_aws_tenant_id="blue",
    )
    assert known.aws_request_id == "id-1"
    assert known.function_name == "orders"
    assert known.function_version == "7"
    assert known.memory_limit_in_mb == "128"
    assert known.log_group_name == "/aws/lambda/orders"
    assert known.log_stream_name == "2026/01/01/[7]abc"
    assert known.invoked_function_arn == "arn:1"
    assert known.trace_id == "Root=1"
    assert known.tenant_id == "blue"
    assert known.identity.cognito_identity_id is None
    assert known.client_context is None
    assert known.w3c() == {}
    assert "aws_request_id=id-1" in repr(known)


def test_headers_that_are_sent_empty_are_absent() -> None:
    known = context(
        lambda_runtime_trace_id="",
        lambda_runtime_client_context="",
        lambda_runtime_cognito_identity="",
        lambda_runtime_aws_tenant_id="",
        lambda_runtime_deadline_ms="",
    )
    assert known.trace_id is None
    assert known.tenant_id is None
    assert known.client_context is None
    assert known.identity.cognito_identity_pool_id is None


def test_the_time_left_counts_down_to_the_deadline() -> None:
    soon = int((time.time() + 60) * 1000)
    known = context(lambda_runtime_deadline_ms=str(soon))
    assert 0 < known.get_remaining_time_in_millis() <= 60_000
    assert 0 < known.remaining() <= 60
    assert known.deadline == datetime.fromtimestamp(soon / 1000, UTC)


def test_a_deadline_in_the_past_leaves_no_time() -> None:
    known = context(lambda_runtime_deadline_ms="1000")
    assert known.get_remaining_time_in_millis() == 0
    assert known.remaining() == 0.0


@pytest.mark.parametrize("deadline", ["", "soon", "-5", "1.5"])
def test_without_a_deadline_there_is_the_longest_time_that_lambda_grants(deadline: str) -> None:
    known = context(lambda_runtime_deadline_ms=deadline)
    assert 890 < known.remaining() <= 900


def test_the_client_context_is_read() -> None:
    known = context(
        lambda_runtime_client_context="""{
            "client": {"installation_id": "i", "app_title": "t", "app_version_name": "n",
                       "app_version_code": "c", "app_package_name": "p"},
            "custom": {"a": "ä"}, "env": {"locale": "de"},
            "w3c": {"traceparent": "00-1", "tracestate": 5, "other": "x", "baggage": "b"}
        }"""
    )
    assert known.client_context is not None
    client: Any = known.client_context.client
    assert (client.installation_id, client.app_title, client.app_version_name) == ("i", "t", "n")
    assert (client.app_version_code, client.app_package_name) == ("c", "p")
    assert known.client_context.custom == {"a": "ä"}
    assert known.client_context.env == {"locale": "de"}
    assert known.w3c() == {"traceparent": "00-1", "baggage": "b"}
    known.w3c().clear()
    assert known.w3c()
    assert "custom={'a': 'ä'}" in repr(known)
    assert "app_title=t" in repr(known)


@pytest.mark.parametrize("value", ["null", "{}", '{"client": null}', '{"w3c": "x"}'])
def test_a_client_context_may_be_empty(value: str) -> None:
    known = context(lambda_runtime_client_context=value)
    assert (known.client_context is None) == (value == "null")
    assert known.w3c() == {}


def test_the_identity_is_read() -> None:
    known = context(
        lambda_runtime_cognito_identity='{"cognitoIdentityId": "a", "cognitoIdentityPoolId": "b"}'
    )
    assert known.identity.cognito_identity_id == "a"
    assert known.identity.cognito_identity_pool_id == "b"
    assert repr(known.identity) == (
        "CognitoIdentity([cognito_identity_id=a,cognito_identity_pool_id=b])"
    )


@pytest.mark.parametrize("header", ["client_context", "cognito_identity"])
@pytest.mark.parametrize("value", ["{", "[1]", "5", '"text"', "\udcff"])
def test_what_is_no_object_is_the_platforms_fault(header: str, value: str) -> None:
    name = header.replace("_", " ").title()
    with pytest.raises(Fault, match=f"Unable to parse {name} JSON: ") as caught:
        context(**{f"lambda_runtime_{header}": value})
    assert caught.value.error_type == "Runtime.LambdaContextUnmarshalError"


def test_a_session_is_for_async_handlers() -> None:
    with pytest.raises(RuntimeError, match="async def"):
        _ = context().session


def test_a_context_of_ones_own_logs_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    context().log({"a": 1})
    assert capsys.readouterr().out == "{'a': 1}"


@pytest.mark.parametrize(
    "name", [name for name in dir(Context) if not name.startswith("_")] + ["user"]
)
def test_any_attribute_can_be_set(name: str) -> None:
    known = context()
    setattr(known, name, "mine")
    assert getattr(known, name) == "mine"
    assert getattr(copy.copy(known), name) == "mine"


def test_attributes_can_be_added() -> None:
    known: Any = context()
    known.mine = 1
    assert known.mine == 1


def test_the_class_of_a_context_has_the_name_that_programs_ask_for() -> None:
    assert type(context()).__name__ == "LambdaContext"
    assert Context.__qualname__ == "Context"


@pytest.mark.skipif(sys.platform != "linux", reason="awslambdaric is for Linux")
def test_parts_of_a_context_have_awslambdarics_order() -> None:
    from awslambdaric import lambda_context as theirs

    import lambda_runtime as ours

    for name in ("CognitoIdentity", "Client", "ClientContext"):
        assert [*getattr(ours, name).__slots__] == getattr(theirs, name).__slots__
