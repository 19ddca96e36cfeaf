"""A simulation of many requests: standard Lambda, and Lambda Managed Instances.

Requests arrive at random, as from many independent clients, and nobody waits for others' answers
before asking (open arrivals). The costs of a start, an invocation and a process were measured; all
else is an assumption, listed in `Assumptions`.
"""

from __future__ import annotations

import heapq
import math
import random
import statistics
from collections import deque
from dataclasses import dataclass
from typing import NamedTuple


class Instance(NamedTuple):
    """A kind of machine."""

    name: str
    processors: int
    gb: float
    hour: float
    """Its price."""


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """Assumptions that are not measured. Prices: on demand, US dollars, us-east-1, x86_64."""

    rate: float = 10_000
    """Requests a second."""
    wait_seconds: float = 0.05
    """The waiting time of each invocation, such as for a database."""
    own_cpu_seconds: float = 0.001
    """The computing time of each invocation, on a whole processor."""
    memory_mb: int = 512
    """Memory size of the function on standard Lambda."""
    full_processor_mb: int = 1769
    """The memory size that comes with one processor; less memory is less of it."""
    new_environments: int = 1000
    """The number of environments that a function may get every ten seconds."""
    sandbox_seconds: float = 0.1
    """The time that Lambda takes before the process begins; not billed."""
    gb_second: float = 0.0000166667
    request: float = 0.0000002
    instances: tuple[Instance, ...] = (
        Instance("c7i.xlarge", 4, 8, 0.1785),
        Instance("m7i.xlarge", 4, 16, 0.2016),
        Instance("r7i.xlarge", 4, 32, 0.2646),
    )
    """The instance types of Managed Instances: the cheapest is used."""
    reserved: float = 0.1
    """The part of an instance's memory that is Lambda's own and the system's."""
    fee: float = 0.15
    """The fee that Lambda adds to the price of an instance."""
    busy: float = 0.7
    """The mean load of processors: the rest is kept for bursts."""


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """The measurements of a runtime."""

    name: str
    start_seconds: float
    cpu_seconds: float
    """Processor time of an invocation, one at a time."""
    shared_cpu_seconds: float
    """The same on Managed Instances."""
    worker_mb: float
    """Memory on Managed Instances for each invocation that can be under way."""
    base_mb: float = 0
    """Memory there that does not grow with them."""


@dataclass(frozen=True, kw_only=True)
class Standard:
    """The result on standard Lambda: one invocation at a time in each environment."""

    started: int
    """Environments, in the whole time."""
    refused: int
    """Requests for which there was none, and none more could be started."""
    busy: int
    """Environments at work at a time, at most, in the second half: the start is over by then."""
    billed_seconds: float
    """For each second, in the second half."""
    latency_ms: tuple[float, float]
    """Median and 99th percentile, in the second half."""


def arrivals(rate: float, seconds: float, seed: int) -> list[float]:
    """Return the times at which requests come, in seconds."""
    source = random.Random(seed)
    times, now = [], 0.0
    while (now := now + source.expovariate(rate)) < seconds:
        times.append(now)
    return times


def standard(runtime: Runtime, given: Assumptions, seconds: float) -> Standard:
    """Simulate standard Lambda from a standing start.

    A request takes an environment that is idle, and starts one where none is. One that Lambda may
    not start is refused.
    """
    share = min(1.0, given.memory_mb / given.full_processor_mb)
    work = given.wait_seconds + (given.own_cpu_seconds + runtime.cpu_seconds) / share
    ends: list[float] = []  # of what is under way
    starts: deque[float] = deque()  # of the last ten seconds
    idle = started = refused = busiest = 0
    billed = 0.0
    latencies = []
    for now in arrivals(given.rate, seconds, seed=1):
        while ends and ends[0] <= now:
            heapq.heappop(ends)
            idle += 1
        while starts and starts[0] <= now - 10:
            starts.popleft()
        start = 0.0
        if idle:
            idle -= 1
        elif len(starts) < given.new_environments:
            starts.append(now)
            started += 1
            start = runtime.start_seconds
        else:
            refused += 1
            continue
        latency = work + (given.sandbox_seconds + start if start else 0)
        heapq.heappush(ends, now + latency)
        if now >= seconds / 2:
            busiest = max(busiest, len(ends))
            billed += start + work
            latencies.append(latency)
    return Standard(
        started=started,
        refused=refused,
        busy=busiest,
        billed_seconds=billed / (seconds / 2),
        latency_ms=_percentiles(latencies),
    )


@dataclass(frozen=True, kw_only=True)
class Managed:
    """The needs on Managed Instances: environments of one processor, many invocations in each."""

    environments: int
    memory_gb: float
    instances: int
    instance: Instance
    refused: float
    """The part of the requests that found no place."""
    latency_ms: tuple[float, float]


def managed(runtime: Runtime, places: int, given: Assumptions, seconds: float) -> Managed:
    """Find how few environments do, and simulate them.

    Args:
        runtime: The measured costs of a runtime.
        places: The number of invocations that an environment takes at a time.
        given: The assumptions.
        seconds: The length of the simulation, in seconds.
    """
    cpu = given.own_cpu_seconds + runtime.shared_cpu_seconds
    in_flight = given.rate * (given.wait_seconds + cpu)
    # Room for the spread of a Poisson process, four deviations of it.
    room = in_flight + 4 * math.sqrt(in_flight)
    environments = max(math.ceil(room / places), math.ceil(given.rate * cpu / given.busy))
    refused, latencies = _serve(environments, places, cpu, given, seconds)
    memory_gb = environments * (runtime.base_mb + runtime.worker_mb * places) / 1024

    def count(instance: Instance) -> int:
        return max(
            3,  # what Lambda starts at least, one in each availability zone
            math.ceil(environments / instance.processors),
            math.ceil(memory_gb / (instance.gb * (1 - given.reserved))),
        )

    cheapest = min(given.instances, key=lambda instance: count(instance) * instance.hour)
    return Managed(
        environments=environments,
        memory_gb=memory_gb,
        instances=count(cheapest),
        instance=cheapest,
        refused=refused,
        latency_ms=_percentiles(latencies),
    )


def _percentiles(latencies: list[float]) -> tuple[float, float]:
    """Return the median and the 99th percentile, in milliseconds."""
    cuts = statistics.quantiles(latencies, n=100)
    return cuts[49] * 1000, cuts[98] * 1000


def _serve(
    environments: int, places: int, cpu: float, given: Assumptions, seconds: float
) -> tuple[float, list[float]]:
    """Give each request to the environment with the fewest; it computes one after the other."""
    under_way = [0] * environments
    free_at = [0.0] * environments  # each one's processor
    by_load = [(0, number) for number in range(environments)]
    ends: list[tuple[float, int]] = []
    latencies: list[float] = []
    times = arrivals(given.rate, seconds, seed=2)
    refused = 0
    for now in times:
        while ends and ends[0][0] <= now:
            _, number = heapq.heappop(ends)
            under_way[number] -= 1
            heapq.heappush(by_load, (under_way[number], number))
        while by_load[0][0] != under_way[by_load[0][1]]:  # an entry that is out of date
            heapq.heappop(by_load)
        load, number = by_load[0]
        if load >= places:
            refused += 1
            continue
        under_way[number] += 1
        heapq.heappush(by_load, (under_way[number], number))
        free_at[number] = max(now, free_at[number]) + cpu
        end = free_at[number] + given.wait_seconds
        heapq.heappush(ends, (end, number))
        latencies.append(end - now)
    return refused / len(times), latencies
