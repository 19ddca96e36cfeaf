"""Take an event's checksum: raw bytes in, raw bytes out, and no JSON on the way."""

from hashlib import sha256

from lambda_runtime import Context, run


def handler(event: bytes, context: Context) -> bytes:
    """Answer one invocation.

    Args:
        event: The event exactly as its caller has sent it, since it is annotated as bytes.
        context: The invocation: its request id, its function and the time that is left.

    Returns:
        A line such as ``sha256sum`` prints. Bytes are sent as they are.
    """
    print(f"{context.function_name} got {len(event)} bytes")
    return f"{sha256(event).hexdigest()}  -".encode()


if __name__ == "__main__":
    run(handler)
