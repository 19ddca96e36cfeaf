"""Ports that are listened at."""

import socket
from collections.abc import Generator
from contextlib import contextmanager


class ListenError(OSError):
    """A port cannot be listened at.

    Attributes:
        port: The port.
    """

    port: int = 0


@contextmanager
def listening(port: int) -> Generator[None]:
    """Say which port cannot be listened at.

    Args:
        port: The port.

    Raises:
        ListenError: The body has failed to listen.
    """
    try:
        yield
    except OSError as error:
        failure = ListenError(error.errno, error.strerror or str(error))
        failure.port = port
        raise failure from error


def host_in_url(host: str) -> str:
    """Return an address as URLs have it.

    Args:
        host: A name, or an address of IPv4 or IPv6.
    """
    return f"[{host}]" if ":" in host else host


def check_port(host: str, port: int) -> None:
    """Find out whether a port can be listened at, before a function starts in vain.

    Args:
        host: The address.
        port: The port; 0 for any.

    Raises:
        ListenError: It cannot.
    """
    with listening(port):
        socket.create_server((host, port), family=_family(host)).close()


@contextmanager
def reserved_port(host: str) -> Generator[socket.socket]:
    """Choose a port that is free; nobody else gets it before it is listened at.

    Args:
        host: The address.

    Yields:
        A socket that is bound to it.

    Raises:
        ListenError: There is none.
    """
    with socket.socket(_family(host), socket.SOCK_STREAM) as reserved:
        with listening(0):
            reserved.bind((host, 0))
        # Not before, or two emulators could choose one port. A project that is read again is served
        # at the same port, where connections to the server before may still be closing.
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        yield reserved


def local_address(host: str, port: int) -> str:
    """Return the URL by which programs on this machine reach a server.

    Args:
        host: The address that it listens at.
        port: The port.
    """
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://{host_in_url(reached)}:{port}"


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
