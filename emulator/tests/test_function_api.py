"""The functions' configuration, as boto3 sees it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from lambda_emulator import Emulator, EventInvokeConfig, configure

if TYPE_CHECKING:
    from collections.abc import Iterator

FUNCTIONS = Path(__file__).parent / "functions"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:dead"
ARN = "arn:aws:lambda:us-east-1:123456789012:function"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    first = configure(
        FUNCTIONS / "own_loop.py",
        "first",
        region="us-east-1",
        timeout=12.5,
        memory_mb=512,
        concurrency=3,
        environment={"A": "1"},
        log_format="json",
        event_invoke=EventInvokeConfig(dead_letter_queue=QUEUE),
    )
    second = configure(FUNCTIONS / "own_loop.py", "second", region="us-east-1", snap_start=True)
    third = configure(FUNCTIONS / "own_loop.py", "third", region="us-east-1", max_concurrency=4)
    with Emulator([first, third, second]) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def client(emulator: Emulator) -> Any:
    return emulator.client()


def test_a_configuration(client: Any) -> None:
    found = client.get_function_configuration(FunctionName="first")
    assert found["FunctionName"] == "first"
    assert found["FunctionArn"] == f"{ARN}:first"
    assert (found["Timeout"], found["MemorySize"], found["Version"]) == (13, 512, "$LATEST")
    assert found["Environment"] == {"Variables": {"A": "1"}}
    assert found["LoggingConfig"] == {"LogFormat": "JSON", "LogGroup": "/aws/lambda/first"}
    assert found["DeadLetterConfig"] == {"TargetArn": QUEUE}
    assert found["SnapStart"] == {"ApplyOn": "None", "OptimizationStatus": "Off"}
    assert (found["Handler"], found["Runtime"]) == ("bootstrap", "provided.al2023")
    assert "CapacityProviderConfig" not in found


def test_a_handler_has_a_runtime_of_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FUNCTIONS)
    with Emulator(["answers.handler"]) as emulator:
        found = emulator.client().get_function_configuration(FunctionName="answers")
    assert found["Handler"] == "answers.handler"
    assert found["Runtime"] == f"python{sys.version_info.major}.{sys.version_info.minor}"


def test_snap_start_and_managed_instances(client: Any) -> None:
    second = client.get_function_configuration(FunctionName="second")
    assert second["SnapStart"] == {"ApplyOn": "PublishedVersions", "OptimizationStatus": "On"}
    assert second["Version"] == "1"
    third = client.get_function_configuration(FunctionName="third")["CapacityProviderConfig"]
    assert third["LambdaManagedInstancesCapacityProviderConfig"] == {
        "PerExecutionEnvironmentMaxConcurrency": 4
    }


@pytest.mark.parametrize("name", ["first:prod", f"{ARN}:first:prod"])
def test_a_function(client: Any, name: str) -> None:
    found = client.get_function(FunctionName=name)
    assert found["Configuration"]["FunctionArn"] == f"{ARN}:first:prod"
    assert found["Concurrency"] == {"ReservedConcurrentExecutions": 3}
    assert found["Code"] == {"Location": FUNCTIONS.as_uri()}
    assert (
        client.get_function(FunctionName="first", Qualifier="prod")["Configuration"]
        == (found["Configuration"])
    )


def test_waiters(client: Any) -> None:
    for waiter in ("function_exists", "function_active_v2", "function_updated_v2"):
        client.get_waiter(waiter).wait(FunctionName="first", WaiterConfig={"MaxAttempts": 1})


@pytest.mark.parametrize("operation", ["get_function", "get_function_configuration"])
def test_an_unknown_function(client: Any, operation: str) -> None:
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="Function not found"):
        getattr(client, operation)(FunctionName="other")
    with pytest.raises(client.exceptions.ResourceNotFoundException, match=r":function:other$"):
        getattr(client, operation)(FunctionName="other")
    with pytest.raises(client.exceptions.ResourceNotFoundException, match=r":function:other:1$"):
        getattr(client, operation)(FunctionName="other", Qualifier="1")


def test_all_functions(client: Any) -> None:
    listed = client.list_functions()
    assert [each["FunctionName"] for each in listed["Functions"]] == ["first", "second", "third"]
    assert "NextMarker" not in listed
    assert listed["Functions"][0] == {
        key: value
        for key, value in client.get_function_configuration(FunctionName="first").items()
        if key != "ResponseMetadata"
    }
    versions = client.list_functions(FunctionVersion="ALL")["Functions"]
    assert versions[0]["FunctionArn"] == f"{ARN}:first:$LATEST"


def test_all_functions_page_by_page(client: Any) -> None:
    pages = client.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2})
    names = [[each["FunctionName"] for each in page["Functions"]] for page in pages]
    assert names == [["first", "second"], ["third"]]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"Marker": "unknown"}, "InvalidParameterValueException"),
        ({"MaxItems": 10_001}, "ValidationException"),
    ],
)
def test_pages_that_are_not(client: Any, arguments: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError) as caught:
        client.list_functions(**arguments)
    assert caught.value.response["Error"]["Code"] == code


def test_the_account(client: Any) -> None:
    settings = client.get_account_settings()
    assert settings["AccountUsage"]["FunctionCount"] == 3
    limit = settings["AccountLimit"]
    assert (limit["ConcurrentExecutions"], limit["UnreservedConcurrentExecutions"]) == (1000, 977)


def test_operations_that_are_not_served_say_so(client: Any) -> None:
    for operation, arguments in (
        ("delete_function", {"FunctionName": "first"}),
        ("list_event_source_mappings", {}),
        ("put_function_concurrency", {"FunctionName": "x", "ReservedConcurrentExecutions": 1}),
        ("list_layers", {}),
    ):
        with pytest.raises(ClientError, match="lambda-emulator does not serve") as caught:
            getattr(client, operation)(**arguments)
        assert caught.value.response["Error"]["Code"] == "UnknownOperationException"
