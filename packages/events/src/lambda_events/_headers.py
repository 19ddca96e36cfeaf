"""HTTP headers as a mapping that does not mind the case of names, and does not change it."""

from __future__ import annotations

from _collections_abc import MutableMapping  # collections.abc, without importing collections

from ._typing import Generic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from typing_extensions import TypeVar

    H = TypeVar("H", default=str)
else:
    H = "H"

SECRET = frozenset(
    (
        "authorization",
        "cookie",
        "proxy-authorization",
        "set-cookie",
        "x-amz-security-token",
        "x-api-key",
        "x-forwarded-access-token",
    )
)
"""Headers, in lower case, whose values ``repr`` hides: credentials and cookies."""


class Headers(MutableMapping[str, H], Generic[H]):
    """Headers by name, in any case; the names keep the case that they came in.

    A name that came in two cases has the value that came last. ``repr`` hides credentials and
    cookies.
    """

    __slots__ = ("_names", "_values")
    _names: dict[str, str] | None

    def __init__(self, values: Mapping[str, H] = {}) -> None:
        """Look at headers.

        Args:
            values: Values by name. A dict is not copied: a change of one is a change of both.
        """
        self._values: dict[str, H] = values if type(values) is dict else dict(values)
        self._names = None

    def _name(self, name: str) -> str:
        """Return a name in the case that it came in."""
        if name in self._values:
            return name
        if self._names is None:
            self._names = {known.lower(): known for known in self._values}
        return self._names.get(name.lower(), name)

    def __getitem__(self, name: str) -> H:
        return self._values[self._name(name)]

    def __setitem__(self, name: str, value: H) -> None:
        self._values[self._name(name)] = value
        self._names = None

    def __delitem__(self, name: str) -> None:
        del self._values[self._name(name)]
        self._names = None

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._name(name) in self._values

    def __repr__(self) -> str:
        shown: list[str] = []
        for name, value in self._values.items():
            hidden = name.lower() in SECRET
            shown.append(f"{name!r}: {'<hidden>' if hidden else repr(value)}")
        return f"Headers({{{', '.join(shown)}}})"

    def __json_object__(self) -> dict[str, Any]:
        """Return the JSON object of the headers."""
        return self._values
