"""Generators whose chunks are the response."""

import os
import socket
from collections.abc import Iterator


def handler(event: dict[str, int], context: object) -> Iterator[bytes]:
    chunk = b"x" * event["size"]
    for _ in range(event["chunks"]):
        yield chunk


def gated(event: dict[str, int], context: object) -> Iterator[bytes]:
    """Yield each chunk when the benchmark lets it go."""
    chunk = b"x" * event["size"]
    with socket.create_connection(("127.0.0.1", int(os.environ["GATE"]))) as gate:
        for _ in range(event["chunks"]):
            gate.sendall(b"?")
            gate.recv(1)
            yield chunk
