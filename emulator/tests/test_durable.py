"""Durable functions: executions, as boto3 starts, watches and answers them."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from botocore.exceptions import ClientError

from lambda_emulator import DurableConfig, Emulator, configure
from lambda_emulator._config import EventInvokeConfig
from lambda_emulator._log import Output
from lambda_emulator._project.description import Api, EventSource, Place, Route
from lambda_emulator._server import EmulatorServer

from .conftest import LIMIT, run_in, until

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

FUNCTIONS = """
import os

from aws_durable_execution_sdk_python import durable_execution, durable_step
from aws_durable_execution_sdk_python.exceptions import InvocationError
from aws_durable_execution_sdk_python.config import CallbackConfig, Duration, StepConfig
from aws_durable_execution_sdk_python.retries import RetryStrategyConfig, create_retry_strategy

ATTEMPTS = []


@durable_step
def count(step, key):
    ATTEMPTS.append(key)
    return ATTEMPTS.count(key)


@durable_step
def announce(step, callback):
    print("CALLBACK", callback)
    ATTEMPTS.append(callback)
    return ATTEMPTS.count(callback)


@durable_step
def flaky(step, key):
    ATTEMPTS.append(key)
    if ATTEMPTS.count(key) < 3:
        raise LookupError("not yet")
    return "at last"


@durable_execution
def flow(event, context):
    match event["do"]:
        case "wait":
            first = context.step(count(event["key"]))
            context.wait(Duration.from_hours(event.get("hours", 1)))
            return {"first": first, "input": event}
        case "fail":
            raise LookupError("there is no such order")
        case "retry":
            strategy = create_retry_strategy(
                RetryStrategyConfig(max_attempts=3, initial_delay=Duration.from_minutes(5))
            )
            return context.step(flaky(event["key"]), config=StepConfig(retry_strategy=strategy))
        case "callback":
            config = CallbackConfig(timeout=Duration.from_seconds(event.get("timeout", 0)))
            callback = context.create_callback(name="approval", config=config)
            first = context.step(announce(callback.callback_id))
            return {"answer": callback.result(), "first": first}
        case "invoke":
            return context.invoke(event["function"], event.get("payload"), name="other")
        case "break":
            raise InvocationError("try again")
        case "nothing":
            return None
        case "environment":
            return os.environ["AWS_ENDPOINT_URL_LAMBDA"]


@durable_execution
def child(event, context):
    context.wait(Duration.from_seconds(30), name="a while")
    return {"child": event}


@durable_execution
def page(event, context):
    context.wait(Duration.from_hours(1))
    if event["rawPath"].endswith("/fail"):
        raise LookupError("there is no such page")
    return {"statusCode": 201, "body": event["rawPath"]}


@durable_execution
def worker(event, context):
    context.wait(Duration.from_minutes(1))
    texts = [each["body"] for each in event["Records"]]
    if "bad" in texts:
        raise LookupError(texts)
    return {"batchItemFailures": []}


def double(event, context):
    if event == {}:
        return "nothing"
    if event < 0:
        raise ValueError("less than nothing")
    return 2 * event
"""


class Served(NamedTuple):
    """An emulator with durable functions.

    Attributes:
        emulator: The emulator.
        client: A client of boto3.
        callbacks: The ids of callbacks that executions wait for, as they come.
    """

    emulator: Emulator
    client: Any
    callbacks: Queue[str]

    def invoke(self, do: str, **options: Any) -> Any:
        """Invoke the durable function ``flow``, and return the response with its payload read."""
        names = {"DurableExecutionName", "InvocationType", "Qualifier", "FunctionName"}
        event = {"do": do, **{key: options[key] for key in options.keys() - names}}
        arguments = {key: options[key] for key in options.keys() & names}
        response = self.client.invoke(
            **{
                "FunctionName": "flow",
                "Qualifier": "$LATEST",
                "Payload": json.dumps(event),
                **arguments,
            }
        )
        text = response["Payload"].read()
        return {**response, "Payload": json.loads(text) if text else None}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Generator[Served]:
    """An emulator whose durable executions do not wait for their timers."""
    folder = tmp_path_factory.mktemp("durable")
    (folder / "app.py").write_text(FUNCTIONS)
    callbacks: Queue[str] = Queue()
    announced: list[str] = []
    written = ""

    def write(log: bytes) -> None:
        nonlocal written
        *lines, written = (written + log.decode()).split("\n")
        for line in lines:
            if line.startswith("CALLBACK "):
                announced.append(line.split()[1])
            elif line.startswith("END ") and announced:
                callbacks.put(announced.pop())

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("AWS_ENDPOINT_URL_LAMBDA", raising=False)
        durable = DurableConfig(execution_timeout=86_400 * 2)
        published = durable._replace(qualifier="live", aliases={"live": "3", "old": "2"})
        functions = [
            configure("app.flow", "flow", timeout=60, init_timeout=60, durable=durable),
            configure("app.child", "child", timeout=60, init_timeout=60, durable=durable),
            configure("app.page", "page", timeout=60, init_timeout=60, durable=published),
            configure("app.double", "double", timeout=60, init_timeout=60),
        ]
        with Emulator(functions, write=write, skip_time=True, apis=[SHOP]) as emulator:
            yield Served(emulator, emulator.client(), callbacks)


SHOP = Api(
    name="shop",
    kind="http",
    place=Place(path=Path("shop")),
    routes=(
        Route(method="GET", path="/{proxy+}", function="page", place=Place(path=Path("shop"))),
    ),
)


def history(served: Served, arn: str, **options: Any) -> list[Any]:
    pages = served.client.get_paginator("get_durable_execution_history")
    return [
        event
        for page in pages.paginate(DurableExecutionArn=arn, **options)
        for event in page["Events"]
    ]


def code_of(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    response: Any = error.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def test_an_execution_answers_with_its_result(served: Served) -> None:
    response = served.invoke("wait", key="once", DurableExecutionName="order-1")
    assert response["Payload"]["first"] == 1
    assert response["ExecutedVersion"] == "$LATEST"
    assert "FunctionError" not in response
    arn = response["DurableExecutionArn"]
    prefix = (
        "arn:aws:lambda:us-east-1:123456789012:function:flow:$LATEST/durable-execution/order-1/"
    )
    assert arn.startswith(prefix)
    kinds = [event["EventType"] for event in history(served, arn)]
    assert [kind for kind in kinds if kind != "InvocationCompleted"] == [
        "ExecutionStarted",
        "StepStarted",
        "StepSucceeded",
        "WaitStarted",
        "WaitSucceeded",
        "ExecutionSucceeded",
    ]
    ran = next(e for e in history(served, arn) if e["EventType"] == "InvocationCompleted")
    assert ran["InvocationCompletedDetails"].keys() == {
        "StartTimestamp",
        "EndTimestamp",
        "RequestId",
    }
    ids = [event["EventId"] for event in history(served, arn, ReverseOrder=True)]
    assert ids == [*range(len(kinds), 0, -1)]
    pages = history(served, arn, PaginationConfig={"PageSize": 3})
    assert [event["EventType"] for event in pages] == kinds
    details = served.client.get_durable_execution(DurableExecutionArn=arn)
    assert details["Status"] == "SUCCEEDED"
    assert json.loads(details["InputPayload"]) == {"do": "wait", "key": "once"}
    assert json.loads(details["Result"]) == response["Payload"]
    assert details["DurableConfig"] == {"ExecutionTimeout": 172_800, "RetentionPeriodInDays": 14}
    assert details["TraceHeader"]["XAmznTraceId"].startswith("Root=1-")
    # An hour has passed on the execution's clock.
    assert (details["EndTimestamp"] - details["StartTimestamp"]).total_seconds() >= 3600
    short = served.client.get_durable_execution(DurableExecutionArn=arn, IncludeExecutionData=False)
    assert not {"InputPayload", "Result"} & short.keys()


def test_a_name_belongs_to_one_execution(served: Served) -> None:
    first = served.invoke("wait", key="named", DurableExecutionName="named")
    again = served.invoke("wait", key="named", DurableExecutionName="named")
    assert again["DurableExecutionArn"] == first["DurableExecutionArn"]
    assert again["Payload"]["first"] == 1
    queued = served.invoke(
        "wait", key="named", DurableExecutionName="named", InvocationType="Event"
    )
    assert (queued["StatusCode"], queued["Payload"]) == (202, None)
    assert queued["DurableExecutionArn"] == first["DurableExecutionArn"]
    for changed in ({"key": "other"}, {"key": "named", "Qualifier": "2"}):
        with pytest.raises(ClientError, match="already started") as refused:
            served.invoke("wait", **changed, DurableExecutionName="named")
        assert code_of(refused) == ("DurableExecutionAlreadyStartedException", 409)
    served.client.delete_durable_execution(DurableExecutionArn=first["DurableExecutionArn"])
    fresh = served.invoke("wait", key="named", DurableExecutionName="named")
    assert fresh["Payload"]["first"] == 2


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"Qualifier": None}, "InvalidParameterValueException"),
        ({"Qualifier": None, "InvocationType": "Event"}, "InvalidParameterValueException"),
        ({"Qualifier": None, "InvocationType": "DryRun"}, "InvalidParameterValueException"),
        ({"DurableExecutionName": "a.b"}, "ValidationException"),
        ({"DurableExecutionName": "a" * 65}, "ValidationException"),
    ],
)
def test_an_invocation_that_the_service_refuses(
    served: Served, options: dict[str, Any], code: str
) -> None:
    arguments = {"FunctionName": "flow", "Qualifier": "$LATEST", "Payload": b"{}", **options}
    with pytest.raises(ClientError) as refused:
        served.client.invoke(**{key: each for key, each in arguments.items() if each is not None})
    assert code_of(refused) == (code, 400)


def test_a_qualifier_may_be_in_the_name(served: Served) -> None:
    response = served.invoke("nothing", FunctionName="flow:live", Qualifier="live")
    assert response["Payload"] is None
    assert ":function:flow:$LATEST/durable-execution/" in response["DurableExecutionArn"]
    numbered = served.invoke("nothing", FunctionName="flow:7", Qualifier="7")
    assert ":function:flow:7/durable-execution/" in numbered["DurableExecutionArn"]
    assert numbered["ExecutedVersion"] == "7"


def test_an_alias_stands_for_its_version(served: Served) -> None:
    def start(qualifier: str, name: str) -> Any:
        arguments: dict[str, Any] = {"FunctionName": "page", "Qualifier": qualifier}
        response = served.client.invoke(
            **arguments, DurableExecutionName=name, Payload=b'{"rawPath": "/x"}'
        )
        response["Payload"].read()  # else its connection stays open
        return response

    live = start("live", "aliased")
    arn = live["DurableExecutionArn"]
    assert ":function:page:3/durable-execution/aliased/" in arn
    assert live["ExecutedVersion"] == "3"
    details = served.client.get_durable_execution(DurableExecutionArn=arn)
    assert details["Version"] == "3"
    assert details["FunctionArn"].endswith(":function:page:3")
    assert start("3", "aliased")["DurableExecutionArn"] == arn
    with pytest.raises(ClientError) as another:
        start("old", "aliased")
    assert code_of(another) == ("DurableExecutionAlreadyStartedException", 409)

    def listed(qualifier: str) -> set[str]:
        found = served.client.list_durable_executions_by_function(
            FunctionName="page", Qualifier=qualifier
        )
        return {each["DurableExecutionArn"] for each in found["DurableExecutions"]}

    assert arn in listed("live") & listed("3")
    assert arn not in listed("old")
    # An API names no version: it invokes what the template publishes.
    with urlopen(f"{served.emulator.api_url('shop')}/y", timeout=LIMIT) as response:
        assert response.status == 201
    assert len(listed("live")) >= 2
    assert listed("$LATEST") == set()


def test_a_failure_is_a_function_error(served: Served) -> None:
    response = served.invoke("fail")
    assert response["FunctionError"] == "Unhandled"
    assert response["Payload"]["errorType"] == "LookupError"
    assert response["Payload"]["errorMessage"] == "there is no such order"
    details = served.client.get_durable_execution(
        DurableExecutionArn=response["DurableExecutionArn"]
    )
    assert (details["Status"], details["Error"]["ErrorType"]) == ("FAILED", "LookupError")


def test_a_step_is_tried_again(served: Served) -> None:
    response = served.invoke("retry", key="flaky")
    assert response["Payload"] == "at last"
    kinds = [event["EventType"] for event in history(served, response["DurableExecutionArn"])]
    assert kinds.count("StepFailed") == 2
    assert kinds.count("StepStarted") == 3


def test_an_execution_whose_invocations_all_fail_is_given_up(served: Served) -> None:
    response = served.invoke("break")
    assert response["FunctionError"] == "Unhandled"
    assert response["Payload"] == {"errorType": "InvocationError", "errorMessage": "try again"}


def test_a_callback_resumes_an_execution_once(served: Served) -> None:
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(served.invoke, "callback")
        callback = served.callbacks.get(timeout=30)
        served.client.send_durable_execution_callback_heartbeat(CallbackId=callback)
        served.client.send_durable_execution_callback_success(CallbackId=callback, Result=b'"yes"')
        response = waiting.result(30)
        assert response["Payload"] == {"answer": '"yes"', "first": 1}
        kinds = [e["EventType"] for e in history(served, response["DurableExecutionArn"])]
        # The function was invoked again, and the step was not.
        assert kinds.count("InvocationCompleted") == 2
        with pytest.raises(ClientError) as late:
            served.client.send_durable_execution_callback_success(CallbackId=callback, Result=b"1")
        assert code_of(late) == ("CallbackTimeoutException", 400)

        failing = threads.submit(served.invoke, "callback")
        callback = served.callbacks.get(timeout=30)
        error = {"ErrorType": "Refused", "ErrorMessage": "too expensive"}
        served.client.send_durable_execution_callback_failure(CallbackId=callback, Error=error)
        response = failing.result(30)
        assert response["FunctionError"] == "Unhandled"
        assert "too expensive" in response["Payload"]["errorMessage"]
        kinds = [e["EventType"] for e in history(served, response["DurableExecutionArn"])]
        assert "CallbackFailed" in kinds


@pytest.mark.parametrize(
    ("callback", "code", "status"),
    [
        ("no-base64!", "InvalidParameterValueException", 400),
        ("bm9wZQ==", "InvalidParameterValueException", 400),
        ("eyJhcm4iOiJhcm46eCIsIm9wIjoieSJ9", "ResourceNotFoundException", 404),
    ],
)
def test_a_callback_that_there_is_not(
    served: Served, callback: str, code: str, status: int
) -> None:
    with pytest.raises(ClientError) as refused:
        served.client.send_durable_execution_callback_success(CallbackId=callback)
    assert code_of(refused) == (code, status)


def test_other_functions_are_invoked(served: Served) -> None:
    assert served.invoke("invoke", function="double", payload=21)["Payload"] == 42
    assert served.invoke("invoke", function="child:$LATEST", payload=[1])["Payload"] == {
        "child": [1]
    }
    [started] = served.client.list_durable_executions_by_function(FunctionName="child")[
        "DurableExecutions"
    ]
    assert started["Status"] == "SUCCEEDED"
    for function, message in {
        "child": "unqualified",
        "nowhere": "Function not found: nowhere",
    }.items():
        response = served.invoke("invoke", function=function)
        assert response["FunctionError"] == "Unhandled"
        assert message in response["Payload"]["errorMessage"]
    negative = served.invoke("invoke", function="double", payload=-1)
    assert "less than nothing" in negative["Payload"]["errorMessage"]


def test_an_execution_is_paused_resumed_and_stopped(served: Served) -> None:
    client = served.client
    arn = served.invoke("callback", InvocationType="Event")["DurableExecutionArn"]
    callback = served.callbacks.get(timeout=30)
    client.pause_durable_execution(DurableExecutionArn=arn, Reason="lunch")
    details = client.get_durable_execution(DurableExecutionArn=arn)
    assert details["Status"] in ("PAUSING", "PAUSED")
    assert details["PauseDetails"]["Reason"] == "lunch"
    client.send_durable_execution_callback_success(CallbackId=callback, Result=b"1")
    client.resume_durable_execution(DurableExecutionArn=arn)
    client.stop_durable_execution(DurableExecutionArn=arn, Error={"ErrorMessage": "enough"})

    arn = served.invoke("callback", InvocationType="Event")["DurableExecutionArn"]
    served.callbacks.get(timeout=30)
    with pytest.raises(ClientError) as running:
        client.delete_durable_execution(DurableExecutionArn=arn)
    assert code_of(running) == ("ResourceConflictException", 409)
    client.stop_durable_execution(DurableExecutionArn=arn, Error={"ErrorMessage": "enough"})
    details = client.get_durable_execution(DurableExecutionArn=arn)
    assert (details["Status"], details["Error"]["ErrorMessage"]) == ("STOPPED", "enough")
    for operation in ("pause_durable_execution", "resume_durable_execution"):
        with pytest.raises(ClientError) as ended:
            getattr(client, operation)(DurableExecutionArn=arn)
        assert code_of(ended) == ("ResourceConflictException", 409)
    client.delete_durable_execution(DurableExecutionArn=arn)
    with pytest.raises(ClientError) as gone:
        client.get_durable_execution(DurableExecutionArn=arn)
    assert code_of(gone) == ("ResourceNotFoundException", 404)


def test_executions_are_listed(served: Served) -> None:
    arns = [
        served.invoke("nothing", DurableExecutionName=f"listed-{number}")["DurableExecutionArn"]
        for number in range(3)
    ]
    listed = served.client.list_durable_executions_by_function

    def names(**options: Any) -> list[str]:
        found = listed(FunctionName="flow", **options)["DurableExecutions"]
        return [each["DurableExecutionArn"] for each in found]

    assert names(MaxItems=3) == arns[::-1]
    page = listed(FunctionName="flow", MaxItems=2)
    assert names(MaxItems=1, Marker=page["NextMarker"]) == arns[:1]
    assert names(ReverseOrder=True)[-3:] == arns
    assert names(DurableExecutionName="listed-1") == [arns[1]]
    assert set(arns) <= set(names(Statuses=["SUCCEEDED", "STOPPED"]))
    assert not set(arns) & set(names(Statuses=["FAILED", "RUNNING"]))
    started = served.client.get_durable_execution(DurableExecutionArn=arns[1])["StartTimestamp"]
    assert arns[0] not in names(StartedAfter=started)
    assert arns[2] not in names(StartedBefore=started)
    assert names(Qualifier="99") == []
    for wrong, code in (
        ({"Marker": "x"}, "InvalidParameterValueException"),
        ({"Statuses": ["DONE"]}, "ValidationException"),
    ):
        with pytest.raises(ClientError) as refused:
            names(**wrong)
        assert code_of(refused) == (code, 400)
    with pytest.raises(ClientError) as refused:
        served.client.get_durable_execution_history(DurableExecutionArn=arns[0], Marker="x")
    assert code_of(refused) == ("InvalidParameterValueException", 400)
    path = "2025-12-01/functions/flow/durable-executions?StartedAfter="
    for moment in ("soon", "1e400", "nan"):
        with pytest.raises(HTTPError) as no_time:
            urlopen(f"{served.emulator.url}/{path}{moment}", timeout=LIMIT)
        with no_time.value as response:
            assert (response.status, moment in response.read().decode()) == (400, True)
    with pytest.raises(ClientError) as unknown:
        listed(FunctionName="nowhere")
    assert code_of(unknown) == ("ResourceNotFoundException", 404)


def test_a_stale_checkpoint_token_is_refused(served: Served) -> None:
    arn = served.invoke("nothing")["DurableExecutionArn"]
    for operation in ("checkpoint_durable_execution", "get_durable_execution_state"):
        with pytest.raises(ClientError, match="Invalid checkpoint token") as refused:
            getattr(served.client, operation)(DurableExecutionArn=arn, CheckpointToken="abcd")
        assert code_of(refused) == ("InvalidParameterValueException", 400)


def test_the_function_reaches_the_emulator(served: Served) -> None:
    assert served.invoke("environment")["Payload"] == served.emulator.url


def test_the_runner_itself_invokes_the_handler(served: Served) -> None:
    def mark(params: dict[str, Any], **_: Any) -> None:
        params["headers"]["X-Dex-Handler-Invoke"] = "true"

    client = served.emulator.client()
    client.meta.events.register("before-call.lambda.Invoke", mark)
    response = client.invoke(FunctionName="flow", Payload=b"{}")
    response["Payload"].read()
    assert response["FunctionError"] == "Unhandled"  # not an event of a durable execution
    assert "DurableExecutionArn" not in response


def test_http_front_ends_start_executions(served: Served) -> None:
    url = served.emulator.function_url("page")
    for address in (f"{url}orders", f"{served.emulator.api_url('shop')}/orders"):
        with urlopen(address, timeout=LIMIT) as response:
            assert (response.status, response.read()) == (201, b"/orders")
    with pytest.raises(HTTPError) as failed:
        urlopen(f"{url}fail", timeout=LIMIT)
    with failed.value as response:
        assert (response.status, response.read()) == (502, b"Internal Server Error")
    executions = served.client.list_durable_executions_by_function(FunctionName="page")
    statuses = [each["Status"] for each in executions["DurableExecutions"]]
    assert statuses[:3] == ["FAILED", "SUCCEEDED", "SUCCEEDED"]  # the newest are first


def test_a_stream_of_a_durable_function_is_its_result(served: Served) -> None:
    event = json.dumps({"do": "wait", "key": "streamed"})
    ask = served.client.invoke_with_response_stream
    response = ask(FunctionName="flow", Qualifier="$LATEST", Payload=event)
    chunks = [
        each["PayloadChunk"]["Payload"]
        for each in response["EventStream"]
        if "PayloadChunk" in each
    ]
    assert json.loads(b"".join(chunks))["first"] == 1
    with pytest.raises(ClientError, match="unqualified"):
        ask(FunctionName="flow", Payload=event)


def test_queues_and_dead_letters(
    service: Callable[[str], Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "app.py").write_text(FUNCTIONS)
    sqs = service("sqs")
    url = sqs.create_queue(QueueName="durable-jobs", Attributes={"VisibilityTimeout": "600"})[
        "QueueUrl"
    ]
    lost = sqs.create_queue(QueueName="durable-lost")["QueueUrl"]
    dead_letters = "arn:aws:sqs:us-east-1:123456789012:durable-lost"
    source = EventSource(
        kind="sqs", source=url, function="worker", place=Place(path=tmp_path), batch_size=1
    )

    def left(queue: str) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
        return sum(int(found[name]) for name in names)

    async def scenario() -> None:
        config = configure(
            "app.worker",
            "worker",
            timeout=60,
            init_timeout=60,
            durable=DurableConfig(),
            event_invoke=EventInvokeConfig(dead_letter_queue=dead_letters, on_failure="lost.json"),
        )
        server = EmulatorServer([config], Output(lambda _: None), port=0, skip_time=True)
        messages: list[str] = []
        async with asyncio.timeout(LIMIT), server:
            running = asyncio.create_task(server.sources.run([source], [], messages.append))
            await asyncio.to_thread(sqs.send_message, QueueUrl=url, MessageBody="good")
            await asyncio.to_thread(until, lambda: left(url) == 0)
            await asyncio.to_thread(sqs.send_message, QueueUrl=url, MessageBody="bad")
            [mapping] = server.sources.mappings
            await asyncio.to_thread(until, lambda: mapping.status.returned == 1)
            assert left(url) == 1
            # An event that comes asynchronously is executed once.
            server.queues["worker"].put(b'{"Records": [{"body": "bad"}]}')
            await asyncio.to_thread(until, lambda: left(lost) == 1)
            running.cancel()
            await asyncio.wait({running})
        [message] = messages
        assert "above 900 seconds" in message

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        asyncio.run(scenario())
    assert "Records of worker go nowhere" in capsys.readouterr().err
    [letter] = sqs.receive_message(QueueUrl=lost, MessageAttributeNames=["All"])["Messages"]
    assert letter["Body"] == '{"Records": [{"body": "bad"}]}'
    assert letter["MessageAttributes"]["ErrorMessage"]["StringValue"] == "['bad']"
    assert not (tmp_path / "lost.json").exists()


def test_invoke_runs_an_execution_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(FUNCTIONS)
    event = json.dumps({"do": "wait", "key": "once"})
    options = ("--durable", "--skip-time", "--timeout", "60", "--init-timeout", "60")
    done = run_in(tmp_path, "invoke", "app.flow", "-d", event, *options)
    assert (done.returncode, json.loads(done.stdout)["first"]) == (0, 1)
    assert "shows the execution" in done.stderr


def test_nothing_durable_is_loaded_without_a_durable_function() -> None:
    program = """
import sys
from lambda_emulator import Emulator
with Emulator(["json.loads"]):
    print([name for name in sys.modules if "durable" in name or name.startswith("boto")])
"""
    answer = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    assert answer.stdout.strip() == "[]"
