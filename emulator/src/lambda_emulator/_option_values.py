"""Values of options that click's own types let through: addresses, origins, numbers of seconds."""

from typing import Any

import click


class Seconds(click.FloatRange):
    """A number of seconds; NaN, which compares with nothing, is not one."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number that a text stands for.

        Args:
            value: The text, or the number itself.
            param: The option.
            ctx: The context of the command.
        """
        number = float(super().convert(value, param, ctx))
        if number != number:  # noqa: PLR0124 (NaN alone is not equal to itself)
            self.fail(f"{value!r} is not a number of seconds.", param, ctx)
        return number


def parse_address(_context: click.Context, _parameter: click.Parameter, address: str) -> str:
    """Refuse the empty address, at which a server would listen for all machines."""
    if not address:
        raise click.BadParameter("name an address, such as 127.0.0.1.")
    return address


def parse_hosts(
    _context: click.Context, _parameter: click.Parameter, hosts: tuple[str, ...]
) -> tuple[str, ...]:
    """Refuse what no client's ``Host`` can be: URLs, names with ports, patterns."""
    for host in hosts:
        from ._origin import is_host

        if not is_host(host):
            raise click.BadParameter(f"{host!r} is not a host's name: name it without a port.")
    return hosts


def parse_origins(
    _context: click.Context, _parameter: click.Parameter, origins: tuple[str, ...]
) -> tuple[str, ...]:
    """Refuse what no browser sends as an ``Origin``: names without a scheme, URLs with a path."""
    for origin in origins:
        from ._origin import is_origin

        if origin not in ("*", "null") and not is_origin(origin.replace("://*", "://any")):
            raise click.BadParameter(
                f"{origin!r} is not an origin: use one such as http://localhost:3000, or *."
            )
    return origins
