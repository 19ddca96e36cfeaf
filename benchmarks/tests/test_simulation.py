"""The simulation keeps to what queueing theory knows."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from _simulation import Assumptions, Runtime, managed, standard

RUNTIME = Runtime(
    name="any",
    start_seconds=0.05,
    cpu_seconds=0.0001,
    shared_cpu_seconds=0.0004,
    worker_mb=38,
)
# The same shape as ten thousand requests a second, in less time.
GIVEN = Assumptions(rate=1000)


def test_as_many_are_busy_as_arrive_while_one_is() -> None:
    did = standard(RUNTIME, GIVEN, 10)
    share = GIVEN.memory_mb / GIVEN.full_processor_mb
    work = GIVEN.wait_seconds + (GIVEN.own_cpu_seconds + RUNTIME.cpu_seconds) / share
    mean = GIVEN.rate * work  # Little's law
    assert mean < did.busy < mean + 6 * mean**0.5  # the largest number is above the mean
    assert did.billed_seconds == pytest.approx(mean, rel=0.05)
    assert did.latency_ms == pytest.approx((work * 1000, work * 1000))


def test_starts_are_limited() -> None:
    few = standard(RUNTIME, replace(GIVEN, new_environments=20), 5)
    assert few.started == 20
    assert few.refused > 0
    assert standard(RUNTIME, GIVEN, 5).refused == 0


def test_a_slow_start_needs_more_environments() -> None:
    slow = replace(RUNTIME, start_seconds=1.0)
    assert standard(slow, GIVEN, 5).started > 2 * standard(RUNTIME, GIVEN, 5).started


def test_environments_of_managed_instances_have_room() -> None:
    need = managed(RUNTIME, 16, GIVEN, 5)
    assert need.environments * 16 >= GIVEN.rate * GIVEN.wait_seconds
    assert need.refused < 0.001
    assert need.latency_ms[0] >= GIVEN.wait_seconds * 1000
    assert need.memory_gb == pytest.approx(need.environments * 16 * 38 / 1024)


def test_places_that_cost_no_memory_need_no_larger_instances() -> None:
    given = Assumptions(rate=5000)
    separate = managed(RUNTIME, 64, given, 1)
    shared = managed(replace(RUNTIME, worker_mb=0, base_mb=60), 64, given, 1)
    assert separate.memory_gb > 10 * shared.memory_gb
    assert separate.instances * separate.instance.hour > shared.instances * shared.instance.hour


def test_what_is_too_busy_refuses() -> None:
    slow = replace(RUNTIME, shared_cpu_seconds=0.05)
    assert managed(slow, 16, GIVEN, 2).refused == 0
    assert managed(slow, 16, replace(GIVEN, busy=10), 2).refused > 0.1
