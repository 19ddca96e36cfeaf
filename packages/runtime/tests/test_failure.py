from __future__ import annotations

import json
import re
import sys
from typing import Any

import pytest
from hypothesis import example, given, strategies as st

from lambda_runtime import Fault
from lambda_runtime._failure import Failure


def failure(error: BaseException, request_id: str = "id-1") -> Failure:
    try:
        raise error  # noqa: TRY301 (it is about the traceback)
    except BaseException as raised:  # noqa: BLE001 (that is the point)
        return Failure(raised, request_id)


class Unprintable(Exception):
    def __str__(self) -> str:
        raise ValueError("no")


def test_the_caller_gets_the_managed_runtimes_object() -> None:
    told = json.loads(failure(ValueError("bad é")).body)
    assert list(told) == ["errorMessage", "errorType", "requestId", "stackTrace"]
    assert told["errorMessage"] == "bad é"
    assert told["errorType"] == "ValueError"
    assert told["requestId"] == "id-1"
    (frame,) = told["stackTrace"]
    assert frame.startswith(f'  File "{__file__}", line ')
    assert frame.endswith(
        ", in failure\n    raise error  # noqa: TRY301 (it is about the traceback)\n"
    )


def test_x_ray_gets_the_cause() -> None:
    cause = json.loads(failure(ValueError("bad")).cause)
    (exception,) = cause["exceptions"]
    assert exception["type"] == "ValueError"
    assert exception["message"] == "bad"
    assert [frame["label"] for frame in exception["stack"]] == ["failure"]
    assert exception["stack"][0]["path"] == __file__
    assert cause["paths"] == [__file__]
    assert cause["working_directory"]


def x_ray(error: BaseException) -> list[dict[str, Any]]:
    exceptions: list[dict[str, Any]] = json.loads(failure(error).cause)["exceptions"]
    return exceptions


def caused(error: Exception, *, by: BaseException | None) -> Exception:
    try:
        raise error from by  # noqa: TRY301 (it is about the traceback)
    except Exception as raised:  # noqa: BLE001 (that is the point)
        return raised


def chain(exceptions: list[dict[str, Any]]) -> list[str]:
    """Follow the causes from the first exception on, and return their types."""
    known = {each["id"]: each for each in exceptions}
    assert len(known) == len(exceptions)
    assert all(re.fullmatch("[0-9a-f]{16}", each) for each in known)
    types, at = [], exceptions[0]
    while True:
        types.append(at["type"])
        if "cause" not in at:
            return types
        at = known[at["cause"]]


def test_an_exception_alone_has_no_links() -> None:
    (exception,) = x_ray(ValueError("bad"))
    assert sorted(exception) == ["message", "stack", "type"]


def test_x_ray_gets_the_chain_of_causes() -> None:
    middle = caused(TypeError("middle"), by=caused(KeyError("first"), by=None))
    exceptions = x_ray(caused(ValueError("last"), by=middle))
    assert [each["message"] for each in exceptions] == ["last", "middle", "'first'"]
    assert chain(exceptions) == ["ValueError", "TypeError", "KeyError"]
    assert [frame["label"] for frame in exceptions[2]["stack"]] == ["caused"]
    cause = json.loads(failure(caused(ValueError(), by=middle)).cause)
    assert cause["paths"] == [__file__]


def test_x_ray_gets_the_context() -> None:
    last = ValueError("last")
    last.__context__ = KeyError("first")
    assert chain(x_ray(last)) == ["ValueError", "KeyError"]


def test_x_ray_gets_the_leaves_of_groups() -> None:
    leaf = caused(ValueError("a"), by=caused(KeyError("b"), by=None))
    inner = ExceptionGroup("inner", [TypeError("c")])
    exceptions = x_ray(ExceptionGroup("outer", [leaf, inner]))
    assert [each["type"] for each in exceptions] == [
        *("ExceptionGroup", "ValueError", "KeyError", "ExceptionGroup", "TypeError")
    ]
    assert chain(exceptions) == ["ExceptionGroup", "ValueError", "KeyError"]
    assert chain(exceptions[3:]) == ["ExceptionGroup", "TypeError"]


@pytest.mark.parametrize("message", ["x", "é" * 10_000])
def test_a_chain_fits_the_header(message: str) -> None:
    error: Exception = KeyError(message)
    for _ in range(100):
        error = caused(ExceptionGroup(message, [ValueError(message), error]), by=error)
    told = failure(error)
    assert 0 < len(told.cause) <= 64 * 1024
    exceptions = json.loads(told.cause)["exceptions"]
    assert exceptions[0]["type"] == "ExceptionGroup"
    assert len(chain(exceptions)) > 1
    ids = {each["id"] for each in exceptions}
    assert ids.issuperset(each["cause"] for each in exceptions if "cause" in each)


def test_x_ray_is_told_how_many_frames_are_left_out() -> None:
    def recurse(depth: int) -> None:
        if depth:
            recurse(depth - 1)
        raise ValueError("x" * 60_000)

    with pytest.raises(ValueError) as caught:  # noqa: PT011 (it is the only one)
        recurse(500)
    (exception,) = json.loads(Failure(caught.value).cause)["exceptions"]
    assert exception["truncated"] + len(exception["stack"]) == 502


@example("\x7f\x00\n\ud800")
@given(st.text(st.characters(exclude_categories=()), max_size=50))
def test_any_message_fits_a_header_and_a_body(message: str) -> None:
    told = failure(RuntimeError(message))
    assert json.loads(told.body)["errorMessage"] == message
    assert json.loads(told.cause)["exceptions"][0]["message"] == message
    assert told.cause.isascii()
    assert told.cause.isprintable()


def test_a_long_message_is_kept_for_the_caller_and_cut_for_x_ray() -> None:
    told = failure(RuntimeError("é" * 200_000))
    assert told.error["errorMessage"] == "é" * 200_000
    assert len(told.cause) <= 64 * 1024
    assert json.loads(told.cause)["exceptions"][0]["message"].startswith("éé")


def test_a_message_that_nobody_would_read_is_cut() -> None:
    message = str(failure(RuntimeError("x" * 10_000_000)).error["errorMessage"])
    assert len(message) < 300_000
    assert message.endswith("... (10000000 characters)")


def test_a_deep_traceback_fits_the_header() -> None:
    def recurse() -> None:
        recurse()

    with pytest.raises(RecursionError) as caught:
        recurse()
    told = Failure(caught.value)
    assert 0 < len(told.cause) <= 64 * 1024
    assert any("Previous line repeated" in frame for frame in told.error["stackTrace"])


def test_an_exception_that_cannot_be_printed_is_described() -> None:
    assert failure(Unprintable()).error["errorMessage"] == (
        "<Unprintable whose str() raises ValueError>"
    )


@pytest.mark.parametrize(
    ("error", "error_type", "counted"),
    [
        (ValueError(), "ValueError", "Function.ValueError"),
        (type("snake_case2", (Exception,), {})(), "snake_case2", "Function.Snakecase"),
        (type("Größe", (Exception,), {})(), "Größe", "Function.Gre"),
        (type("E", (Exception,), {})(), "E", "Function.Unknown"),
        (Fault("Runtime.MarshalError", "m"), "Runtime.MarshalError", "Runtime.MarshalError"),
        (Fault("Orders.NotFound", "m"), "Orders.NotFound", "Function.OrdersNotFound"),
    ],
)
def test_lambdas_metrics_count_a_type_that_they_know(
    error: Exception, error_type: str, counted: str
) -> None:
    told = failure(error)
    assert told.error["errorType"] == error_type
    assert told.error_type == counted


def test_a_handlers_own_fault_shows_where_it_was_raised() -> None:
    told: Any = failure(Fault("Function.NoStock", "none left")).error
    assert (told["errorType"], told["errorMessage"]) == ("Function.NoStock", "none left")
    assert "raise error" in told["stackTrace"][0]


def test_a_removed_working_directory_does_no_harm(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    if sys.platform == "linux":
        assert json.loads(failure(ValueError("x")).cause)["working_directory"] == ""
