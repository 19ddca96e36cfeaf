"""Observers of an invocation: one half runs before the handler, the other at the end."""

from __future__ import annotations

from ._shutdown import forks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from typing import Any

    from ._context import Context
    from ._outcome import Outcome
    from .types import Observer


_GENERATOR = type(_ for _ in ())


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
                kind = type(generator)
                if kind is not _GENERATOR and not (
                    hasattr(kind, "send") and hasattr(kind, "__next__")
                ):
                    _close(generator)
                    raise TypeError(  # noqa: TRY301 (logged below, like all that an observer raises)
                        f"the observer {observer!r} is not a generator function: write it with "
                        "`def`, and with one `outcome = yield`"
                    )
                next(generator)
            except StopIteration:
                pass  # it does not care for the end
            except BaseException as error:  # noqa: BLE001 (an observer may raise anything)
                if forks.is_child:
                    forks.end(error, lambda error, _: complain(error))
                complain(error)
            else:
                self._started.append((observer, generator))
            if forks.is_child:
                forks.end()

    def end(self, outcome: Outcome) -> None:
        """Notify the observers of the end, the innermost first.

        Args:
            outcome: The end.
        """
        started, self._started = self._started, []
        for observer, generator in reversed(started):
            try:
                generator.send(outcome)
                generator.close()
                raise RuntimeError(  # noqa: TRY301 (logged below)
                    f"the observer {observer!r} has yielded twice"
                )
            except StopIteration:
                pass
            except BaseException as error:  # noqa: BLE001 (an observer may raise anything)
                if forks.is_child:
                    forks.end(error, lambda error, _: self._complain(error))
                self._complain(error)
            if forks.is_child:
                forks.end()


def _close(value: Any) -> None:
    if hasattr(type(value), "close"):  # a coroutine would complain that nobody has awaited it
        value.close()
