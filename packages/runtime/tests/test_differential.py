"""AWS's runtime and ours run the same function, and must make the same calls.

Each case of `differential/cases.toml` is run under `awslambdaric` and under `lambda_runtime`, each
with a Runtime API of its own. All that Lambda can see is compared: every call, the log, and whether
the process lives. The same file says where the two differ on purpose, and why; any other
difference fails, and so does one that has gone.

On purpose everywhere: the errors of ours name a type that Lambda's metrics know, and its report of
a failed start has a content type.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from contextlib import contextmanager
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Any, NamedTuple, cast

import pytest

from lambda_testing import FakeRuntimeAPI

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence

    from lambda_testing import InvocationOptions, Request

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="AWS publishes awslambdaric for Linux only"
)

FUNCTION = Path(__file__).with_name("differential")
DATA: dict[str, Any] = tomllib.loads((FUNCTION / "cases.toml").read_text("utf-8"))
DIFFERS = {name: differs for differs in DATA.pop("differs") for name in differs["cases"]}
PREFIX = "/2018-06-01/runtime/"
INIT_ERROR = "POST init/error"

Observed = dict[str, Any]


class Number(NamedTuple):
    """A JSON number by its text: 1, 1.0 and 1e0 are three."""

    text: str


def exact(document: bytes | str) -> Any:
    """Decode JSON without loss; objects become pairs in the order of their keys."""
    return json.loads(
        document,
        parse_int=Number,
        parse_float=Number,
        parse_constant=Number,
        object_pairs_hook=lambda pairs: {"object": sorted(pairs, key=itemgetter(0))},
    )


RUNTIME_FILE = re.compile(r"<frozen |<string>|/(awslambdaric|lambda_runtime|importlib)/")
REPEATED = re.compile(r"repeated \d+ more times")  # less often where the runtime itself is deeper


def observe(calls: Sequence[Request], log: str = "") -> Observed:
    """Name what a runtime shows."""
    seen: Observed = {
        "calls": [f"{call.method} {call.path.removeprefix(PREFIX)}" for call in calls],
        "log": REPEATED.sub("repeated", log),
    }
    for call in calls:
        if call.method == "POST":
            seen["invocation id"] = call.headers.get("Lambda-Runtime-Invocation-Id")
            seen["content type"] = call.headers.get("Content-Type")
            seen |= observe_error(call) if call.path.endswith("/error") else observe_response(call)
    return seen


def observe_response(call: Request) -> Observed:
    is_json = call.headers["Content-Type"] == "application/json"
    # A response that was too large is not in the journal.
    return {"response": exact(call.body) if is_json and call.body else call.body}


def observe_error(call: Request) -> Observed:
    error = json.loads(call.body)
    error["stackTrace"] = [
        REPEATED.sub("repeated", frame)
        for frame in error["stackTrace"]
        if not RUNTIME_FILE.search(frame)
    ]
    seen: Observed = {"error type": call.headers.get("Lambda-Runtime-Function-Error-Type"), **error}
    text = call.headers.get("Lambda-Runtime-Function-XRay-Error-Cause")
    if text is not None:
        cause = json.loads(text)
        exception, *_ = cause.pop("exceptions")  # ours are followed by its causes
        cause["paths"] = {path for path in cause["paths"] if not RUNTIME_FILE.search(path)}
        exception["stack"] = [
            frame for frame in exception["stack"] if not RUNTIME_FILE.search(frame["path"])
        ]
        seen |= {f"cause.{name}": value for name, value in (cause | exception).items()}
    return seen


def check(name: str, aws: Observed, ours: Observed) -> None:
    """Compare what was observed; where only one did something at all, their calls tell."""
    if "error type" in ours:
        error_type = ours["errorType"]
        known = error_type if "." in error_type else f"Function.{error_type}"
        assert ours.pop("error type") == known
    if INIT_ERROR in aws["calls"]:
        assert (aws.pop("content type"), ours["content type"]) == (None, "application/json")
    differs = DIFFERS.get(name, {})
    aws_does, ours_does = (exactly(differs.get(whose, {})) for whose in ("aws", "ours"))
    expected = {
        field: (aws_does.get(field), ours_does.get(field)) for field in aws_does | ours_does
    }
    unequal = {field for field in aws.keys() & ours.keys() if aws[field] != ours[field]}
    uncompared = {*differs.get("uncompared", ())}
    assert uncompared <= unequal, "this difference is no more"
    if expected:
        uncompared.add("log")
    found = {
        field: (aws.get(field), ours.get(field)) for field in unequal - uncompared | {*expected}
    }
    assert found == expected, differs.get("why")


def exactly(fields: dict[str, Any]) -> Observed:
    return fields | {"response": exact(fields["response"])} if "response" in fields else fields


@dataclass(frozen=True)
class Peer:
    """A function under one of the two runtimes, in a process of its own."""

    api: FakeRuntimeAPI
    process: subprocess.Popen[bytes]
    log: IO[bytes]

    def invoke(self, case: Mapping[str, Any], exit_code: int | None = None) -> Observed:
        """Invoke the function; return when it waits for more, or has ended with an exit code."""
        assert self.process.poll() is None, "the process has ended in a case before"
        self.api.wait_for_poll()
        calls, size = len(self.api.requests), os.fstat(self.log.fileno()).st_size
        options = {"request_id": "1", "invocation_id": "nonce", **case.get("options", {})}
        invocation = self.api.enqueue(event(case), **cast("InvocationOptions", options))
        if exit_code is None:
            invocation.wait()
            self.api.wait_for_poll()
        else:
            assert self.process.wait(timeout=30) == exit_code
        # Reading the usual way would move the position where the process writes.
        log = os.pread(self.log.fileno(), 1_000_000, size).decode()
        return observe(self.api.requests[calls:], log)

    def fail_to_start(self, exit_code: int) -> Observed:
        """Return what the process does until it ends with an exit code."""
        assert self.process.wait(timeout=30) == exit_code
        return observe(self.api.requests)


@contextmanager
def start(
    runtime: str, handler: str, directory: Path, environment: Mapping[str, str]
) -> Generator[Peer]:
    with (
        FakeRuntimeAPI() as api,
        tempfile.TemporaryFile() as log,
        subprocess.Popen(
            [sys.executable, "-m", runtime, handler],
            cwd=directory,
            env={
                **os.environ,
                **api.environment(),
                "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
                **environment,
            },
            stdout=log,
            stderr=subprocess.DEVNULL,
        ) as process,
    ):
        try:
            yield Peer(api, process, log)
        finally:
            process.kill()


@contextmanager
def start_both(
    handler: str = "handlers.handler",
    directory: Path = FUNCTION,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Generator[tuple[Peer, Peer]]:
    with (
        start("awslambdaric", handler, directory, environment) as aws,
        start("lambda_runtime", handler, directory, environment) as ours,
    ):
        yield aws, ours


def event(case: Mapping[str, Any]) -> object:
    if "event" in case:
        return case["event"].encode("latin-1")
    return {key: case[key] for key in ("value", "call") if key in case}


SHAPES: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "value": lambda expression: {"value": expression},
    "call": lambda function: {"call": function},
    "event": lambda text: {"event": text},
    "context": lambda options: {"call": "describe", "options": options},
}


def cases(section: str) -> list[Any]:
    """Return a section of the file as parameters of a test."""
    shape = SHAPES.get(section)
    return [
        pytest.param(name, shape(case) if shape else case, id=name)
        for name, case in DATA[section].items()
    ]


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[Peer, Peer]]:
    """The two runtimes, for all invocations that leave them alive."""
    with start_both() as peers:
        yield peers


@pytest.mark.parametrize(
    ("name", "case"),
    [*cases("value"), *cases("call"), *cases("event"), *cases("context"), *cases("invocation")],
)
def test_an_invocation(name: str, case: dict[str, Any], both: tuple[Peer, Peer]) -> None:
    aws, ours = both
    check(name, aws.invoke(case), ours.invoke(case))


def test_the_trace_id_is_in_the_environment_as_long_as_the_invocation_lasts(
    both: tuple[Peer, Peer],
) -> None:
    for trace_id in ("Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1", None, "Root=1-2-3"):
        case = {"call": "trace_id", "options": {"trace_id": trace_id}}
        for peer in both:
            assert peer.invoke(case)["response"] == trace_id


def test_what_a_handler_sets_in_a_context_variable_lasts(both: tuple[Peer, Peer]) -> None:
    for count in (1, 2, 3):
        for peer in both:
            assert peer.invoke({"call": "count"})["response"] == Number(str(count))


def test_an_invocation_id_that_is_not_sent_is_not_sent_back(both: tuple[Peer, Peer]) -> None:
    case = {"event": "1", "options": {"invocation_id": None}}
    for peer in both:
        assert peer.invoke(case)["invocation id"] is None


@pytest.mark.parametrize(("name", "case"), cases("alone"))
def test_an_invocation_in_a_process_of_its_own(name: str, case: dict[str, Any]) -> None:
    exits = case.get("exits", {})
    handler = case.get("handler", "handlers.handler")
    with start_both(handler, environment=case.get("environment", {})) as (aws, ours):
        check(name, aws.invoke(case, exits.get("aws")), ours.invoke(case, exits.get("ours")))


@pytest.mark.parametrize(("name", "case"), cases("start"))
def test_a_start_that_fails(name: str, case: dict[str, Any], tmp_path: Path) -> None:
    directory = FUNCTION
    if "source" in case:
        directory = tmp_path
        (tmp_path / "app.py").write_text(case["source"] + "\n", encoding="utf-8")
    code = case.get("code", 1)
    with start_both(case.get("handler", "app.handler"), directory) as (aws, ours):
        check(name, aws.fail_to_start(code), ours.fail_to_start(code))


def test_every_difference_is_of_a_case() -> None:
    assert DIFFERS.keys() <= {name for section in DATA.values() for name in section}
