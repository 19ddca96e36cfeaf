"""AWS's cron expressions: six fields, with days by month, by week, and by year.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

import calendar
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
_FRIDAY, _SATURDAY, _SUNDAY = 6, 7, 1
_FIELDS = 6
_LAST_WEEK = 5

_Days = Callable[[int, int], set[int]]  # the days of a month, by year and month


class ScheduleError(ValueError):
    """The expression of a schedule is not valid; the message says why."""


class _Field(NamedTuple):
    title: str
    low: int
    high: int
    names: list[str] = []  # noqa: RUF012 (never changed)


_MINUTE = _Field("minutes", 0, 59)
_HOUR = _Field("hours", 0, 23)
_DAY = _Field("day of month", 1, 31)
_MONTH = _Field("month", 1, 12, _MONTHS)
_WEEKDAY = _Field("day of week", 1, 7, _WEEKDAYS)
_YEAR = _Field("year", 1970, 2199)


class Cron(NamedTuple):
    """A cron expression; made by `parse_cron`.

    Attributes:
        minutes: The minutes of an hour, in order.
        hours: The hours of a day, in order.
        days: Returns the days of a month.
        months: The months of a year, in order.
        years: The years, in order.
        zone: The time zone of all of them.
    """

    minutes: list[int]
    hours: list[int]
    days: _Days
    months: list[int]
    years: list[int]
    zone: ZoneInfo

    def next_after(self, moment: datetime) -> datetime | None:
        """Return the first time after a moment, in UTC; None if there is none.

        A local time that a change of the clocks leaves out is left out; one that comes twice
        counts once.

        Args:
            moment: An aware time.
        """
        for day in self._days_from(moment.astimezone(self.zone).date()):
            for hour in self.hours:
                for minute in self.minutes:
                    local = datetime.combine(day, time(hour, minute))
                    found = local.replace(tzinfo=self.zone).astimezone(UTC)
                    exists = found.astimezone(self.zone).replace(tzinfo=None) == local
                    if exists and found > moment:
                        return found
        return None

    def _days_from(self, first: date) -> Iterator[date]:
        for year in self.years:
            for month in self.months:
                if (year, month) >= (first.year, first.month):
                    days = (date(year, month, day) for day in sorted(self.days(year, month)))
                    yield from (day for day in days if day >= first)


def parse_cron(text: str, zone: ZoneInfo) -> Cron:
    """Parse the text between the parentheses of ``cron(...)``.

    Args:
        text: Minutes, hours, day of month, month, day of week, and year.
        zone: The time zone.

    Raises:
        ScheduleError: It is not valid.
    """
    fields = text.upper().split()
    if len(fields) != _FIELDS:
        raise ScheduleError(f"cron({text}) has {len(fields)} fields, not {_FIELDS}.")
    minutes, hours, day, month, weekday, years = fields
    if (day == "?") == (weekday == "?"):
        raise ScheduleError(
            f"cron({text}) must have ? as its day of month or as its day of week, not as both."
        )
    return Cron(
        minutes=_values(minutes, _MINUTE),
        hours=_values(hours, _HOUR),
        days=_days_by_month(day) if weekday == "?" else _days_by_week(weekday),
        months=_values(month, _MONTH),
        years=_values(years, _YEAR),
        zone=zone,
    )


def _values(text: str, field: _Field) -> list[int]:
    return sorted({value for part in text.split(",") for value in _range(part, field)})


def _range(text: str, field: _Field) -> list[int]:
    """Return the values of a part such as ``5``, ``*``, ``2-6``, ``FRI-MON`` or ``0/15``."""
    span, slash, step = text.partition("/")
    if slash and (not step.isdecimal() or int(step) < 1):
        raise _wrong(text, field)
    if span == "*":
        first, last = field.low, field.high
    else:
        begin, dash, end = span.partition("-")
        first = _value(begin, text, field)
        last = _value(end, text, field) if dash else field.high if slash else first
    values = (
        [*range(first, last + 1)]
        if first <= last
        else [*range(first, field.high + 1), *range(field.low, last + 1)]
    )
    return values[:: int(step) if slash else 1]


def _value(text: str, part: str, field: _Field) -> int:
    if text in field.names:
        return field.names.index(text) + field.low
    if text.isdecimal() and field.low <= int(text) <= field.high:
        return int(text)
    raise _wrong(part, field)


def _wrong(text: str, field: _Field) -> ScheduleError:
    return ScheduleError(f"{text!r} cannot be the {field.title} of a cron expression.")


def _days_by_month(text: str) -> _Days:
    parts = [_day_by_month(part) for part in text.split(",")]
    return lambda year, month: set[int]().union(*(part(year, month) for part in parts))


def _day_by_month(text: str) -> _Days:
    if text == "L":
        return lambda year, month: {_length(year, month)}
    if text == "LW":
        return lambda year, month: {_nearest_workday(year, month, _length(year, month))}
    if found := re.fullmatch(r"(\d+)W", text):
        day = _value(found[1], text, _DAY)
        return lambda year, month: (
            {_nearest_workday(year, month, day)} if day <= _length(year, month) else set()
        )
    days = set(_range(text, _DAY))
    return lambda year, month: {day for day in days if day <= _length(year, month)}


def _days_by_week(text: str) -> _Days:
    parts = [_day_by_week(part) for part in text.split(",")]
    return lambda year, month: set[int]().union(*(part(year, month) for part in parts))


def _day_by_week(text: str) -> _Days:
    if text == "L":
        text = "SAT"
    if found := re.fullmatch(r"(\w+?)L", text):
        last = _value(found[1], text, _WEEKDAY)
        return lambda year, month: {max(_weekdays(year, month, {last}))}
    if found := re.fullmatch(r"(\w+)#([1-5])", text):
        weekday, week = _value(found[1], text, _WEEKDAY), int(found[2])
        return lambda year, month: set(sorted(_weekdays(year, month, {weekday}))[week - 1 : week])
    weekdays = set(_range(text, _WEEKDAY))
    return lambda year, month: _weekdays(year, month, weekdays)


def _weekdays(year: int, month: int, weekdays: set[int]) -> set[int]:
    """Return the days of a month that are one of some days of the week."""
    days = range(1, _length(year, month) + 1)
    return {day for day in days if _weekday(year, month, day) in weekdays}


def _nearest_workday(year: int, month: int, day: int) -> int:
    """Return the day from Monday to Friday that is nearest, in the same month."""
    weekday = _weekday(year, month, day)
    if weekday == _SATURDAY:
        return day - 1 if day > 1 else day + 2
    if weekday == _SUNDAY:
        return day + 1 if day < _length(year, month) else day - 2
    return day


def _weekday(year: int, month: int, day: int) -> int:
    """Return the day of the week as AWS counts: Sunday is 1."""
    return (date(year, month, day) + timedelta(days=1)).isoweekday()


def _length(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]
