"""The properties of a resource, which have values once they are asked for."""

from collections.abc import Callable, Mapping
from typing import Any

from lambda_emulator._project.template_file import number_of, table_of, text_of

Evaluate = Callable[[Any, tuple[str, ...]], Any]
"""Returns a part of a template with all references in it resolved; the keys lead there."""


class Properties:
    """Properties."""

    def __init__(self, table: Mapping[str, Any], keys: tuple[str, ...], evaluate: Evaluate) -> None:
        """Hold properties.

        Args:
            table: The properties, as the template has them.
            keys: The keys that lead there.
            evaluate: Returns the value of a part.
        """
        self._table = table
        self._keys = keys
        self._evaluate = evaluate

    def get(self, *keys: str, default: Any = None) -> Any:
        """Return a property with all references in it resolved.

        Args:
            *keys: The keys that lead there.
            default: Is returned if there is none.
        """
        value = self.raw(*keys)
        value = self._evaluate(value, (*self._keys, *keys))
        return default if value is None else value

    def raw(self, *keys: str) -> Any:
        """Return a property as the template has it, or None.

        Args:
            *keys: The keys that lead there.
        """
        value: Any = self._table
        for key in keys:
            if isinstance(value, Mapping) and "Fn::If" in value:
                value = self._evaluate(value, self._keys)
            value = value.get(key) if isinstance(value, Mapping) else None
        return value

    def text(self, *keys: str, default: str = "") -> str:
        """Return a property as text.

        Args:
            *keys: The keys that lead there.
            default: Is returned if there is none.
        """
        value = self.get(*keys)
        return default if value is None else text_of(value)

    def number(self, *keys: str) -> float | None:
        """Return a property as a number; None if there is none.

        Args:
            *keys: The keys that lead there.
        """
        return number_of(self.get(*keys))

    def integer(self, *keys: str, default: int) -> int:
        """Return a property as a whole number.

        Args:
            *keys: The keys that lead there.
            default: Is returned if there is none.
        """
        value = self.number(*keys)
        return default if value is None else int(value)

    def items(self, *keys: str) -> list[Any]:
        """Return a property as a list; of one element if it is not a list.

        Args:
            *keys: The keys that lead there.
        """
        value = self.get(*keys)
        return value if isinstance(value, list) else [] if value is None else [value]

    def tables(self, *keys: str) -> list[Mapping[str, Any]]:
        """Return the tables in a property that is a list, without what has another form.

        Args:
            *keys: The keys that lead there.
        """
        return [each for each in self.items(*keys) if isinstance(each, Mapping)]

    def table(self, *keys: str) -> Mapping[str, Any]:
        """Return a property that is a table; an empty one if it has another form.

        Args:
            *keys: The keys that lead there.
        """
        return table_of(self.get(*keys))
