"""The limits of an API's requests: those of its usage plans, and of its routes.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from lambda_emulator._front_end import Problem
from lambda_emulator._project.description import Api, Quota, Route, Throttle, UsagePlan

from .routes import route_key

Clock = Callable[[], float]
"""Returns seconds since 1970."""


class _TokenBucket:
    """Holds a token for each request that may come now."""

    def __init__(self, limit: Throttle, now: float) -> None:
        self._limit = limit
        self._tokens = float(limit.burst)
        self._filled_at = now

    def has_token(self, now: float) -> bool:
        passed = max(now - self._filled_at, 0)
        self._tokens = min(self._tokens + passed * self._limit.rate, self._limit.burst)
        self._filled_at = now
        return self._tokens >= 1

    def take(self) -> None:
        self._tokens -= 1


class RequestLimits:
    """Counts the requests to all APIs of a project, whose usage plans may be the same."""

    def __init__(self, clock: Clock) -> None:
        """Begin without requests.

        Args:
            clock: Says what time it is.
        """
        self._clock = clock
        self._buckets: dict[tuple[str, ...], _TokenBucket] = {}
        self._used: dict[tuple[str, str], tuple[str, int]] = {}

    def refusal(self, api: Api, route: Route, key: str | None) -> Problem | None:
        """Count a request, unless there are too many.

        Args:
            api: The API that it is for.
            route: The route that it is for.
            key: The API key that it has to have, or None.

        Returns:
            The reason for a refusal, or None.
        """
        now = self._clock()
        plan = next((each for each in api.usage_plans if key in each.keys), None)
        buckets = list(self._buckets_of(api, route, plan, key or "", now))
        if not all(each.has_token(now) for each in buckets):
            return "too_many_requests"
        if plan is not None and plan.quota is not None:
            used = self._used_of(plan.quota, (plan.name, key or ""), now)
            if used >= plan.quota.limit:
                return "quota_exceeded"
            self._used[plan.name, key or ""] = (_period(plan.quota, now), used + 1)
        for each in buckets:
            each.take()
        return None

    def _buckets_of(
        self, api: Api, route: Route, plan: UsagePlan | None, key: str, now: float
    ) -> Iterator[_TokenBucket]:
        name = route_key(route)
        limits: dict[tuple[str, ...], Throttle | None] = {("route", api.name, name): route.throttle}
        if plan is not None:
            limits["plan", plan.name, key] = plan.throttle
            limits["method", plan.name, key, api.name, name] = plan.methods.get(name)
        for place, limit in limits.items():
            if limit is not None:
                if place not in self._buckets:
                    self._buckets[place] = _TokenBucket(limit, now)
                yield self._buckets[place]

    def _used_of(self, quota: Quota, place: tuple[str, str], now: float) -> int:
        """Return how many requests a key has had in this period."""
        period, used = self._used.get(place, ("", 0))
        return used if period == _period(quota, now) else 0


def _period(quota: Quota, now: float) -> str:
    """Return a text that each period has of its own."""
    day = datetime.fromtimestamp(now, UTC).date()
    if quota.period == "DAY":
        return day.isoformat()
    begun = day - timedelta(days=quota.offset)
    # The ordinals of Sundays are multiples of seven.
    return str(begun.toordinal() // 7) if quota.period == "WEEK" else f"{begun:%Y-%m}"
