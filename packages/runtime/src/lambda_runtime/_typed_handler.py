"""Annotated handlers: the event as the type that the annotation names.

Loaded for handlers with annotations.
"""

from __future__ import annotations

from ._annotation import event_annotation, result_annotation
from ._events import is_model
from ._json import decode
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
    if is_model(annotation):
        return _model_reader(annotation)
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
    if is_model(annotation):
        from lambda_events import unstructure  # noqa: F401 (loaded now, used later)
    elif annotation is not None:
        from ._typed import prepare

        prepare(annotation, options.converter)


def _model_reader(model: Any) -> Callable[[Invocation], Any]:
    """Return what reads events of lambda-events, which needs neither attrs nor cattrs."""
    from lambda_events import structure

    def read(invocation: Invocation) -> Any:
        try:
            return structure(decode(invocation.body), model)
        except ValueError as error:  # it is no JSON, or not of that model
            message = f"Unable to unmarshal input: {error}"
            raise Fault("Runtime.UnmarshalError", message) from None

    return read


def _raw_event(invocation: Invocation) -> bytes:
    return invocation.body


def _text_event(invocation: Invocation) -> str:
    try:
        return invocation.body.decode()
    except UnicodeDecodeError as error:
        raise Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from None
