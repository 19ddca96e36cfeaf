"""Places in the files of a project, and the messages about them."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Place:
    """A place in a file.

    Attributes:
        path: The file.
        line: The line, from 1; 0 where it is not known.
        name: The name of the resource there, such as its logical id.
    """

    path: Path
    line: int = 0
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Warned:
    """A part of a project that could not be understood, or is not served.

    Attributes:
        message: The problem, and the substitute of the emulator.
        place: The place of its cause.
    """

    message: str
    place: Place
