"""CloudWatch metrics as log records, in the embedded metric format, without calls to an API.

Contract:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

from time import time_ns
from typing import TYPE_CHECKING, Any, Literal, get_args

from ._config import configured
from ._cut import fit
from ._log import log
from ._plain import plain, text
from ._redact import redact
from ._settings import request_in_hand, settings
from ._sink import StandardOutput, TelemetryChannel
from ._small_json import to_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from types import TracebackType
    from typing import Self, SupportsFloat

__all__ = ["MetricError", "Metrics", "Unit"]

Unit = Literal[
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Bytes",
    "Kilobytes",
    "Megabytes",
    "Gigabytes",
    "Terabytes",
    "Bits",
    "Kilobits",
    "Megabits",
    "Gigabits",
    "Terabits",
    "Percent",
    "Count",
    "Bytes/Second",
    "Kilobytes/Second",
    "Megabytes/Second",
    "Gigabytes/Second",
    "Terabytes/Second",
    "Bits/Second",
    "Kilobits/Second",
    "Megabits/Second",
    "Gigabits/Second",
    "Terabits/Second",
    "Count/Second",
    "None",
]
"""CloudWatch's units."""

_UNITS = get_args(Unit)
_MAX_METRICS = 100
_MAX_VALUES = 100
_MAX_DIMENSIONS = 30
_MAX_NAME = 255
_MAX_DIMENSION_NAME, _MAX_DIMENSION_VALUE = 250, 1024
_MAX_NAME_SPACE = 255
_IN_NAME_SPACES = frozenset(" .-_/#:")
_MAX_PROBLEMS = 20
_DAYS_PAST, _HOURS_AHEAD = 14, 2


class MetricError(ValueError):
    """A metric that CloudWatch would silently drop.

    No method of `Metrics` raises it: its text becomes a warning.
    """


class Metrics:
    """Metrics of one invocation, written together when a ``with`` statement ends.

    No metric fails an invocation: what CloudWatch would not take is left out, and a record of the
    level WARN says why, once for each reason and at most 20 times. If it would not take the
    namespace or the first dimensions, nothing is recorded.

    A record holds up to 100 metrics of up to 100 values each; further ones begin another record.
    Make an instance in each invocation: then concurrent invocations do not mix their metrics.
    """

    def __init__(self, namespace: str, **dimensions: str) -> None:
        """Begin a set of metrics.

        Args:
            namespace: The group of metrics in CloudWatch, such as ``"Shop"``.
            dimensions: Names and values that distinguish metrics, such as ``service="checkout"``;
                each combination of values is a metric of its own, and is billed as one.
        """
        self._dimensions: dict[str, str] = dict(dimensions)
        self._properties: dict[str, Any] = {}
        self._timestamp: int | None = None
        self._metrics: dict[str, dict[str, Any]] = {}
        self._values: dict[str, list[float]] = {}
        self._problems: set[str] = set()
        self._namespace = namespace
        self._sets: list[list[str]] = []
        self._attempt(self._begin, namespace, dimensions)
        self._is_recorded = bool(self._sets)

    def _begin(self, namespace: str, dimensions: dict[str, str]) -> None:
        _check_text(namespace, "The namespace", _MAX_NAME_SPACE)
        if namespace.startswith(":") or not all(
            letter.isascii() and (letter.isalnum() or letter in _IN_NAME_SPACES)
            for letter in namespace
        ):
            raise MetricError(
                f"The namespace {namespace!r} may hold letters and digits of ASCII, spaces and any "
                "of .-_/#: and may not begin with a colon"
            )
        self._sets = [_checked_dimensions(dimensions)]

    def add(
        self,
        name: str,
        value: SupportsFloat,
        unit: Unit = "None",
        *,
        high_resolution: bool = False,
    ) -> None:
        """Add a value to a metric.

        Args:
            name: The metric's name.
            value: A finite number, in the unit: also a `decimal.Decimal`, a `fractions.Fraction`, a
                scalar of numpy, or any other object with ``__float__`` except a boolean.
            unit: One of CloudWatch's units.
            high_resolution: True if CloudWatch stores the metric by the second, False for by the
                minute.
        """
        if self._is_recorded:
            self._attempt(self._add, name, value, unit, high_resolution)

    def _add(self, name: str, value: SupportsFloat, unit: str, high_resolution: bool) -> None:
        _check_text(name, "The metric's name", _MAX_NAME)
        if name in self._dimensions or name in self._properties or name == "_aws":
            raise MetricError(f"{name!r} is not free for a metric: the record has that key already")
        if unit not in _UNITS:
            raise MetricError(
                f"The metric {name!r} has the unit {unit!r}: take one of {', '.join(_UNITS)}"
            )
        number = _finite(name, value)
        metric: dict[str, Any] = {"Name": name, "Unit": unit}
        if high_resolution:
            metric["StorageResolution"] = 1
        known = self._metrics.get(name)
        if known is not None and known != metric:
            raise MetricError(
                f"The metric {name!r} has the unit {known['Unit']} and the resolution "
                f"{known.get('StorageResolution', 60)} s in this record already"
            )
        if (known is None and len(self._metrics) == _MAX_METRICS) or (
            len(self._values.get(name, ())) == _MAX_VALUES
        ):
            self.flush()
        self._metrics[name] = metric
        self._values.setdefault(name, []).append(number)

    def add_dimensions(self, **dimensions: str) -> None:
        """Group the metrics by another set of dimensions too.

        Args:
            dimensions: Names and values; a name has one value in all sets.
        """
        if self._is_recorded:
            self._attempt(self._add_dimensions, dimensions)

    def _add_dimensions(self, dimensions: dict[str, str]) -> None:
        names = _checked_dimensions(dimensions)
        for name, value in dimensions.items():
            if (
                name in self._values
                or name in self._properties
                or self._dimensions.get(name, value) != value
            ):
                raise MetricError(f"The dimension {name!r} has another value in this record")
        self._sets.append(names)
        self._dimensions.update(dimensions)

    def add_property(self, name: str, value: Any) -> None:
        """Add a value that is not a metric; it is only in the log.

        Args:
            name: The key in the record.
            value: Any value.
        """
        if self._is_recorded:
            self._attempt(self._add_property, name, value)

    def _add_property(self, name: str, value: Any) -> None:
        if name in self._values or name in self._dimensions or name == "_aws":
            raise MetricError(f"{name!r} is not free for a property: the record has it already")
        self._properties[name] = plain(value)

    def set_time(self, when: datetime) -> None:
        """Set the time of the metrics; it is the time of writing by default.

        Args:
            when: A time with a time zone, at most 14 days ago and 2 hours ahead.
        """
        if self._is_recorded:
            self._attempt(self._set_time, when)

    def _set_time(self, when: datetime) -> None:
        if when.tzinfo is None:
            raise MetricError(f"The time {when} has no time zone")
        milliseconds = int(when.timestamp() * 1000)
        age = time_ns() // 1_000_000 - milliseconds
        if not -_HOURS_AHEAD * 3_600_000 <= age <= _DAYS_PAST * 86_400_000:
            raise MetricError(f"The time {when} is over 14 days ago, or over 2 hours ahead")
        self._timestamp = milliseconds

    def flush(self) -> None:
        """Write the metrics, if there are any, and begin a new set."""
        if self._metrics:
            self._attempt(self._flush)

    def _flush(self) -> None:
        metrics, values = self._metrics, self._values
        self._metrics, self._values = {}, {}
        properties = self._properties
        request = request_in_hand()
        if (
            request is not None
            and request.aws_request_id
            and "requestId" not in self._dimensions
            and "requestId" not in values
        ):
            properties = {"requestId": request.aws_request_id, **properties}
        if settings.redact:
            properties = redact(properties, settings.redact)
        self._write([*metrics.values()], values, properties, time_ns())

    def _write(
        self,
        metrics: list[dict[str, Any]],
        values: dict[str, list[float]],
        properties: dict[str, Any],
        now: int,
    ) -> None:
        """Write metrics as one record, or as several if they take too much of its size."""
        record: dict[str, Any] = {
            "_aws": {
                "Timestamp": self._timestamp or now // 1_000_000,
                "CloudWatchMetrics": [
                    {"Namespace": self._namespace, "Dimensions": self._sets, "Metrics": metrics}
                ],
            },
            **self._dimensions,
        }
        for metric in metrics:
            of_metric = values[metric["Name"]]
            record[metric["Name"]] = of_metric[0] if len(of_metric) == 1 else of_metric
        line = to_json({**record, **properties})
        if len(line) >= settings.max_bytes:
            # CloudWatch splits a longer line, and then finds no metrics.
            own = to_json(record)
            if len(own) > settings.max_bytes // 2 and len(metrics) > 1:
                half = len(metrics) // 2
                self._write(metrics[:half], values, properties, now)
                self._write(metrics[half:], values, properties, now)
                return
            room = settings.max_bytes - len(own)
            line = own[:-1] + b"," + fit(properties, to_json(properties), room)[1:]
        _print(line, now)

    def _attempt(self, step: Callable[..., None], *args: Any) -> None:
        """Do a step; if it cannot be done, warn of it once."""
        try:
            step(*args)
        except Exception as error:  # noqa: BLE001 (an object may raise anything)
            problem = text(error)
            if problem not in self._problems and len(self._problems) < _MAX_PROBLEMS:
                self._problems.add(problem)
                log.warning(f"Not recorded as a metric: {problem}", namespace=self._namespace)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.flush()


_standard_output = StandardOutput()


def _print(line: bytes, now: int) -> None:
    """Write a record where CloudWatch looks for metrics: a line of standard output."""
    sink = settings.sink or configured()
    if isinstance(sink, TelemetryChannel):
        sink = _standard_output
    sink.write(line + b"\n", None, json=True, time_ns=now)


def _checked_dimensions(dimensions: dict[str, str]) -> list[str]:
    if len(dimensions) > _MAX_DIMENSIONS:
        raise MetricError(
            f"{len(dimensions)} dimensions are more than the {_MAX_DIMENSIONS} that a set may have"
        )
    for name, value in dimensions.items():
        _check_text(name, "The dimension's name", _MAX_DIMENSION_NAME)
        _check_text(value, f"The dimension {name!r}", _MAX_DIMENSION_VALUE)
        if name.startswith(":") or name == "_aws":
            raise MetricError(f"No dimension can have the name {name!r}")
        for part in (name, value):
            if not (part.isascii() and part.isprintable()):
                raise MetricError(
                    f"The dimension {name!r} must be in ASCII, without control characters, "
                    f"not {part!r:.80}"
                )
    return [*dimensions]


def _check_text(value: object, what: str, most: int) -> None:
    if not isinstance(value, str) or not value.strip() or len(value) > most:
        raise MetricError(f"{what} must be a string of 1 to {most} characters, not {_shown(value)}")


def _finite(name: str, value: object) -> float:
    if isinstance(value, bool) or not hasattr(type(value), "__float__"):
        raise MetricError(f"The metric {name!r} must be a number, not {_shown(value)}")
    try:
        number: float = value if type(value) is int else float(value)  # type: ignore[arg-type]
    except Exception as error:  # noqa: BLE001 (whatever a user's __float__ raises)
        reason = f"{type(error).__name__}: {text(error)}"
        raise MetricError(f"The metric {name!r} has no value as a float: {reason}") from None
    if number - number != 0 or abs(number) > 2**360:
        raise MetricError(f"The metric {name!r} is {number}, which CloudWatch does not take")
    return number


def _shown(value: object) -> str:
    try:
        return f"{value!r:.80}"
    except Exception:  # noqa: BLE001 (whatever a user's __repr__ raises)
        return f"<{type(value).__name__}>"
