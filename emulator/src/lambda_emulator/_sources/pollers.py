"""The pollers, by the kinds of sources."""

from collections.abc import Awaitable, Callable

from lambda_emulator._project.description import SourceKind

from .mapping import EventSourceMapping

Poller = Callable[[EventSourceMapping], Awaitable[None]]


async def poll(mapping: EventSourceMapping) -> None:
    """Poll a source forever; a defect ends this source alone, and is logged.

    Args:
        mapping: The source and the function.
    """
    try:
        await _poller(mapping.source.kind)(mapping)
    except Exception as error:  # noqa: BLE001 (the other sources go on)
        while isinstance(error, ExceptionGroup):
            error = error.exceptions[0]
        if isinstance(error, ConnectionAbortedError):  # the emulator stops
            return
        mapping.note_unreachable(f"{type(error).__name__}: {error}")
        mapping.status.state = "stopped"


def _poller(kind: SourceKind) -> Poller:
    match kind:
        case "sqs":
            from .sqs import poll_queue

            return poll_queue
        case "kinesis":
            from .kinesis import poll_kinesis

            return poll_kinesis
        case "dynamodb":
            from .dynamodb import poll_dynamodb

            return poll_dynamodb
        case "kafka":
            from .kafka import poll_kafka

            return poll_kafka
