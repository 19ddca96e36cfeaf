"""Schedules: when they fire, by the expressions of EventBridge's rules and of its Scheduler."""

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .cron import ScheduleError, parse_cron

_RATE = re.compile(r"(\d+)\s+(minute|hour|day)(s?)")


class Schedule(Protocol):
    """The times at which something fires."""

    def next_after(self, moment: datetime) -> datetime | None:
        """Return the first time after a moment; None if there is none.

        Args:
            moment: An aware time.
        """


class Rate(NamedTuple):
    """Fires again and again after the same time.

    Attributes:
        interval: That time.
        start: The beginning of the first interval.
    """

    interval: timedelta
    start: datetime

    def next_after(self, moment: datetime) -> datetime:
        """Return the first time after a moment.

        Args:
            moment: An aware time.
        """
        rounds = max((moment - self.start) // self.interval, 0) + 1
        return self.start + rounds * self.interval


class Once(NamedTuple):
    """Fires once.

    Attributes:
        moment: The time.
    """

    moment: datetime

    def next_after(self, moment: datetime) -> datetime | None:
        """Return the time, if it is after a moment.

        Args:
            moment: An aware time.
        """
        return self.moment if self.moment > moment else None


class Bounded(NamedTuple):
    """Fires as another schedule does, from a time to another one.

    Attributes:
        schedule: The other schedule.
        start: Before this it does not fire; None for no such time.
        end: After this it does not fire; None for no such time.
    """

    schedule: Schedule
    start: datetime | None
    end: datetime | None

    def next_after(self, moment: datetime) -> datetime | None:
        """Return the first time after a moment; None if there is none.

        Args:
            moment: An aware time.
        """
        if self.start is not None and moment < self.start:
            if isinstance(self.schedule, Rate):  # its first interval begins when it first fires
                return self.start
            moment = self.start - timedelta(microseconds=1)
        found = self.schedule.next_after(moment)
        return None if found is None or (self.end is not None and found > self.end) else found


def within(schedule: Schedule, start: str, end: str) -> Schedule:
    """Return a schedule that fires only from a time to another one.

    Args:
        schedule: The schedule.
        start: The first time, in ISO 8601 and in UTC unless it says otherwise; empty for any.
        end: The last one, in the same way.

    Raises:
        ScheduleError: A time is not valid.
    """
    if not start and not end:
        return schedule
    first, last = (_moment(text) if text else None for text in (start, end))
    if isinstance(schedule, Rate) and first is not None:
        schedule = schedule._replace(start=first)
    return Bounded(schedule, first, last)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ScheduleError(f"{text!r} is not a time such as 2027-01-31T09:30:00Z.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def parse_schedule(text: str, timezone: str = "UTC", start: datetime | None = None) -> Schedule:
    """Parse the expression of a schedule.

    Args:
        text: ``rate(...)``, ``cron(...)`` or ``at(...)``.
        timezone: The name of the time zone of ``cron`` and ``at``, such as ``Europe/Berlin``.
        start: The beginning of the first interval of a ``rate``; None for now.

    Raises:
        ScheduleError: It is not valid, or there is no such time zone.
    """
    found = re.fullmatch(r"\s*(rate|cron|at)\(\s*(.*?)\s*\)\s*", text)
    if found is None:
        raise ScheduleError(f"{text!r} is not a schedule: use rate(...), cron(...) or at(...).")
    kind, inner = found.groups()
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ScheduleError(f"There is no time zone {timezone!r}.") from None
    if kind == "cron":
        return parse_cron(inner, zone)
    try:
        return _once(inner, zone) if kind == "at" else _rate(inner, start or datetime.now(UTC))
    except OverflowError:
        raise ScheduleError(f"{text!r} never fires: years have four digits.") from None


def _rate(text: str, start: datetime) -> Rate:
    rate = Rate(_interval(text), start)
    rate.next_after(start)  # or it is never
    return rate


def _once(inner: str, zone: ZoneInfo) -> Once:
    try:
        moment = datetime.strptime(inner, "%Y-%m-%dT%H:%M:%S")  # noqa: DTZ007 (zone follows)
    except ValueError:
        raise ScheduleError(f"at({inner}) is not a time such as 2027-01-31T09:30:00.") from None
    return Once(moment.replace(tzinfo=zone).astimezone(UTC))


def _interval(text: str) -> timedelta:
    found = _RATE.fullmatch(text)
    if found is None or int(found[1]) < 1:
        raise ScheduleError(f"rate({text}) is not a rate such as 1 minute, 5 hours or 2 days.")
    count, unit, plural = int(found[1]), found[2], found[3]
    if (count == 1) == bool(plural):
        raise ScheduleError(f"rate({text}) must say {unit}{'' if count == 1 else 's'}.")
    return timedelta(**{f"{unit}s": count})
