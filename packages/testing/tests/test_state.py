"""The state machines against models that are simple enough to be believed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from multidict import CIMultiDict

from lambda_testing import Invocation
from lambda_testing._runtime_state import State
from lambda_testing._state import ExecutionEnvironment
from lambda_testing._wire import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = Literal["response", "error"]
ANSWERS = st.sampled_from(["response", "error"])
IDS = st.sampled_from(["a", "b", "c"])


def status(request: Callable[[], object]) -> int:
    """Return the status that a request is refused with, 0 if it is not."""
    try:
        request()
    except Refused as refused:
        return refused.reply.status
    return 0


def new_invocation(request_id: str) -> Invocation:
    return Invocation(
        request_id=request_id,
        invocation_id=f"nonce {request_id}",
        event=b"",
        headers=CIMultiDict(),
        timeout=1,
        report=str,
        wake=lambda: None,
    )


class AgainstAModel(RuleBasedStateMachine):
    """The model knows what is queued, what was given to the runtime last, and in which phase it is.

    The phases are started, waiting, working, answering, answered, late (the invocation was ended
    without the runtime), spoilt (the answer is of no known kind) and broken (by an init error).
    """

    def __init__(self) -> None:
        super().__init__()
        self.environment = ExecutionEnvironment()
        self.phase = "started"
        self.queue: list[Invocation] = []
        self.last: Invocation | None = None
        self.kinds: dict[Invocation, str] = {}

    @rule()
    def enqueue(self) -> None:
        invocation = new_invocation(str(len(self.kinds)))
        self.environment.enqueue(invocation)
        self.kinds[invocation] = "init_error" if self.phase == "broken" else ""
        if self.phase != "broken":
            self.queue.append(invocation)

    @rule()
    def poll(self) -> None:
        if self.phase in ("answering", "spoilt", "broken"):
            assert status(self.environment.poll) == 403
        elif self.phase == "working":
            assert self.environment.poll() is self.last
        else:
            assert self.environment.poll() is None
            self.phase, self.last = "waiting", None

    @rule()
    def take(self) -> None:
        taken = self.environment.take()
        if self.phase == "waiting" and self.queue:
            assert taken is self.queue[0]
            self.phase, self.last = "working", self.queue.pop(0)
        else:
            assert taken is None

    @rule(answer=ANSWERS, right_id=st.booleans(), nonce=st.sampled_from(["right", "wrong", None]))
    def begin(self, answer: Answer, right_id: bool, nonce: str | None) -> None:
        last = self.last
        request_id = last.request_id if last and right_id else "nobody"
        echoed = last.invocation_id if last and nonce == "right" else nonce
        refused = status(
            lambda: self.environment.begin_response(request_id, echoed, TARGETS[answer])
        )
        if self.phase == "broken":
            assert refused == 403
        elif last is None or not right_id:
            assert refused == 400
        elif nonce == "wrong" or self.phase == "late":
            assert refused == 410
        elif self.phase != "working":
            assert refused == 403
        else:
            assert refused == 0
            self.phase = "answering"

    @precondition(lambda self: self.phase == "answering")
    @rule(answer=ANSWERS)
    def end(self, answer: Answer) -> None:
        assert self.last is not None
        assert self.environment.end_response(self.last, answer, b"", {})
        self.phase, self.kinds[self.last] = "answered", answer

    @precondition(lambda self: self.phase == "answering")
    @rule()
    def spoil(self) -> None:
        assert self.last is not None
        self.environment.reject_response(self.last, b"", {})
        self.phase, self.kinds[self.last] = "spoilt", "error"

    @rule()
    def init_error(self) -> None:
        refused = status(lambda: self.environment.fail_init(b"", {}))
        assert refused == (0 if self.phase == "started" else 403)
        if not refused:
            self.phase = "broken"
            while self.queue:
                self.kinds[self.queue.pop()] = "init_error"

    @precondition(lambda self: self.kinds)
    @rule(data=st.data())
    def time_out(self, data: st.DataObject) -> None:
        invocation = data.draw(st.sampled_from(list(self.kinds)))
        self.environment.fail(invocation, "timeout", b"")
        if self.kinds[invocation]:
            return
        self.kinds[invocation] = "timeout"
        if invocation is self.last:
            self.phase = "late"
        else:
            self.queue.remove(invocation)

    @precondition(lambda self: self.phase == "late")
    @rule(answer=ANSWERS)
    def end_late(self, answer: Answer) -> None:
        assert self.last is not None
        assert not self.environment.end_response(self.last, answer, b"", {})

    @rule()
    def process_exited(self) -> None:
        self.environment.exit("reason")
        if self.phase in ("working", "answering"):
            assert self.last is not None
            self.kinds[self.last] = "exit"
        elif self.phase == "started" and self.queue:
            self.kinds[self.queue.pop(0)] = "exit"
        self.phase, self.last = "started", None

    @invariant()
    def same(self) -> None:
        assert self.environment.queued == len(self.queue)
        assert self.environment.state in STATES[self.phase]
        assert (self.environment.init_error is not None) == (self.phase == "broken")
        for invocation, kind in self.kinds.items():
            assert (invocation.outcome.kind if invocation.outcome else "") == kind


LIMIT = 2


class ParallelAgainstAModel(RuleBasedStateMachine):
    """The model knows what is queued, in flight and timed out, and what of it is being answered.

    Of three request ids all invocations have one, so that some are used more than once.
    """

    def __init__(self) -> None:
        super().__init__()
        self.environment = ExecutionEnvironment(LIMIT)
        self.polled = False
        self.broken = False
        self.queue: list[Invocation] = []
        self.in_flight: dict[str, Invocation] = {}
        self.answering: dict[str, tuple[Answer, Invocation]] = {}
        self.late: set[str] = set()
        self.kinds: dict[Invocation, str] = {}

    @rule(request_id=IDS)
    def enqueue(self, request_id: str) -> None:
        invocation = new_invocation(request_id)
        self.environment.enqueue(invocation)
        self.kinds[invocation] = "init_error" if self.broken else ""
        if not self.broken:
            self.queue.append(invocation)

    @rule(parked=st.integers(0, LIMIT))
    def poll(self, parked: int) -> None:
        self.environment.parked = parked
        expected = 403 if self.broken else 500 if parked == LIMIT else 0
        assert status(self.environment.poll) == expected
        self.environment.parked = 0
        self.polled = self.polled or not expected

    @rule()
    def take(self) -> None:
        taken = self.environment.take()
        room = self.polled and len(self.in_flight) < LIMIT and self.queue
        if room and self.queue[0].request_id not in self.in_flight:
            first = self.queue.pop(0)
            assert taken is first
            self.in_flight[first.request_id] = first
            self.late.discard(first.request_id)
        else:
            assert taken is None

    @rule(answer=ANSWERS, request_id=IDS, nonce=st.sampled_from(["right", "wrong", None]))
    def begin(self, answer: Answer, request_id: str, nonce: str | None) -> None:
        invocation = self.in_flight.get(request_id)
        echoed = invocation.invocation_id if invocation and nonce == "right" else nonce
        refused = status(
            lambda: self.environment.begin_response(request_id, echoed, TARGETS[answer])
        )
        begun = self.answering.get(request_id, (None,))[0]
        if self.broken:
            assert refused == 403
        elif request_id in self.late:
            assert refused == 410
        elif invocation is None or begun in ("error", answer):
            assert refused == 400
        elif nonce == "wrong":
            assert refused == 410
        else:
            assert refused == 0
            self.answering[request_id] = answer, invocation

    @precondition(lambda self: self.answering)
    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        request_id = data.draw(st.sampled_from(sorted(self.answering)))
        answer, invocation = self.answering.pop(request_id)
        assert self.environment.end_response(invocation, answer, b"", {})
        assert not self.environment.end_response(invocation, answer, b"", {})
        self.kinds[self.in_flight.pop(request_id)] = answer

    @precondition(lambda self: self.answering)
    @rule(data=st.data())
    def spoil(self, data: st.DataObject) -> None:
        request_id = data.draw(st.sampled_from(sorted(self.answering)))
        _, invocation = self.answering.pop(request_id)
        self.environment.reject_response(invocation, b"", {})
        self.kinds[self.in_flight.pop(request_id)] = "error"

    @rule()
    def init_error(self) -> None:
        refused = status(lambda: self.environment.fail_init(b"", {}))
        assert refused == (403 if self.polled or self.broken else 0)
        if not refused:
            self.broken = True
            while self.queue:
                self.kinds[self.queue.pop()] = "init_error"

    @precondition(lambda self: self.kinds)
    @rule(data=st.data(), kind=st.sampled_from(["timeout", "exit"]))
    def fail(self, data: st.DataObject, kind: Literal["timeout", "exit"]) -> None:
        invocation = data.draw(st.sampled_from(list(self.kinds)))
        self.environment.fail(invocation, kind, b"")
        if self.kinds[invocation]:
            return
        self.kinds[invocation] = kind
        if invocation in self.queue:
            self.queue.remove(invocation)
            return
        del self.in_flight[invocation.request_id]
        self.answering.pop(invocation.request_id, None)
        if kind == "timeout":
            self.late.add(invocation.request_id)

    @rule()
    def processes_exited(self) -> None:
        self.environment.exit("reason")
        if not self.polled and self.queue:
            self.kinds[self.queue.pop(0)] = "exit"
        for invocation in self.in_flight.values():
            self.kinds[invocation] = "exit"
        self.in_flight.clear()
        self.answering.clear()
        self.late.clear()
        self.polled = self.broken = False

    @invariant()
    def same(self) -> None:
        environment = self.environment
        assert environment.queued == len(self.queue)
        assert set(environment.in_flight) == set(self.in_flight.values())
        state = State.RUNNING if self.in_flight else State.READY if self.polled else State.STARTED
        assert environment.state is (State.INIT_ERROR if self.broken else state)
        assert environment.waits(0) == (self.polled and not self.queue)
        for invocation, kind in self.kinds.items():
            assert (invocation.outcome.kind if invocation.outcome else "") == kind


TARGETS: dict[Answer, Literal[State.RESPONSE, State.ERROR_RESPONSE]] = {
    "response": State.RESPONSE,
    "error": State.ERROR_RESPONSE,
}
STATES = {
    "started": {State.STARTED},
    "waiting": {State.READY},
    "working": {State.RUNNING},
    "answering": {State.RESPONSE, State.ERROR_RESPONSE},
    "spoilt": {State.RESPONSE, State.ERROR_RESPONSE},
    "answered": {State.RESPONSE_SENT},
    "late": {State.RESPONSE_SENT},
    "broken": {State.INIT_ERROR},
}

AgainstAModel.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
ParallelAgainstAModel.TestCase.settings = AgainstAModel.TestCase.settings
TestStateMachine = AgainstAModel.TestCase
TestParallelStateMachine = ParallelAgainstAModel.TestCase
