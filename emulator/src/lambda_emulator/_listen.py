"""Ports that are listened at."""

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
