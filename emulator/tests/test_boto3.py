"""The emulator as boto3 and the AWS CLI see it."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from lambda_emulator import Emulator
from lambda_emulator._project.configure import configure_project
from lambda_emulator._project.read import read_project

from .conftest import LIMIT, OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

FUNCTIONS = Path(__file__).parent / "functions"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    targets = [FUNCTIONS / "own_loop.py", FUNCTIONS / "own_streams.py"]
    with Emulator({"actions": targets[0], "streams": targets[1]}, timeout=20) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def client(emulator: Emulator) -> Any:
    return emulator.client()


def invoke(client: Any, event: object, **arguments: Any) -> tuple[dict[str, Any], Any]:
    arguments = {"FunctionName": "actions", "Payload": json.dumps(event), **arguments}
    answer = client.invoke(**arguments)
    payload = answer["Payload"].read()
    return answer, json.loads(payload) if payload else None


def stream(client: Any, event: object, **arguments: Any) -> list[tuple[str, Any]]:
    """Return the messages of a streamed response by their types."""
    answer = client.invoke_with_response_stream(
        FunctionName="streams", Payload=json.dumps(event), **arguments
    )
    assert answer["StatusCode"] == 200
    assert answer["ExecutedVersion"] == "$LATEST"
    assert answer["ResponseStreamContentType"] == "application/vnd.amazon.eventstream"
    with closing(answer["EventStream"]) as messages:
        return [next(iter(message.items())) for message in messages]


@pytest.mark.parametrize(
    ("qualifier", "version"), [("$LATEST", "$LATEST"), ("7", "7"), ("live", "$LATEST")]
)
def test_versions_of_a_function_without_a_template(
    client: Any, qualifier: str, version: str
) -> None:
    answer, _ = invoke(client, {}, Qualifier=qualifier)
    assert answer["ExecutedVersion"] == version


PUBLISHED = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: "def handler(event, context): return context.invoked_function_arn"
      AutoPublishAlias: live
      FunctionUrlConfig: {AuthType: NONE}
"""


def test_versions_of_a_function_of_a_template(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(PUBLISHED)
    project = read_project(tmp_path / "template.yaml")
    with Emulator(configure_project(project, OPTIONS, ()).configs) as emulator:
        client = emulator.client()
        arn = "arn:aws:lambda:us-east-1:123456789012:function:Orders"
        for asked, version in (
            ("Orders", "$LATEST"),
            ("Orders:live", "1"),
            (f"{arn}:live", "1"),
            (f"{arn}:12", "12"),
        ):
            answer, said = invoke(client, {}, FunctionName=asked)
            _, _, qualifier = asked.partition("Orders")
            assert (answer["ExecutedVersion"], said) == (version, f"{arn}{qualifier}")
        with pytest.raises(client.exceptions.ResourceNotFoundException, match=f"{arn}:green"):
            invoke(client, {}, FunctionName="Orders", Qualifier="green")
        described = client.get_function_configuration(FunctionName="Orders", Qualifier="live")
        assert (described["FunctionArn"], described["Version"]) == (f"{arn}:live", "1")
        with urlopen(emulator.function_url("Orders"), timeout=LIMIT) as response:
            assert response.status == 200


def test_an_answer(client: Any) -> None:
    answer, payload = invoke(client, {"echo": "ü"})
    assert payload == "ü"
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert "FunctionError" not in answer
    assert answer["ResponseMetadata"]["RequestId"]
    assert answer["ResponseMetadata"]["RetryAttempts"] == 0


def test_an_error(client: Any) -> None:
    answer, payload = invoke(client, {"fail": "no"}, LogType="Tail")
    assert answer["FunctionError"] == "Unhandled"
    assert payload["errorMessage"] == "no"
    assert b"REPORT RequestId: " in base64.b64decode(answer["LogResult"])


@pytest.mark.parametrize(("kind", "status"), [("Event", 202), ("DryRun", 204)])
def test_types_without_an_answer(client: Any, kind: str, status: int) -> None:
    answer, payload = invoke(client, {"echo": 1}, InvocationType=kind)
    assert (answer["StatusCode"], payload) == (status, None)
    assert "ExecutedVersion" not in answer


@pytest.mark.parametrize(
    "name",
    [
        "actions:7",
        "123456789012:function:actions",
        "arn:aws:lambda:us-east-1:123456789012:function:actions:prod",
    ],
)
def test_names(client: Any, name: str) -> None:
    assert invoke(client, {"echo": 1}, FunctionName=name)[1] == 1


def test_the_old_asynchronous_operation(client: Any) -> None:
    assert client.invoke_async(FunctionName="actions", InvokeArgs=b"{}")["Status"] == 202


@pytest.mark.parametrize(
    ("arguments", "code", "status"),
    [
        ({"FunctionName": "other"}, "ResourceNotFoundException", 404),
        ({"Payload": b"{"}, "InvalidRequestContentException", 400),
        ({"Payload": b'"' + b"x" * 7_000_000 + b'"'}, "RequestEntityTooLargeException", 413),
        (
            {"Payload": b'"' + b"x" * 1_100_000 + b'"', "InvocationType": "Event"},
            "RequestEntityTooLargeException",
            413,
        ),
    ],
)
def test_refusals(client: Any, arguments: dict[str, Any], code: str, status: int) -> None:
    with pytest.raises(ClientError) as caught:
        client.invoke(**{"FunctionName": "actions", **arguments})
    assert caught.value.response["Error"]["Code"] == code
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_a_stream(client: Any) -> None:
    messages = stream(client, {"pieces": ["a", "ü" * 700_000]})
    assert [kind for kind, _ in messages[:-1]] == ["PayloadChunk"] * (len(messages) - 1)
    data = b"".join(message["Payload"] for _, message in messages[:-1])
    assert data == ("a" + "ü" * 700_000).encode()
    assert messages[0][1]["Payload"] == b"a"
    assert messages[-1] == ("InvokeComplete", {})


def test_a_piece_of_a_stream_comes_when_it_is_yielded(client: Any, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    event = {"pieces": ["one", "two"], "gate": str(gate)}
    answer = client.invoke_with_response_stream(FunctionName="streams", Payload=json.dumps(event))
    with closing(answer["EventStream"]) as pieces:
        messages = iter(pieces)
        assert next(messages) == {"PayloadChunk": {"Payload": b"one"}}
        gate.touch()  # only now can there be a second piece
        assert next(messages) == {"PayloadChunk": {"Payload": b"two"}}
        assert next(messages) == {"InvokeComplete": {}}


def test_an_error_within_a_stream(client: Any) -> None:
    *pieces, (kind, end) = stream(client, {"fail": "half"}, LogType="Tail")
    assert b"".join(message["Payload"] for _, message in pieces) == b"onetwo"
    assert kind == "InvokeComplete"
    assert "ValueError" in end["ErrorCode"]
    assert json.loads(end["ErrorDetails"])["errorMessage"] == "half"
    assert b"REPORT RequestId: " in base64.b64decode(end["LogResult"])


def test_a_buffered_answer_as_a_stream(client: Any) -> None:
    answer = client.invoke_with_response_stream(FunctionName="actions", Payload='{"echo": [1]}')
    with closing(answer["EventStream"]) as messages:
        told = list(messages)
    assert told == [
        {"PayloadChunk": {"Payload": b"[1]"}},
        {"InvokeComplete": {}},
    ]


def test_an_error_before_a_stream(client: Any) -> None:
    answer = client.invoke_with_response_stream(FunctionName="actions", Payload='{"fail": "x"}')
    with closing(answer["EventStream"]) as messages:
        piece, end = messages
    assert json.loads(piece["PayloadChunk"]["Payload"])["errorType"] == "ValueError"
    assert end["InvokeComplete"]["ErrorCode"] == "ValueError"


def test_a_streamed_answer_to_a_buffered_call(client: Any) -> None:
    answer = client.invoke(FunctionName="streams", Payload='{"pieces": ["[1", ",2]"]}')
    assert json.load(answer["Payload"]) == [1, 2]


def test_beyond_the_concurrency_is_429(tmp_path: Path) -> None:
    target = {"actions": FUNCTIONS / "own_loop.py"}
    with Emulator(target, concurrency=1, timeout=20) as emulator, ThreadPoolExecutor(1) as pool:
        client = emulator.client()
        started, gate = tmp_path / "started", tmp_path / "gate"
        waiting = pool.submit(invoke, client, {"wait": [str(started), str(gate)]})
        while not started.exists():
            assert not waiting.done()
        with pytest.raises(ClientError) as caught:
            invoke(client, {"echo": 1})
        gate.touch()
        assert waiting.result()[1] is True
        assert caught.value.response["Error"]["Code"] == "TooManyRequestsException"
        assert caught.value.response["Reason"] == (
            "ReservedFunctionConcurrentInvocationLimitExceeded"
        )
        assert caught.value.response["retryAfterSeconds"] == "1"
        assert invoke(client, {"echo": 1})[1] == 1


def test_fifty_clients_on_eight_environments_get_their_own_answers() -> None:
    """The short form of benchmarks/emulator_load.py, where it is ten thousand invocations."""
    target = {"actions": FUNCTIONS / "own_loop.py"}
    config = Config(retries={"total_max_attempts": 1}, max_pool_connections=50)
    with Emulator(target, concurrency=8, timeout=60) as emulator, ThreadPoolExecutor(50) as pool:
        client = emulator.client(config=config)

        def ask(number: int) -> object:
            while True:
                try:
                    return invoke(client, {"echo": number})[1]
                except client.exceptions.TooManyRequestsException:
                    time.sleep(0.1)  # as every client of Lambda: all environments are busy

        assert list(pool.map(ask, range(500))) == list(range(500))
    assert emulator.log.count(b"\nREPORT ") == 500
    assert 1 < emulator.log.count(b"INIT_START ") <= 8


def test_the_aws_cli(emulator: Emulator, tmp_path: Path) -> None:
    command = shutil.which("aws", path=str(Path(sys.executable).parent))
    if command is None:
        pytest.skip("needs the AWS CLI: install awscli")
    done = subprocess.run(
        [
            *(command, "lambda", "invoke", "--endpoint-url", emulator.url),
            *("--function-name", "actions", "--payload", '{"echo": "cli"}'),
            str(tmp_path / "out.json"),
        ],
        env={
            **os.environ,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_DEFAULT_REGION": "us-east-1",
        },
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert json.loads(done.stdout) == {"StatusCode": 200, "ExecutedVersion": "$LATEST"}
    assert (tmp_path / "out.json").read_text() == '"cli"'
