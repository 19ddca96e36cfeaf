from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from lambda_logging.metrics import Metrics

from .conftest import Kept

if TYPE_CHECKING:
    from .conftest import Program, StartLog


def test_a_record_is_in_the_embedded_metric_format(kept: Kept, in_request: Any) -> None:
    with Metrics("Shop", service="checkout") as metrics:
        metrics.add("Orders", 1, "Count")
        metrics.add("Latency", 12.5, "Milliseconds", high_resolution=True)
        metrics.add("Latency", 7, "Milliseconds", high_resolution=True)
        metrics.add_dimensions(region="eu", tier="gold")
        metrics.add_property("order", {"id": 17})
    before = datetime.now(UTC).timestamp() * 1000
    record = kept.record
    written = record["_aws"].pop("Timestamp")
    assert before - 60_000 < written <= before
    assert record == {
        "_aws": {
            "CloudWatchMetrics": [
                {
                    "Namespace": "Shop",
                    "Dimensions": [["service"], ["region", "tier"]],
                    "Metrics": [
                        {"Name": "Orders", "Unit": "Count"},
                        {"Name": "Latency", "Unit": "Milliseconds", "StorageResolution": 1},
                    ],
                }
            ]
        },
        "service": "checkout",
        "region": "eu",
        "tier": "gold",
        "order": {"id": 17},
        "requestId": in_request.aws_request_id,
        "Orders": 1,
        "Latency": [12.5, 7],
    }
    assert kept.frames[0][0] is None


def test_nothing_to_say_is_nothing_said(kept: Kept) -> None:
    with Metrics("Shop"):
        pass
    assert kept.frames == []


def test_a_failure_does_not_lose_them(kept: Kept) -> None:
    def work() -> float:
        with Metrics("Shop") as metrics:
            metrics.add("Orders", 1)
            return 1 / 0

    with pytest.raises(ZeroDivisionError):
        work()
    assert kept.record["Orders"] == 1


def test_more_than_a_record_holds_begins_another(kept: Kept) -> None:
    with Metrics("Shop") as metrics:
        for n in range(101):
            metrics.add(f"m{n}", n)
        for n in range(201):
            metrics.add("values", n)
    first, second, third, fourth = kept.records
    assert [f"m{n}" in first for n in (0, 99, 100)] == [True, True, False]
    assert (second["m100"], len(second["values"]), len(third["values"])) == (100, 100, 100)
    assert fourth["values"] == 200


def test_metrics_may_be_of_another_time(kept: Kept) -> None:
    when = datetime.now(UTC) - timedelta(days=13)
    with Metrics("Shop") as metrics:
        metrics.set_time(when)
        metrics.add("Orders", 1)
    assert kept.record["_aws"]["Timestamp"] == int(when.timestamp() * 1000)


def metrics_with(**dimensions: str) -> Metrics:
    metrics = Metrics("Shop", **dimensions)
    metrics.add("Orders", 1, "Count")
    metrics.add_property("note", "x")
    return metrics


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: m.add("", 1), "1 to 255 characters"),
        (lambda m: m.add("x" * 256, 1), "1 to 255 characters"),
        (lambda m: m.add(7, 1), "must be a string"),
        (lambda m: m.add("a", "1"), "must be a number"),
        (lambda m: m.add("a", True), "must be a number"),
        (lambda m: m.add("a", float("nan")), "nan"),
        (lambda m: m.add("a", 2.0**361), "does not take"),
        (lambda m: m.add("a", 1, "Apples"), "'Apples'"),
        (lambda m: m.add("Orders", 1, "Bytes"), "the unit Count"),
        (lambda m: m.add("Orders", 1, "Count", high_resolution=True), "the resolution 60 s"),
        (lambda m: m.add("service", 1), "not free"),
        (lambda m: m.add("note", 1), "not free"),
        (lambda m: m.add("_aws", 1), "not free"),
        (lambda m: m.add_property("Orders", 1), "not free"),
        (lambda m: m.add_dimensions(service="other"), "another value"),
        (lambda m: m.add_dimensions(Orders="other"), "another value"),
        (lambda m: m.add_dimensions(**{":a": "b"}), "':a'"),
        (lambda m: m.add_dimensions(city="Zürich"), "in ASCII"),
        (lambda m: m.add_dimensions(tab="a\tb"), "control characters"),
        (lambda m: m.add_dimensions(città="b"), "in ASCII"),
        (lambda m: m.add_dimensions(a=""), "1 to 1024 characters"),
        (lambda m: m.add_dimensions(a="x" * 1025), "1 to 1024 characters"),
        (lambda m: m.add_dimensions(**{"x" * 251: "b"}), "1 to 250 characters"),
        (lambda m: m.add_dimensions(**{f"d{n}": "b" for n in range(31)}), "more than the 30"),
        (lambda m: m.set_time(datetime.now(UTC) - timedelta(days=15)), "14 days"),
        (lambda m: m.set_time(datetime.now(UTC) + timedelta(hours=3)), "2 hours"),
        (lambda m: m.set_time(datetime(2026, 1, 1)), "no time zone"),  # noqa: DTZ001
    ],
)
def test_what_cloudwatch_would_drop_is_one_warning(kept: Kept, call: Any, message: str) -> None:
    metrics = metrics_with(service="checkout")
    call(metrics)
    metrics.flush()
    warning, record = kept.records
    assert (warning["level"], warning["namespace"]) == ("WARN", "Shop")
    assert message in warning["message"]
    assert record["Orders"] == 1
    assert set(record) == {"_aws", "service", "Orders", "note"}


@pytest.mark.parametrize("namespace", ["", " ", ":a", "x" * 256, "Käse", "a\nb", "a&b"])
def test_a_namespace_has_rules_too(kept: Kept, namespace: str) -> None:
    with Metrics(namespace) as metrics:
        metrics.add("Orders", 1)
        metrics.add("Orders", float("nan"))
        metrics.add_dimensions(a="")
        metrics.add_property("a", 1)
    assert "namespace" in kept.record["message"]


@pytest.mark.parametrize("dimensions", [{"city": "Zürich"}, {"city": ""}, {"city": 7}])
def test_nothing_is_recorded_under_other_dimensions(kept: Kept, dimensions: Any) -> None:
    with Metrics("Shop", **dimensions) as metrics:
        metrics.add("Orders", 1)
    assert "The dimension 'city'" in kept.record["message"]


class Number:
    def __init__(self, value: Any) -> None:
        self._value = value

    def __float__(self) -> float:
        if isinstance(self._value, Exception):
            raise self._value
        number: float = self._value
        return number

    def __repr__(self) -> str:
        raise RuntimeError("no repr")


class Status(IntEnum):
    OK = 200


@pytest.mark.parametrize(
    ("value", "recorded"),
    [
        (Decimal("12.5"), 12.5),
        (Decimal(17), 17),
        (Fraction(1, 4), 0.25),
        (Number(2.5), 2.5),
        (Status.OK, 200),
        (0, 0),
        (-1.5, -1.5),
        (2**64, 2**64),
    ],
)
def test_a_value_may_be_any_number(kept: Kept, value: Any, recorded: float) -> None:
    with Metrics("Shop") as metrics:
        metrics.add("Size", value)
        metrics.add("Size", value)
    assert kept.record["Size"] == [recorded, recorded]


def test_a_value_may_be_a_scalar_of_numpy(kept: Kept) -> None:
    numpy = pytest.importorskip("numpy")
    with Metrics("Shop") as metrics:
        for kind in ("float16", "float32", "float64", "int8", "int64", "uint64"):
            metrics.add(kind, getattr(numpy, kind)(3))
        metrics.add("none", numpy.float32("inf"))
    warning, record = kept.records
    assert [record[kind] for kind in ("float16", "float32", "float64", "int8", "int64")] == [3] * 5
    assert "does not take" in warning["message"]


@pytest.mark.parametrize(
    "value",
    [
        *(Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("1e400")),
        *(Fraction(10**400), float("-inf"), 10**5000, 2**361, Number(float("nan"))),
        *(Number("text"), Number(ZeroDivisionError("z")), None, "1", b"1", 1j, [1], object()),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_that_is_not_a_finite_number_is_one_warning(kept: Kept, value: Any) -> None:
    with Metrics("Shop") as metrics:
        for _ in range(1000):
            metrics.add("Size", value)
        metrics.add("Orders", 1)
    warning, record = kept.records
    assert warning["level"] == "WARN"
    assert "Size" not in record
    assert record["Orders"] == 1


def test_many_problems_are_few_warnings(kept: Kept) -> None:
    with Metrics("Shop") as metrics:
        for n in range(1000):
            metrics.add("Size", f"{n} MB")  # type: ignore[arg-type]
    assert len(kept.records) == 20


def test_a_metric_fails_no_invocation(start_log: StartLog) -> None:
    class Broken(Kept):
        def write(self, record: bytes, level: str | None, *, json: bool, time_ns: int) -> None:
            if level is None:
                raise OSError("no room")
            super().write(record, level, json=json, time_ns=time_ns)

    kept = Broken()
    start_log(sink=kept)
    metrics: Any = Metrics("Shop")
    metrics.add([], 1)
    metrics.add("a", 1, [])
    metrics.add_property([], 1)
    metrics.set_time("yesterday")
    metrics.add("a", 1)
    metrics.flush()
    messages = [record["message"] for record in kept.records]
    assert len(messages) == len(set(messages)) == 5
    assert "no room" in messages[-1]


def test_a_record_that_cloudwatch_would_split_loses_properties_and_no_metrics(kept: Kept) -> None:
    with Metrics("Shop", service="checkout") as metrics:
        metrics.add("Orders", 1, "Count")
        metrics.add_property("page", "x" * 300_000)
        metrics.add_property("order", 17)
    (line,) = kept.lines
    assert 200_000 < len(line) <= 256 * 1024 - 26
    record = kept.record
    assert record["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"] == "Orders"
    assert (record["service"], record["Orders"], record["order"]) == ("checkout", 1, 17)
    assert record["truncated"] is True
    assert record["page"].endswith("... (300000 characters)")


def test_metrics_that_fill_a_record_go_into_several(kept: Kept) -> None:
    added = {f"{n:0250}": [-(n + 1) / 7e99 * (m + 1) for m in range(100)] for n in range(100)}
    with Metrics("Shop", service="checkout") as metrics:
        metrics.add_property("order", "x" * 100)
        for name, values in added.items():
            for value in values:
                metrics.add(name, value)
    assert len(kept.lines) > 1
    assert max(map(len, kept.lines)) <= 256 * 1024 - 26
    written = {}
    for record in map(json.loads, kept.lines):
        assert (record["service"], record["order"]) == ("checkout", "x" * 100)
        for metric in record["_aws"]["CloudWatchMetrics"][0]["Metrics"]:
            written[metric["Name"]] = record[metric["Name"]]
    assert written == added


@pytest.mark.usefixtures("in_request")
def test_no_key_of_a_record_takes_the_place_of_another(kept: Kept) -> None:
    with Metrics("Shop", service="checkout") as metrics:
        metrics.add_property("stage", "packing")
        metrics.add_dimensions(stage="beta")
        metrics.add("requestId", 3)
    warning, record = kept.records
    assert "The dimension 'stage' has another value" in warning["message"]
    assert record["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["service"]]
    assert (record["stage"], record["requestId"]) == ("packing", 3)


def test_a_wrong_unit_is_answered_with_the_units_in_order(kept: Kept) -> None:
    units: Any = ["ms", ["Count"]]
    with Metrics("Shop") as metrics:
        for unit in units:
            metrics.add("Latency", 1, unit)
    of_name, of_list = [record["message"] for record in kept.records]
    assert "the unit 'ms': take one of Seconds, Microseconds, Milliseconds, Bytes" in of_name
    assert "the unit ['Count']: take one of Seconds" in of_list


def test_properties_are_redacted_as_fields_are(start_log: StartLog) -> None:
    kept = start_log(redact=["password"])
    with Metrics("Shop") as metrics:
        metrics.add("Orders", 1)
        metrics.add_property("user", {"name": "ada", "password": "secret"})
    assert kept.record["user"] == {"name": "ada", "password": "[redacted]"}


def test_metrics_go_to_standard_output_beside_the_channel(program: Program) -> None:
    code = (
        "import os; read_end, write_end = os.pipe()\n"
        "os.environ['_LAMBDA_TELEMETRY_LOG_FD'] = str(write_end)\n"
        "from lambda_logging import log; from lambda_logging.metrics import Metrics\n"
        "log.info('framed')\n"
        "with Metrics('Shop') as metrics: metrics.add('Orders', 1)\n"
    )
    out = program(code, AWS_LAMBDA_RUNTIME_API="x")
    assert json.loads(out)["Orders"] == 1
