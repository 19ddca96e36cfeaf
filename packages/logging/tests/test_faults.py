"""Failures in other loggers: the caller goes on, and the record arrives, as JSON or text."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections import UserDict
from contextlib import suppress
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings as hypothesis, strategies as st

from lambda_logging import LambdaHandler, log
from lambda_logging._plain import plain
from lambda_logging._safe import encode_anything

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .conftest import Kept, Program, StartLog

    OnLambda = Callable[..., list[dict[str, Any]]]

other = logging.getLogger("other")


class Unprintable:
    def __str__(self) -> str:
        raise RuntimeError("no str")

    def __repr__(self) -> str:
        raise RuntimeError("no repr")


class OnlyRepr:
    def __str__(self) -> str:
        raise RuntimeError("no str")

    def __repr__(self) -> str:
        return "<only repr>"


class Word(str):
    __slots__ = ()

    def __str__(self) -> str:
        raise RuntimeError("a string that is none")


class Broken(UserDict[str, Any]):
    def items(self) -> Any:
        raise RuntimeError("no items")


class Telling:
    def __json__(self) -> str:
        return "not json"

    def toDict(self) -> Any:  # noqa: N802 (ujson looks for it)
        raise RuntimeError("not a dict")

    def __str__(self) -> str:
        return "telling"


def circle() -> dict[str, Any]:
    value: dict[str, Any] = {"a": 1}
    value["self"] = [value]
    return value


def deep(levels: int = 5000) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(levels):
        value = {"d": value}
    return value


FAULTS: dict[str, tuple[object, Callable[[Any], bool]]] = {
    "object": (object(), lambda seen: seen.startswith("<object object at")),
    "no str": (OnlyRepr(), lambda seen: seen == "<only repr>"),
    "no str, no repr": (
        Unprintable(),
        lambda seen: seen == "<Unprintable whose str() raises RuntimeError>",
    ),
    "str of its own": (Word("word"), lambda seen: seen == "word"),
    "circle": (circle(), lambda seen: seen == {"a": 1, "self": ["<dict that holds itself>"]}),
    "tuple key": ({(1, 2): 3}, lambda seen: seen == {"(1, 2)": 3}),
    "bytes key": ({b"k": 3}, lambda seen: seen == {"k": 3}),
    "unprintable key": ({Unprintable(): 3}, lambda seen: list(seen.values()) == [3]),
    "deep": (deep(), lambda seen: "nested too deeply" in json.dumps(seen)),
    "bytes": (b"a\xff", lambda seen: seen == "a\\xff"),
    "nan": (float("nan"), lambda seen: seen == "NaN"),
    "infinity": ([float("-inf")], lambda seen: seen == ["-Infinity"]),
    "surrogate": ("a\ud800", lambda seen: seen == "a\ud800"),
    "surrogate key": ({"\udfff": [b""]}, lambda seen: seen == {"\udfff": [""]}),
    "broken mapping": (Broken(), lambda seen: seen == "{}"),
    "own json": (Telling(), lambda seen: seen == "telling"),
    "exception": (ValueError("v"), lambda seen: seen == "ValueError: v"),
    "number of 10,000 digits": (10**10_000, lambda seen: seen is not None),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_field_may_be_anything(kept: Kept, name: str) -> None:
    value, is_right = FAULTS[name]
    log.info("m", field=value, next=1)
    other.info("m", extra={"field": value, "next": 1})
    for record in kept.records:
        assert record["message"] == "m"
        assert record["next"] == 1
        assert is_right(record["field"]), record["field"]
    assert len(kept.records) == 2


@pytest.mark.parametrize("name", FAULTS)
def test_a_message_may_be_anything(start_log: StartLog, name: str) -> None:
    for format in ("JSON", "Text"):  # noqa: A001
        kept = start_log(format)
        log.error(FAULTS[name][0], field=FAULTS[name][0])
        other.error(FAULTS[name][0])
        other.error("%s", FAULTS[name][0])
        assert len(kept.lines) == 3
        if format == "JSON":
            assert all(record["level"] == "ERROR" for record in kept.records)
            assert not any("logError" in record for record in kept.records)


@pytest.mark.parametrize(
    ("message", "arguments"),
    [("%d apples", ("x",)), ("%s %s", (1,)), ("%s", (Unprintable(),)), ("%", (1,)), ("m", (1,))],
)
def test_a_message_that_cannot_be_formatted_is_told_with_its_arguments(
    start_log: StartLog, message: str, arguments: tuple[Any, ...]
) -> None:
    kept = start_log("JSON")
    other.warning(message, *arguments)
    assert kept.record["message"].startswith(message)
    assert "Error: " in kept.record["message"]
    kept = start_log("Text")
    other.warning(message, *arguments)
    assert message in kept.lines[0]


def test_an_exception_that_is_none_is_none(kept: Kept) -> None:
    log.error("m", exc_info=True)
    log.exception("m")
    other.exception("m")
    other.error("m", exc_info=(None, None, None))
    assert [set(record) & {"errorType", "stackTrace"} for record in kept.records] == [set()] * 4


class Errors(Exception):
    """An exception that counts what it is made of, and has nothing."""

    def __len__(self) -> int:
        return 0


class Undecided(Exception):
    def __bool__(self) -> bool:
        raise RuntimeError("no bool")


@pytest.mark.parametrize("kind", [Errors, Undecided])
def test_an_exception_that_is_not_true_is_told(kept: Kept, kind: type[Exception]) -> None:
    error = kind("v")
    log.error("m", exc_info=error)
    log.error(error)
    other.error("m", exc_info=(kind, error, None))
    assert [record["errorType"] for record in kept.records] == [kind.__name__] * 3


@pytest.mark.parametrize("exc_info", [Unprintable, ("a", "b"), "x", SimpleNamespace()])
def test_what_is_no_exception_raises_nothing(kept: Kept, exc_info: Any) -> None:
    log.error("m", exc_info=exc_info)
    assert kept.record["message"] == "m"


class Neither:
    def __bool__(self) -> bool:
        raise RuntimeError("no bool")


def test_what_came_between_is_told(kept: Kept) -> None:
    neither: Any = Neither()
    log.error("m", exc_info=neither)
    assert kept.record["logError"] == "RuntimeError: no bool"
    # Made from what a socket or a queue brought, without what the standard library always adds.
    LambdaHandler().handle(logging.makeLogRecord({"msg": "half a record"}))
    assert kept.records[1]["message"] == "half a record"
    assert kept.records[1]["logError"].startswith("TypeError: ")


class Odd(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no str")


@pytest.mark.parametrize("format", ["JSON", "Text"])
def test_an_exception_may_be_odd(start_log: StartLog, format: str) -> None:  # noqa: A002
    kept = start_log(format)
    error = Odd()
    error.__cause__ = error
    vars(error)["__notes__"] = [Unprintable()]
    try:
        raise error
    except Odd:
        log.exception("failed")
        other.exception("failed")
    assert len(kept.lines) == 2
    assert all("failed" in line and "Odd" in line for line in kept.lines)


def test_stack_info_is_kept(start_log: StartLog) -> None:
    kept = start_log("JSON")
    other.warning("m", stack_info=True)
    assert kept.record["stackInfo"][0] == "Stack (most recent call last):"
    kept = start_log("Text")
    other.warning("m", stack_info=True)
    assert "m\rStack (most recent call last):\r" in kept.lines[0]


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "x" * 2_000_000},
        {"a": "é" * 300_000, "b": "\x00" * 100_000, "c": 1},
        {"many": {str(n): "x" * 100 for n in range(10_000)}, "c": 1},
        {"numbers": list(range(100_000)), "c": 1},
        {"k" * 300_000: 1, "c": 1},
        {f"key{n}": "x" * 200 for n in range(5_000)},
    ],
    ids=["one string", "wide and escaped", "many strings", "no strings", "key", "many fields"],
)
def test_a_record_over_the_limit_stays_json_and_says_what_was_cut(
    kept: Kept, fields: dict[str, Any]
) -> None:
    log.info("m" * 1000, **fields)
    other.info("m" * 1000, extra=fields)
    for line, record in zip(kept.lines, kept.records, strict=True):
        assert len(line.encode()) <= 256 * 1024 - 26
        assert record["message"].startswith("m" * 256)
        assert record["truncated"] is True
        assert record["originalBytes"] > 256 * 1024
        if "c" in fields and "omitted" not in record:
            assert record["c"] == 1
        if "text" in fields:
            assert len(line) > 200_000
            assert record["text"].endswith("... (2000000 characters)")
    assert len(kept.records) == 2


@pytest.fixture
def no_recursion_left() -> Iterator[None]:
    limit = sys.getrecursionlimit()
    yield
    sys.setrecursionlimit(limit)


def test_a_long_stack_keeps_its_ends(kept: Kept, no_recursion_left: None) -> None:
    def even(number: int) -> None:
        odd(number - 1)

    def odd(number: int) -> None:
        if number < 0:
            raise ValueError("v")
        even(number)

    sys.setrecursionlimit(12_000)
    for write in (log.exception, other.exception):
        with suppress(ValueError):
            try:
                even(4000)
            finally:
                write("m")
    for line, record in zip(kept.lines, kept.records, strict=True):
        assert len(line) < 256 * 1024 - 26
        assert record["truncated"] is True
        assert record["errorType"] == "ValueError"
        stack = record["stackTrace"]
        assert len(stack) == 101
        assert "in test_a_long_stack" in stack[0]
        assert re.fullmatch(r"\.\.\. \(\d+ more\)", stack[50])
        assert 'raise ValueError("v")' in stack[-1]


def test_a_long_message_of_any_kind_is_cut(start_log: StartLog) -> None:
    kept = start_log("JSON", max_bytes=1000)
    log.info("x" * 5000)
    log.info({"a": list(range(1000))})
    log.info("short")
    assert [len(line) <= 1000 for line in kept.lines] == [True] * 3
    assert ["truncated" in record for record in kept.records] == [True, True, False]
    kept = start_log("Text", max_bytes=1000)
    log.info("é\n" * 5000)
    (line,) = kept.lines
    assert len(line.encode()) <= 1000
    assert line.endswith(" bytes)\n")


# Many small values show as much as few large ones, in a tenth of the time.
anything = st.recursive(
    st.none()
    | st.floats()
    | st.binary()
    | st.text(st.characters(exclude_categories=()))
    | st.sampled_from([OnlyRepr(), Word("w"), Telling(), Broken(), object()]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text() | st.binary() | st.floats(), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), anything, max_size=5), st.integers(100, 1000))
@hypothesis(max_examples=60, deadline=None)
def test_any_record_becomes_one_line_of_json(fields: dict[str, Any], max_bytes: int) -> None:
    record = {"timestamp": "t", "level": "INFO", "message": "m", **fields}
    line = encode_anything(record, max_bytes, frozenset())
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert {"timestamp", "level", "message"} <= json.loads(line).keys()
    assert json.loads(line).get("logError") is None


def test_plain_leaves_what_it_is_given_alone() -> None:
    value = {"a": [1, {"b": b"x"}], "c": {2}}
    assert plain(value) == {"a": [1, {"b": "x"}], "c": [2]}
    assert value == {"a": [1, {"b": b"x"}], "c": {2}}


class Failing:
    line_end = "\n"

    def write(self, *_: Any, **__: Any) -> None:
        raise ValueError("no way out")


def test_a_sink_that_fails_fails_nobody_else(start_log: StartLog) -> None:
    start_log("JSON", sink=Failing())
    log.error("m")
    other.error("m")


@pytest.mark.parametrize("format", ["JSON", "Text"])
def test_logging_at_the_end_of_the_program_loses_nothing(
    program: Program,
    format: str,  # noqa: A002
) -> None:
    """A finalizer runs when nothing can be imported any more."""
    out = program(
        "from lambda_logging import log\n"
        "class Last:\n    def __del__(self):\n"
        "        log.info('one', n=1); log.error('two', exc_info=ValueError('v'), n={2})\n"
        "last = Last()\nlog.info('before')",
        AWS_LAMBDA_RUNTIME_API="x",
        AWS_LAMBDA_LOG_FORMAT=format,
    )
    before, one, two = out.splitlines()
    assert "before" in before
    assert "one" in one
    assert "two" in two


def test_logging_at_the_end_of_the_stack_raises_nothing(
    kept: Kept, no_recursion_left: None
) -> None:
    def dive() -> None:
        try:
            dive()
        except RecursionError:
            log.error("too deep", field={1})
            raise

    with pytest.raises(RecursionError):
        dive()
    assert kept.records[-1]["message"] == "too deep"


PIPE = """
import logging, os
read_end, write_end = os.pipe()
out = os.dup(1)
os.environ["AWS_LAMBDA_RUNTIME_API"] = "x"
{setup}
from lambda_logging import log
log.info("one")
os.close(read_end)
log.info("two"); logging.error("three")
os.close({fd})
log.info("four"); logging.error("five")
os.write(out, b"alive")
"""


@pytest.mark.parametrize(
    ("setup", "fd", "shown"),
    [
        ("os.dup2(write_end, 1)", "1", []),
        # Standard output is left, from the moment at which the channel is closed on this side.
        (
            'os.environ["_LAMBDA_TELEMETRY_LOG_FD"] = str(write_end)',
            "write_end",
            ["four", "five"],
        ),
    ],
    ids=["standard output", "channel"],
)
def test_a_closed_pipe_is_survived(program: Program, setup: str, fd: str, shown: list[str]) -> None:
    *records, last = program(PIPE.format(setup=setup, fd=fd)).splitlines()
    assert [record.rpartition("\t")[2] for record in records] == shown
    assert last == "alive"


def test_a_channel_that_is_not_open_is_none(on_lambda: OnLambda) -> None:
    for fd in ("77", "9" * 40):
        (record,) = on_lambda(
            "from lambda_logging import log; log.info('m')", _LAMBDA_TELEMETRY_LOG_FD=fd
        )
        assert record["message"] == "m"


def test_any_standard_output_will_do(program: Program) -> None:
    for stream in ("None", "open(os.devnull)"):
        code = (
            f"import os, sys; sys.stdout = {stream}; from lambda_logging import log; "
            "log.info('m', field='\\ud800'); os.write(1, b'alive')"
        )
        assert program(code).endswith("alive")
        assert program(code, AWS_LAMBDA_RUNTIME_API="x").endswith("alive")
