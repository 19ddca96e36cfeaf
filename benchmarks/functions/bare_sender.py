"""The baseline of streaming, as awslambdaric cannot stream: a bare socket without a runtime.

It sends the chunks that `stream.py` yields, and is no more than what they take.
"""

import json
import os
import socket
import sys
from collections.abc import Iterator
from importlib import import_module

_API = os.environ["AWS_LAMBDA_RUNTIME_API"]
_NEXT = f"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: {_API}\r\n\r\n".encode()
_RESPONSE = (
    "POST /2018-06-01/runtime/invocation/8476a536-e9f4-11e8-9739-2dfe598c3fcd/response HTTP/1.1\r\n"
    f"Host: {_API}\r\nTransfer-Encoding: chunked\r\n"
    "Lambda-Runtime-Function-Response-Mode: streaming\r\n\r\n"
).encode()


def main(handler: str) -> None:
    module, _, name = handler.rpartition(".")
    generator = getattr(import_module(module), name)
    host, _, port = _API.rpartition(":")
    with socket.create_connection((host, int(port))) as api:
        api.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while True:
            api.sendall(_NEXT)
            event = json.loads(api.recv(64 * 1024).partition(b"\r\n\r\n")[2])
            send(api, generator(event, None))
            api.recv(64 * 1024)


def send(api: socket.socket, chunks: Iterator[bytes]) -> None:
    head = _RESPONSE
    for chunk in chunks:
        # One system call and no copy; a socket that blocks takes all of it.
        api.sendmsg([head, b"%x\r\n" % len(chunk), chunk, b"\r\n"])
        head = b""
    api.sendall(b"0\r\n\r\n")


if __name__ == "__main__":
    main(sys.argv[1])
