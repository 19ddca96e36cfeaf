from __future__ import annotations

import logging
import re
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs
import pytest
from hypothesis import HealthCheck, given, settings as hypothesis, strategies as st

from lambda_logging import Log, configure, log, redact
from lambda_logging.runtime import add_record_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .conftest import Kept, StartLog

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
LEVELS = ["trace", "debug", "info", "warn", "error", "fatal"]


class Point(NamedTuple):
    x: int
    y: int


@dataclass
class Login:
    user: str
    password: str = field(repr=False)


@attrs.frozen
class Order:
    id: int
    card: str = attrs.field(repr=False)


class Model:
    """The methods of pydantic's models."""

    def model_dump(self) -> dict[str, Any]:
        return {"id": 17, "card": "4111"}

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        yield "id", 17


def write_all(to: Log) -> None:
    for name in LEVELS:
        getattr(to, name)("m")


def test_a_record_has_the_platforms_keys_and_its_own(kept: Kept, in_request: Any) -> None:
    in_request.tenant_id, in_request.trace_id = "blue", "Root=1-2-3"
    log.info("sold", order=17, total=2.5, tags=["a", {"b": None}], open=True)
    assert list(kept.record) == [
        *("timestamp", "level", "message", "requestId", "tenantId", "traceId"),
        *("order", "total", "tags", "open"),
    ]
    assert re.fullmatch(TIME, kept.record["timestamp"])
    assert kept.record["requestId"] == in_request.aws_request_id
    assert kept.record["tags"] == ["a", {"b": None}]
    assert kept.frames[0][:2] == ("INFO", True)


def test_every_level_has_its_name(kept: Kept) -> None:
    write_all(log)
    assert [record["level"].lower() for record in kept.records] == LEVELS
    assert [level for level, _, _ in kept.frames] == [name.upper() for name in LEVELS]


@pytest.mark.parametrize(
    ("level", "written"),
    [("", 4), ("LOUD", 4), ("trace", 6), ("Warn", 3), ("WARNING", 3), ("CRITICAL", 1)],
)
def test_the_environment_names_the_lowest_level(
    start_log: StartLog, level: str, written: int
) -> None:
    kept = start_log("JSON", level)
    write_all(log)
    assert [record["level"].lower() for record in kept.records] == LEVELS[6 - written :]
    assert [log.is_enabled(name) for name in LEVELS] == [False] * (6 - written) + [True] * written


def test_an_unknown_level_is_an_error_where_code_names_it(kept: Kept) -> None:
    with pytest.raises(ValueError, match="'LOUD'"):
        configure(level="LOUD")
    with pytest.raises(ValueError, match="'LOUD'"):
        log.is_enabled("LOUD")
    log.trace("the settings are as they were")
    assert kept.record["level"] == "TRACE"


def test_text_is_one_line_in_the_managed_runtimes_form(
    start_log: StartLog, in_request: Any
) -> None:
    kept = start_log("text")
    log.warn("two\nlines", order=17, name="Ada L.", ok="yes", none=None, empty="", more={"a": [1]})
    (line,) = kept.lines
    assert re.fullmatch(
        rf"\[WARN\]\t{TIME}\t{in_request.aws_request_id}\ttwo\rlines "
        r'order=17 name="Ada L." ok=yes none=null empty="" more=\{"a":\[1\]\}\n',
        line,
    )


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Point(1, 2), {"x": 1, "y": 2}),
        (Login("ada", "secret"), {"user": "ada"}),
        (Order(17, "4111"), {"id": 17}),
        (Model(), {"id": 17}),
        (OrderedDict(a=Point(1, 2)), {"a": {"x": 1, "y": 2}}),
        (MappingProxyType({"a": 1}), {"a": 1}),
        (deque((1, 2)), "deque([1, 2])"),
        (
            {1: "a", None: "b", False: "c", (1, 2): "d", 2.5: "e"},
            {"1": "a", "null": "b", "false": "c", "(1, 2)": "d", "2.5": "e"},
        ),
        ([{1}, frozenset((2,)), (3,)], [[1], [2], [3]]),
        (b"caf\xc3\xa9 \xff", "café \\xff"),
        (2**70, 2**70),
        (1.5, 1.5),
        (None, None),
    ],
)
def test_any_value_may_be_a_message(kept: Kept, value: object, written: object) -> None:
    log.info(value, field=value)
    assert kept.record["message"] == written
    assert kept.record["field"] == written


def test_a_function_is_called_only_for_a_level_that_is_written(start_log: StartLog) -> None:
    kept = start_log("JSON", "INFO")
    calls: list[str] = []

    def message() -> str:
        calls.append("called")
        return "made late"

    log.debug(message)
    assert calls == []
    log.info(message)
    log.info(lambda: 1 / 0)
    assert calls == ["called"]
    assert kept.records[0]["message"] == "made late"
    assert "raised ZeroDivisionError: division by zero" in kept.records[1]["message"]


def test_fields_named_like_the_platforms_are_kept_under_another_name(kept: Kept) -> None:
    log.info("m", message="mine", level="high", requestId=7, self="ok")
    assert kept.record["message"] == "m"
    assert kept.record["level"] == "INFO"
    assert kept.record["requestId"] == ""
    mine = {key: kept.record[key] for key in ("message_", "level_", "requestId_", "self")}
    assert mine == {"message_": "mine", "level_": "high", "requestId_": 7, "self": "ok"}


def test_bound_fields_are_the_bound_loggers_only(kept: Kept) -> None:
    bound = log.bind(a=1, b=1).bind(b=2)
    bound.info("m", c=3)
    log.info("m")
    first, second = kept.records
    assert (first["a"], first["b"], first["c"]) == (1, 2, 3)
    assert {"a", "b", "c"}.isdisjoint(second)


def test_a_scope_puts_back_what_it_hid(kept: Kept, in_request: Any) -> None:
    with log.scope(step="outer", kept=True):
        with log.scope(step="inner", level=9):
            log.info("m")
        log.info("m")
    log.info("m")
    inner, outer, after = kept.records
    assert (inner["step"], inner["kept"], inner["level_"]) == ("inner", True, 9)
    assert (outer["step"], outer["kept"]) == ("outer", True)
    assert {"step", "kept"}.isdisjoint(after)
    assert {record["requestId"] for record in kept.records} == {in_request.aws_request_id}


def test_a_scope_may_be_entered_again(kept: Kept) -> None:
    scope = log.scope(a=1)
    with scope, scope:
        log.info("m")
    with scope:
        log.info("m")
    log.info("m")
    assert [record.get("a") for record in kept.records] == [1, 1, None]


def test_a_level_may_be_a_value(kept: Kept) -> None:
    for level in ("warning", "CRITICAL", 5, 25, 99, "LOUD", None):
        log.log(level, "m")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    names = [record["level"] for record in kept.records]
    assert names == ["WARN", "FATAL", "TRACE", "INFO", "FATAL", "INFO", "INFO"]


def test_a_record_says_where_it_comes_from_when_asked(start_log: StartLog) -> None:
    kept = start_log("JSON", location=True)
    log.info("m")
    path, function, line = kept.record["location"].rsplit(":", 2)
    assert path == __file__
    assert function == "test_a_record_says_where_it_comes_from_when_asked"
    assert line.isdecimal()


def fail_first() -> None:
    error = KeyError("first")
    error.add_note("a note")
    raise error


def fail_second() -> None:
    try:
        fail_first()
    except KeyError as error:
        raise ValueError("second") from error


def fail() -> None:
    try:
        fail_second()
    except ValueError as error:
        raise ExceptionGroup("all", [error, TypeError("third")]) from None


@pytest.mark.parametrize("way", ["exception", "exc_info", "tuple", "message"])
def test_an_exception_is_told_with_its_causes_groups_and_notes(kept: Kept, way: str) -> None:
    ways: dict[str, Callable[[Exception], None]] = {
        "exception": lambda _: log.exception("failed"),
        "exc_info": lambda error: log.error("failed", exc_info=error),
        "tuple": lambda error: log.error("failed", exc_info=(type(error), error, None)),
        "message": log.error,
    }
    text = "all (2 sub-exceptions)"
    try:
        fail()
    except ExceptionGroup as error:
        ways[way](error)
    record = kept.record
    assert record["message"] == (text if way == "message" else "failed")
    assert (record["errorType"], record["errorMessage"]) == ("ExceptionGroup", text)
    assert 'raise ExceptionGroup("all"' in record["stackTrace"][-1]
    assert "errorCause" not in record  # `from None`
    second, third = record["errorGroup"]
    assert (third["errorType"], third["errorMessage"]) == ("TypeError", "third")
    cause = second["errorCause"]
    assert (cause["errorType"], cause["errorNotes"]) == ("KeyError", ["a note"])
    assert "in fail_first\n    raise error\n" in cause["stackTrace"][-1]


def test_an_exception_in_text_keeps_to_one_line(start_log: StartLog) -> None:
    kept = start_log("Text")
    try:
        fail()
    except ExceptionGroup:
        log.exception("failed")
    (line,) = kept.lines
    for part in ("failed\r", "a note", "KeyError: 'first'", "ExceptionGroup: all"):
        assert part in line


def test_redaction_reaches_every_record(start_log: StartLog) -> None:
    event = {"user": "ada", "auth": [{"PassWord": "x"}], "token": {"a": 1}}
    before = repr(event)
    kept = start_log("JSON", redact=("password", "TOKEN"))
    log.info(event, token="t", event=event, when=Login)
    text = start_log("Text", redact=("password", "TOKEN"))
    log.info(event, token="t", event=event)
    clean = {"user": "ada", "auth": [{"PassWord": "[redacted]"}], "token": "[redacted]"}
    assert kept.record["message"] == kept.record["event"] == clean
    assert kept.record["token"] == "[redacted]"
    assert repr(event) == before
    assert "token=[redacted]" in text.lines[0]
    assert "'x'" not in text.lines[0]
    assert '"x"' not in text.lines[0]


@attrs.frozen
class Account:
    user: str
    password: str


@pytest.mark.parametrize("format", ["JSON", "Text"])
def test_no_way_into_a_record_goes_round_redaction(
    start_log: StartLog,
    format: str,  # noqa: A002
) -> None:
    kept = start_log(format, "INFO", redact=["password"])
    event = {"user": "ada", "password": "secret"}
    body = '\n{"user": "ada", "password": "secret"}'
    other = logging.getLogger("other")
    log.info(Account("ada", "secret"))
    log.info(body, field=[Account("ada", "secret"), body])
    log.bind(a=event).info([event])
    other.info(event)
    other.info([event, Account("ada", "secret")])
    other.info("%s and %d", event, 1)
    other.info("%(user)s %(password)s", event)
    other.info("%s", {"Message": '{"body": "{\\"password\\": \\"secret\\"}"}'})
    assert len(kept.lines) == 8
    for line in kept.lines:
        assert "ada" in line or "body" in line
        assert "[redacted]" in line
        assert "secret" not in line


def test_a_string_that_is_no_json_or_holds_no_secret_is_left_alone() -> None:
    for value in ("{", "[1, 2", "{x}", "", '{"a": [1,  2.50]}', "[" * 100_000, "[NaN]"):
        assert redact({"body": value})["body"] is value
    assert redact('[{"token": 1, "n": NaN, "\ud800": 1}]') == (
        '[{"token":"[redacted]","n":"NaN","\\ud800":1}]'
    )


# Many small values show as much as few large ones, in a tenth of the time.
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: (
        st.lists(children, max_size=4) | st.dictionaries(st.text(), children, max_size=4)
    ),
    max_leaves=20,
)


@given(st.text(), st.dictionaries(st.text(), json_values, max_size=4))
@hypothesis(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_json_comes_out_as_it_went_in(kept: Kept, message: str, fields: Any) -> None:
    kept.frames.clear()
    log.info(message, fields=fields)
    record = kept.record
    assert record["message"] == message
    assert record["fields"] == without_special_floats(fields)


def without_special_floats(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_special_floats(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_special_floats(item) for item in value]
    if isinstance(value, float) and value - value != 0:
        if value != value:  # noqa: PLR0124
            return "NaN"
        return "Infinity" if value > 0 else "-Infinity"
    return value


class Odd:
    def __str__(self) -> str:
        raise ValueError("odd")

    __repr__ = __str__


@pytest.mark.parametrize(
    ("message", "args"),
    [
        ("hello %s", ("Ada",)),
        ("%d of %5.2f%%", (3, 7.126)),
        ("%(who)s has %(n)d", ({"who": "Ada", "n": 3},)),
        ("%s", ((1, 2),)),
        ("%s", ({},)),
        ("100%", ()),
        (17, ()),
    ],
)
def test_arguments_are_put_in_as_logging_does(
    kept: Kept, message: object, args: tuple[object, ...]
) -> None:
    log.info(message, *args, field=1)
    logging.getLogger("other").info(message, *args)
    log.log("INFO", message, *args)
    mine, theirs, by_level = (record["message"] for record in kept.records)
    assert str(mine) == theirs
    assert mine == by_level
    assert kept.records[0]["field"] == 1


@pytest.mark.parametrize(
    ("message", "args", "words"),
    [
        ("%d apples", ("many",), "%d apples ('many',) (TypeError: %d format"),
        ("%s", (1, 2), "%s (1, 2) (TypeError: not all arguments converted"),
        ("%s and %s", (1,), "%s and %s (1,) (TypeError: not enough arguments"),
        ("%(who)s", ({"n": 1},), "%(who)s {'n': 1} (KeyError: 'who')"),
        ("%s", (Odd(),), "ValueError: odd"),
        ("none", (1,), "none (1,) (TypeError"),
    ],
)
def test_arguments_that_do_not_fit_are_written_beside_the_message(
    kept: Kept, message: str, args: tuple[object, ...], words: str
) -> None:
    log.info(message, *args)
    logging.getLogger("other").info(message, *args)
    mine, theirs = (record["message"] for record in kept.records)
    assert words in mine
    assert mine == theirs


def test_arguments_go_into_whatever_the_message_is(kept: Kept) -> None:
    log.info(lambda: "made of %s", "it")
    log.error(ValueError("no %s"), "tea")
    made, error = kept.records
    assert made["message"] == "made of it"
    assert (error["message"], error["errorMessage"]) == ("no tea", "no %s")


def test_arguments_below_the_level_are_not_looked_at(start_log: StartLog) -> None:
    kept = start_log("JSON", "ERROR")
    log.info("%s", Odd())
    log.warning("%s", Odd())
    assert kept.frames == []


def test_arguments_hide_their_secrets(start_log: StartLog) -> None:
    kept = start_log(redact=["password"])
    log.info("login %s", {"password": "secret"})
    log.info("login %(password)s", {"password": "secret"})
    log.info("login %d", {"password": "secret"})
    for record in kept.records:
        assert "secret" not in record["message"]
        assert "[redacted]" in record["message"]


def test_levels_have_the_names_of_logging_too(kept: Kept) -> None:
    log.warning("w %s", 1, left=2)
    log.warn("w %s", 1, left=2)
    log.critical("c")
    log.fatal("c")
    log.bind(order=17).warning("bound %s", "x")
    try:
        int("v")
    except ValueError:
        log.exception("failed for %s", "Ada")
        log.critical("ended", exc_info=True)
    levels = [record["level"] for record in kept.records]
    assert levels == ["WARN", "WARN", "FATAL", "FATAL", "WARN", "ERROR", "FATAL"]
    first, second, *_, bound, failed, ended = kept.records
    assert {**first, "timestamp": ""} == {**second, "timestamp": ""}
    assert (bound["message"], bound["order"]) == ("bound x", 17)
    assert (failed["message"], failed["errorType"]) == ("failed for Ada", "ValueError")
    assert ended["errorType"] == "ValueError"


def test_every_record_has_the_fields_that_were_added(kept: Kept) -> None:
    number = iter(range(9))
    add_record_fields(lambda: {"n": next(number), "own": "no"})
    try:
        log.info("first")
        log.info("second", own="yes")
    finally:
        add_record_fields(None)
    log.info("third")

    found = [(record.get("n"), record.get("own")) for record in kept.records]
    assert found == [(0, "no"), (1, "yes"), (None, None)]
