"""Stream a large JSON file: its caller reads the beginning before the function has read the end."""

import os
import tempfile
from pathlib import Path

from lambda_runtime import BlockingResponseStream, Context, run

CHUNK_BYTES = 64 * 1024
TEXT = "-" * 40


def make_file(rows: int) -> Path:
    """Make a file to stream, unless it is there; a function of yours would have one in S3.

    Args:
        rows: The number of objects in the file, 99 bytes each.

    Returns:
        Its path: in the temporary directory, the only place that a function can write to.
    """
    path = Path(tempfile.gettempdir(), f"lambda-sample-{rows}-rows.json")
    if not path.exists():
        descriptor, name = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            for row in range(rows):
                begin = ",\n" if row else "["
                file.write(f'{begin}{{"row": {row:8}, "square": {row * row:16}, "text": "{TEXT}"}}')
            file.write("]")
        Path(name).replace(path)  # whole, or not there: others may make it at the same time
    return path


def handler(event: dict[str, int], stream: BlockingResponseStream, context: Context) -> None:
    """Answer one invocation.

    Args:
        event: Such as ``{"rows": 100000}``.
        stream: The stream of the response; it takes a chunk when the network has taken the last
            one.
        context: The invocation: its request id, its function and the time that is left.
    """
    path = make_file(event["rows"])
    stream.content_type = "application/json"
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            stream.write(chunk)
    print(f"{context.function_name} sent {stream.bytes_sent} bytes")


if __name__ == "__main__":
    run(handler)
