"""When schedules fire, against a brute-force oracle, and against examples of AWS."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from lambda_emulator._sources.cron import ScheduleError
from lambda_emulator._sources.schedule import parse_schedule, within

WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
NAMES = {name: value for names in (WEEKDAYS, MONTHS) for value, name in enumerate(names, 1)}


def number(text: str) -> int:
    return NAMES.get(text) or int(text)


def field_has(text: str, value: int, low: int, high: int) -> bool:
    """Count upwards from the first value, round the end, as a clock's hand goes."""
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        begin = low if span == "*" else number(first)
        end = high if span == "*" or (step and not last) else number(last or first)
        at, count = begin, 0
        while True:
            if at == value and count % int(step or 1) == 0:
                return True
            if at == end:
                break
            at, count = (low if at == high else at + 1), count + 1
    return False


def day_has(text: str, day: date) -> bool:
    last = monthrange(day.year, day.month)[1]
    for part in text.split(","):
        if part == "L":
            if day.day == last:
                return True
        elif part.endswith("W"):
            wanted = last if part == "LW" else int(part[:-1])
            if wanted > last:
                continue
            around = sorted(range(1, last + 1), key=lambda each: (abs(each - wanted), each))
            if day.day == next(d for d in around if day.replace(day=d).weekday() < 5):
                return True
        elif field_has(part, day.day, 1, 31):
            return True
    return False


def weekday_has(text: str, day: date) -> bool:
    last = monthrange(day.year, day.month)[1]
    weekday = (day.weekday() + 1) % 7 + 1
    for part in text.split(","):
        name, sign, week = part.partition("#")
        if sign:
            if weekday == number(name) and (day.day - 1) // 7 + 1 == int(week):
                return True
        elif part.endswith("L"):
            if part == "L" and weekday == 7:
                return True
            if part != "L" and weekday == number(part[:-1]) and day.day > last - 7:
                return True
        elif field_has(part, weekday, 1, 7):
            return True
    return False


def oracle(expression: str, after: datetime, days: int) -> datetime | None:
    minutes, hours, dom, months, dow, years = expression.split()
    moment = (after + timedelta(minutes=1)).replace(second=0, microsecond=0)
    end = after + timedelta(days=days)
    while moment < end:
        day = moment.date()
        if (
            field_has(months, day.month, 1, 12)
            and field_has(years, day.year, 1970, 2199)
            and (dom == "?" or day_has(dom, day))
            and (dow == "?" or weekday_has(dow, day))
        ):
            if field_has(hours, moment.hour, 0, 23) and field_has(minutes, moment.minute, 0, 59):
                return moment
            moment += timedelta(minutes=1)
        else:
            moment = (moment + timedelta(days=1)).replace(hour=0, minute=0)
    return None


def fields(low: int, high: int, names: list[str] | None = None) -> st.SearchStrategy[str]:
    values = st.integers(low, high).map(str)
    if names:
        values |= st.sampled_from(names)
    steps = st.integers(1, high - low + 1).map(str)
    spans = st.tuples(values, values).map("-".join)
    parts = values | spans | st.tuples(values | spans | st.just("*"), steps).map("/".join)
    return st.just("*") | st.lists(parts, min_size=1, max_size=3).map(",".join)


_weekday = st.integers(1, 7).map(str) | st.sampled_from(WEEKDAYS)
_special_days = st.sampled_from(["L", "LW", "L,1", "15,LW"]) | st.integers(1, 31).map("{}W".format)
_special_weekdays = (
    _weekday.map("{}L".format)
    | st.just("L")
    | st.tuples(_weekday, st.sampled_from("12345")).map("#".join)
)
_month = fields(1, 12, MONTHS)
expressions = st.tuples(
    fields(0, 59),
    fields(0, 23),
    st.one_of(
        st.tuples(fields(1, 31) | _special_days, fields(1, 12, MONTHS), st.just("?")),
        st.tuples(st.just("?"), fields(1, 12, MONTHS), fields(1, 7, WEEKDAYS) | _special_weekdays),
    ).map(" ".join),
    st.sampled_from(["*", "2026-2029", "2027", "2024/2"]),
).map(" ".join)


@given(expressions, st.integers(0, 2 * 365 * 86_400))
def test_cron_is_what_the_oracle_says(expression: str, seconds: int) -> None:
    after = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    found = parse_schedule(f"cron({expression})").next_after(after)
    expected = oracle(expression, after, 400)
    if expected is not None:
        assert found == expected
    else:
        assert found is None or found >= after + timedelta(days=400)


@pytest.mark.parametrize(
    ("expression", "zone", "after", "expected"),
    [
        ("cron(0 10 * * ? *)", "UTC", "2026-05-01T10:00", "2026-05-02T10:00"),
        ("cron(15 12 * * ? *)", "UTC", "2026-05-01T12:14:59", "2026-05-01T12:15"),
        ("cron(0 18 ? * MON-FRI *)", "UTC", "2026-05-01T18:00", "2026-05-04T18:00"),
        ("cron(0/5 8-17 ? * mon-fri *)", "UTC", "2026-05-01T17:56", "2026-05-04T08:00"),
        ("cron(0 9 ? * 2#1 *)", "UTC", "2026-05-05T00:00", "2026-06-01T09:00"),
        ("cron(0 0 29 2 ? *)", "UTC", "2026-01-01T00:00", "2028-02-29T00:00"),
        ("cron(0 0 1 1 ? 2026)", "UTC", "2026-01-01T00:00", None),
        ("cron(0 9 * * ? *)", "Europe/Berlin", "2026-07-01T00:00", "2026-07-01T07:00"),
        # 02:30 does not exist on 29 March, and exists twice on 25 October.
        ("cron(30 2 * * ? *)", "Europe/Berlin", "2026-03-28T12:00", "2026-03-30T00:30"),
        ("cron(30 2 * * ? *)", "Europe/Berlin", "2026-10-25T00:30", "2026-10-26T01:30"),
        ("rate(5 minutes)", "UTC", "2026-01-01T00:12:30", "2026-01-01T00:15"),
        ("rate(1 day)", "UTC", "2026-01-01T00:00", "2026-01-02T00:00"),
        ("at(2026-07-01T09:30:00)", "America/New_York", "2026-01-01T00:00", "2026-07-01T13:30"),
        ("at(2025-07-01T09:30:00)", "UTC", "2026-01-01T00:00", None),
    ],
)
def test_examples(expression: str, zone: str, after: str, expected: str | None) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    schedule = parse_schedule(expression, zone, start)
    found = schedule.next_after(datetime.fromisoformat(after).replace(tzinfo=UTC))
    assert found == (expected and datetime.fromisoformat(expected).replace(tzinfo=UTC))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "daily",
        "rate(0 minutes)",
        "rate(1 minutes)",
        "rate(5 minute)",
        "rate(5 seconds)",
        "cron(0 10 * * *)",
        "cron(0 10 * * * *)",
        "cron(0 10 ? * ? *)",
        "cron(60 10 * * ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 10 32 * ? *)",
        "cron(0 10 32W * ? *)",
        "cron(0 10 ? * 8 *)",
        "cron(0 10 ? * MON#6 *)",
        "cron(0 10 ? JANUARY MON *)",
        "cron(0/0 10 * * ? *)",
        "cron(/5 10 * * ? *)",
        "cron(0 10 * * ? 1969)",
        "cron(x 10 * * ? *)",
        "cron(1- 10 * * ? *)",
        "at(2026-01-01)",
        "at(2026-02-30T00:00:00)",
        "at(9999-12-31T23:59:59)",
        "rate(9999999 days)",
        "rate(9999999999 days)",
    ],
)
def test_is_refused(text: str) -> None:
    with pytest.raises(ScheduleError):
        parse_schedule(text, "America/New_York")


def test_an_unknown_time_zone() -> None:
    for name in ("Mars/Olympus", "../etc", ""):
        with pytest.raises(ScheduleError, match="time zone"):
            parse_schedule("rate(1 day)", name)


@pytest.mark.parametrize(
    ("expression", "start", "end", "times"),
    [
        ("rate(2 days)", "2027-01-03T06:00:00Z", "", ["03T06", "05T06", "07T06"]),
        ("rate(2 days)", "2027-01-03T06:00:00Z", "2027-01-05T06:00:00Z", ["03T06", "05T06"]),
        ("cron(0 6 * * ? *)", "2027-01-03T06:00:00", "2027-01-04T05:00:00", ["03T06"]),
        ("cron(0 6 * * ? *)", "2027-01-03T08:00:00+01:00", "", ["04T06", "05T06", "06T06"]),
        ("at(2027-01-02T00:00:00)", "2027-01-03T00:00:00", "", []),
        ("at(2027-01-02T00:00:00)", "", "2027-01-02T00:00:00Z", ["02T00"]),
    ],
)
def test_a_schedule_has_a_start_and_an_end(
    expression: str, start: str, end: str, times: list[str]
) -> None:
    schedule = within(parse_schedule(expression), start, end)
    moment: datetime | None = datetime(2027, 1, 1, tzinfo=UTC)
    found: list[str] = []
    while len(found) < 3 and moment is not None:
        if (moment := schedule.next_after(moment)) is not None:
            found.append(f"{moment:%dT%H}")
    assert found == times


def test_a_start_that_is_not_a_time() -> None:
    with pytest.raises(ScheduleError, match="is not a time"):
        within(parse_schedule("rate(1 day)"), "tomorrow", "")
