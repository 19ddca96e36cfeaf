"""Annotated handlers: the event as the type that the annotation names.

lambda-events decodes; here its errors become those of the runtime. Loaded for handlers with
annotations.
"""

from __future__ import annotations

from ._annotation import event_annotation, result_annotation
from ._context import current_invocation
from ._json import decode as decode_json, is_model
from ._options import registered_observers
from .errors import INSTALL_TYPED, Fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from ._options import Options

    class HasBody(Protocol):
        """An invocation, or whatever else has an event in JSON."""

        @property
        def body(self) -> bytes: ...


def event_reader(handler: Callable[..., Any], options: Options) -> Callable[[HasBody], Any] | None:
    """Return the function that makes an event of a body; None where it stays JSON.

    Args:
        handler: The handler.
        options: The options.

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
    read = decoder(annotation, options.converter, _parsed_event)
    return lambda invocation: read(invocation.body)


def prepare_result(handler: Callable[..., Any], options: Options) -> None:
    """Load what the handler's annotated result needs, so that the first one does not wait.

    Args:
        handler: The handler.
        options: The options.
    """
    annotation = result_annotation(handler, options)
    if annotation is not None:
        prepare(annotation, options.converter)


def _parsed_event(body: bytes) -> Any:
    """Parse an event, and keep it for observers that read it, such as tracing."""
    document = decode_json(body)
    if registered_observers:
        invocation = current_invocation()
        if invocation is not None and invocation.tell_observers is None:  # they come next
            invocation.document = document
    return document


def _raw_event(invocation: HasBody) -> bytes:
    return invocation.body


def _text_event(invocation: HasBody) -> str:
    try:
        return invocation.body.decode()
    except UnicodeDecodeError as error:
        raise Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from None


def decoder(
    annotation: Any, converter: Any = None, parse: Callable[[bytes], Any] = decode_json
) -> Callable[[bytes], Any]:
    """Return a function that decodes the JSON of events to a type.

    All that it needs is made here, so that no event waits for it.

    Args:
        annotation: The type, such as a model of lambda-events, an attrs class or a list of
            dataclasses.
        converter: A cattrs converter; ours without one.
        parse: The function that reads JSON, for types that do not read it themselves.

    Returns:
        A function from a body to a value of the type. It raises a `Fault` named
        ``Runtime.UnmarshalError`` that says where the body is not of the type.

    Raises:
        Fault: lambda-events or what it needs is not installed, or there is no rule for the type or
            for something in it.
    """
    try:
        from lambda_events import typed

        read = typed.document_decoder(annotation, converter=converter, parse=parse)
    except ModuleNotFoundError as error:
        raise Fault(
            "Runtime.ImportModuleError",
            f"Unable to decode events to {_name(annotation)}: {error}; {INSTALL_TYPED}",
        ) from error
    except Exception as error:
        raise Fault(
            "Runtime.InvalidEventType",
            f"Unable to decode events to {_name(annotation)}: {error} "
            "Annotate the event with dict, or give run() a converter that has a rule for it.",
        ) from error
    names_itself = is_model(annotation)

    def decode(body: bytes) -> Any:
        try:
            return read(body)
        except ValueError as error:  # it is not JSON, or not of the type
            told = str(error)
            if not names_itself and hasattr(error, "told"):
                told = typed.places_of(error)  # type: ignore[arg-type]  # it is an EventDecodeError
            message = f"Unable to unmarshal input: {told}"
            raise Fault("Runtime.UnmarshalError", message) from None

    return decode


def prepare(annotation: Any, converter: Any = None) -> None:
    """Make what results need for a type, so that the first result does not wait for it.

    Args:
        annotation: The type of results; nothing happens for what has no rule.
        converter: As for `decoder`.
    """
    try:
        from lambda_events import typed

        typed.prepare_result(annotation, converter=converter)
    except ModuleNotFoundError:
        return  # the first result decides


def make_converter() -> Any:
    """Return a new `cattrs` converter with the rules of typed handlers, to add others to.

    Returns:
        A `cattrs.Converter` for `run`'s and `function`'s ``converter``: see
        `lambda_events.typed.make_converter`.

    Raises:
        ModuleNotFoundError: lambda-events is not installed.
    """
    try:
        from lambda_events import typed
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(f"make_converter needs lambda-events: {INSTALL_TYPED}") from error
    return typed.make_converter()


def _name(annotation: Any) -> str:
    return annotation.__qualname__ if isinstance(annotation, type) else repr(annotation)
