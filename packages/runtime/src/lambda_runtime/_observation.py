"""Observers of an invocation: their first halves run before the handler, their second at its end."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from typing import Any

    from ._context import Context
    from ._options import Observer


class Outcome:
    """The end of an invocation, as its observers see it.

    Attributes:
        value: The handler's result; None when there is an error, or when it was streamed.
        error: The exception that made the invocation fail, or None: the handler's own, a
            `Fault` of the runtime (a wrong event, a result without JSON, a timeout), a
            `RuntimeAPIError` when Lambda has refused the response, or an OSError when a stream broke.
        streamed: Whether the response was sent part by part.
        bytes_sent: The size of the response, as far as it was sent, in bytes: 0 for an error.
    """

    __slots__ = ("bytes_sent", "error", "streamed", "value")

    value: Any
    error: BaseException | None
    streamed: bool
    bytes_sent: int

    def __init__(
        self,
        value: Any = None,
        error: BaseException | None = None,
        *,
        streamed: bool = False,
        bytes_sent: int = 0,
    ) -> None:
        self.value = value
        self.error = error
        self.streamed = streamed
        self.bytes_sent = bytes_sent

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__slots__)
        return f"Outcome({fields})"


class Observation:
    """The observers of one invocation, from their start to its end."""

    __slots__ = ("_complain", "_started")

    def __init__(
        self,
        observers: Iterable[Observer],
        event: Any,
        context: Context,
        complain: Callable[[BaseException], object],
    ) -> None:
        """Start observers, in the invocation's own context.

        Args:
            observers: The outermost first.
            event: The event, as the handler gets it.
            context: The handler's context.
            complain: Logs what an observer raises, which changes nothing else.
        """
        self._complain = complain
        self._started: list[tuple[Observer, Generator[None, Outcome, object]]] = []
        for observer in observers:
            try:
                generator: Any = observer(event, context)
                if not hasattr(type(generator), "send") or not hasattr(type(generator), "__next__"):
                    _close(generator)
                    raise TypeError(  # noqa: TRY301 (logged below, like all that an observer raises)
                        f"the observer {observer!r} is not a generator function: write it with "
                        "`def`, and with one `outcome = yield`"
                    )
                next(generator)
            except StopIteration:
                continue  # it does not care for the end
            except BaseException as error:  # noqa: BLE001 (an observer may raise anything)
                complain(error)
            else:
                self._started.append((observer, generator))

    def end(self, outcome: Outcome) -> None:
        """Tell the observers of the end, the innermost first.

        Args:
            outcome: The end.
        """
        started, self._started = self._started, []
        for observer, generator in reversed(started):
            try:
                generator.send(outcome)
            except StopIteration:
                continue
            except BaseException as error:  # noqa: BLE001
                self._complain(error)
                continue
            self._complain(RuntimeError(f"the observer {observer!r} has yielded twice"))
            try:
                generator.close()
            except BaseException as error:  # noqa: BLE001
                self._complain(error)


def _close(value: Any) -> None:
    if hasattr(type(value), "close"):  # a coroutine would complain that nobody has awaited it
        value.close()
