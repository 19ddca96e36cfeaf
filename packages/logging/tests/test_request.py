"""The invocation that each record belongs to: tasks, threads, generators, and work that is left
over."""

from __future__ import annotations

import asyncio
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from lambda_logging import carry, log
from lambda_logging.runtime import current_request

from .conftest import request

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    from .conftest import Kept

other = logging.getLogger("other")


def ids(kept: Kept) -> dict[str, str]:
    return {str(record["message"]): record["requestId"] for record in kept.records}


def test_outside_of_an_invocation_there_is_no_id(kept: Kept) -> None:
    log.info("m")
    assert kept.record["requestId"] == ""


def test_concurrent_tasks_have_their_own(kept: Kept) -> None:
    async def handle(request_id: str, others: asyncio.Barrier) -> None:
        current_request.set(request(request_id))
        with log.scope(order=request_id):
            await others.wait()
            log.info(f"log {request_id}")
            await asyncio.create_task(child(request_id))
            await asyncio.to_thread(other.warning, "thread %s", request_id)

    async def child(request_id: str) -> None:
        await asyncio.sleep(0)
        other.warning("task %s", request_id)

    async def main() -> None:
        barrier = asyncio.Barrier(20)
        await asyncio.gather(*(handle(f"id-{n}", barrier) for n in range(20)))

    asyncio.run(main())
    assert len(kept.records) == 60
    for record in kept.records:
        assert record["message"].endswith(f" {record['requestId']}")
        assert record["order"] == record["requestId"]


def test_work_that_is_left_over_never_has_the_next_ones_id(kept: Kept) -> None:
    go_on = threading.Event()

    async def left_over(started: asyncio.Event, next_has_begun: asyncio.Event) -> None:
        started.set()
        await next_has_begun.wait()
        log.info("task of A")

    def thread(name: str) -> None:
        go_on.wait()
        log.info(name)
        other.warning("%s, again", name)

    async def main() -> None:
        threads, started, next_has_begun = [], asyncio.Event(), asyncio.Event()
        token = current_request.set(request("A"))
        task = asyncio.create_task(left_over(started, next_has_begun))
        for target in (thread, carry(thread)):
            name = "carried from A" if target is not thread else "thread of A"
            threads.append(threading.Thread(target=target, args=(name,)))
            threads[-1].start()
        await started.wait()
        current_request.reset(token)
        log.info("between")
        current_request.set(request("B"))
        next_has_begun.set()
        go_on.set()
        log.info("B")
        await task
        for each in threads:
            each.join()

    asyncio.run(main())
    assert ids(kept) == {
        "between": "",
        "B": "B",
        "task of A": "A",
        "thread of A": "",
        "thread of A, again": "",
        "carried from A": "A",
        "carried from A, again": "A",
    }


def test_a_carried_function_serves_many_threads_at_once(kept: Kept, in_request: Any) -> None:
    barrier = threading.Barrier(4)

    def work(number: int, *, plus: int) -> int:
        with log.scope(number=number):
            barrier.wait()
            log.info("m")
        return number + plus

    with log.scope(order=17), ThreadPoolExecutor(4) as pool:
        carried = carry(work)
        results = pool.map(lambda number: carried(number, plus=1), range(4))
        assert list(results) == [1, 2, 3, 4]
    assert sorted(record["number"] for record in kept.records) == [0, 1, 2, 3]
    assert {record["order"] for record in kept.records} == {17}
    assert {record["requestId"] for record in kept.records} == {in_request.aws_request_id}


def test_a_generator_that_is_closed_from_elsewhere_raises_nothing(kept: Kept) -> None:
    async def parts() -> AsyncGenerator[int, None]:
        with log.scope(part=1):
            yield 1

    async def main() -> None:
        generator = parts()
        await generator.__anext__()
        await asyncio.create_task(generator.aclose())

    asyncio.run(main())
    log.info("m")
    assert "part" not in kept.record


def test_a_scope_in_a_generator_ends_with_it(kept: Kept) -> None:
    def parts() -> Iterator[int]:
        with log.scope(part=1):
            log.info("in")
            yield 1

    assert list(parts()) == [1]
    log.info("after")
    assert [record.get("part") for record in kept.records] == [1, None]
