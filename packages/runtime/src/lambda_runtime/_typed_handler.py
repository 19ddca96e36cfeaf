"""Annotated handlers: the event as the type that the annotation names.

Loaded for handlers with annotations.
"""

from __future__ import annotations

from ._annotation import event_annotation, result_annotation
from .errors import Fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ._invocation import Invocation
    from ._options import Options


def event_reader(
    handler: Callable[..., Any], options: Options
) -> Callable[[Invocation], Any] | None:
    """Return the function that makes an event of a body; None where it stays JSON.

    Args:
        handler: The handler.
        options: Its options.

    Raises:
        Fault: The annotation is a type that no event can be decoded to.
    """
    annotation = event_annotation(handler, options)
    if annotation is None:
        return None
    if annotation is bytes:
        return _raw_event
    if annotation is str:
        return _text_event
    from ._typed import decoder

    read = decoder(annotation, options.converter)
    return lambda invocation: read(invocation.body)


def prepare_result(handler: Callable[..., Any], options: Options) -> None:
    """Load what the handler's annotated result needs, so that the first one does not wait.

    Args:
        handler: The handler.
        options: Its options.
    """
    annotation = result_annotation(handler, options)
    if annotation is not None:
        from ._typed import prepare

        prepare(annotation, options.converter)


def _raw_event(invocation: Invocation) -> bytes:
    return invocation.body


def _text_event(invocation: Invocation) -> str:
    try:
        return invocation.body.decode()
    except UnicodeDecodeError as error:
        raise Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from None
