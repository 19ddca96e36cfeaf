"""The state machines of the extensions in an execution environment. No I/O.

All are internal extensions: those that run in the processes of the runtime, and may not ask for the
shutdown event.
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
"""

from __future__ import annotations

import uuid
from collections import deque
from typing import TYPE_CHECKING, Literal, NamedTuple

from . import _wire as wire
from ._wire import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MAX_EXTENSIONS = 10

ExtensionState = Literal["Registered", "Ready", "Running", "InitError", "ExitError"]
_FROM: dict[ExtensionState, frozenset[ExtensionState]] = {
    "Ready": frozenset({"Registered", "Running"}),
    "InitError": frozenset({"Registered", "InitError"}),
    "ExitError": frozenset({"Registered", "Ready", "Running", "ExitError"}),
}
"""The states from which a request may lead to a state."""


class Extension(NamedTuple):
    """An extension that has registered.

    Attributes:
        name: The name that it registered with.
        id: The identifier that the Extensions API gave it.
        events: The events that it asked for: ``INVOKE``, or none.
        state: ``Ready`` while it waits for an event, ``Running`` while it has one.
        polled: True once it has asked for an event.
        error_type: The error type that it reported, or None.
    """

    name: str
    id: str
    events: tuple[str, ...]
    state: ExtensionState = "Registered"
    polled: bool = False
    error_type: str | None = None


class InternalExtensions:
    """The extensions of one execution environment.

    Attributes:
        open: True while more can register: until the runtime has started.
    """

    def __init__(self, *, events: Sequence[str]) -> None:
        """Begin without any extension.

        Args:
            events: The events that an extension may ask for.
        """
        self.open = True
        self._allowed = events
        self._known: dict[str, Extension] = {}
        self._events: dict[str, deque[bytes]] = {}

    @property
    def known(self) -> tuple[Extension, ...]:
        """All extensions, in the order of registration."""
        return tuple(self._known.values())

    @property
    def ready(self) -> bool:
        """True if all wait for an event: until then, Lambda holds back the next invocation."""
        return all(extension.state == "Ready" for extension in self._known.values())

    def clear(self) -> None:
        """Forget the extensions of a process that has ended."""
        self.open = True
        self._known.clear()
        self._events.clear()

    def register(self, name: str, events: Sequence[str]) -> Extension:
        """Add an extension, which asks for events.

        Raises:
            Refused: It may not have such a name or such events, or comes too late.
        """
        if not name:
            raise _refused("InvalidExtensionName", "Empty extension name")
        for event in events:
            if event not in self._allowed:
                raise _refused("InvalidEventType", self._why_not(event))
        if not self.open:
            raise _refused("RegistrationClosed", "Extension registration closed already")
        if len(self._known) >= _MAX_EXTENSIONS:
            raise _refused("TooManyExtensions", f"Extension limit ({_MAX_EXTENSIONS}) reached")
        if any(extension.name == name for extension in self._known.values()):
            raise _refused("InvalidExtensionState", "Extension with this name already registered")
        extension = Extension(name=name, id=str(uuid.uuid4()), events=tuple(events))
        self._known[extension.id] = extension
        self._events[extension.id] = deque()
        return extension

    def identify(self, headers: Mapping[str, str], *, needed: str = "") -> Extension:
        """Return the extension that a request comes from.

        Args:
            headers: The headers of the request, with the extension's identifier.
            needed: A header that must be there, too.

        Raises:
            Refused: The identifier is missing, malformed or unknown, or the header is missing.
        """
        identifier = headers.get(wire.EXTENSION_ID)
        if not identifier:
            raise _refused("MissingExtensionIdentifier", f"Missing {wire.EXTENSION_ID} header")
        try:
            key = str(uuid.UUID(identifier))
        except ValueError:
            raise _refused("InvalidExtensionIdentifier", f"Invalid {wire.EXTENSION_ID}") from None
        if needed and not headers.get(needed):
            raise _refused("MissingHeader", f"{needed} not found")
        if key not in self._known:
            who = wire.EXTENSION_ID if needed else f"extension {key}"  # the service's two wordings
            raise _refused("UnknownExtensionIdentifier", f"Unknown {who}")
        return self._known[key]

    def poll(self, extension: Extension) -> None:
        """Let an extension wait for an event, until `take` gives one.

        Raises:
            Refused: It may not ask now.
        """
        self._move(extension, "Ready")

    def take(self, extension: Extension) -> bytes | None:
        """Return the next event for an extension as JSON, or None if there is none."""
        events = self._events.get(extension.id)
        return events.popleft() if events else None

    def hang_up(self, extension: Extension) -> None:
        """Note that an extension stopped waiting; an event that it missed is kept for it.

        Args:
            extension: As it was before it asked.
        """
        if extension.id in self._known and not self._events[extension.id]:
            self._known[extension.id] = extension._replace(polled=True)

    def announce(self, event: bytes) -> None:
        """Give an event, as JSON, to all extensions that asked for invocations."""
        for extension in self.known:
            if "INVOKE" in extension.events:
                self._events[extension.id].append(event)
                self._known[extension.id] = extension._replace(state="Running")

    def fail(
        self, extension: Extension, state: Literal["InitError", "ExitError"], error_type: str
    ) -> None:
        """An extension reports that it failed.

        Args:
            extension: The extension.
            state: At what.
            error_type: The error type that it names.

        Raises:
            Refused: It may not fail now.
        """
        self._move(extension, state)
        moved = self._known[extension.id]
        self._known[extension.id] = moved._replace(error_type=moved.error_type or error_type)

    def _move(self, extension: Extension, state: ExtensionState) -> None:
        current = self._known[extension.id]
        if current.state not in _FROM[state]:
            wanted = "Exited" if state == "ExitError" else state  # as the service calls it here
            raise Refused(wire.invalid_extension_transition(current.state, wanted, extension.id))
        self._known[extension.id] = current._replace(
            state=state, polled=current.polled or state == "Ready"
        )

    def _why_not(self, event: str) -> str:
        if not self._allowed:
            return "No events allowed for internal extensions"
        if event == "SHUTDOWN":
            return f"{event}: ShutdownEventNotSupportedForInternalExtension"
        return f"{event}: ErrorInvalidEventType"


def _refused(error: str, message: str) -> Refused:
    return Refused(wire.forbidden(f"Extension.{error}", message))
