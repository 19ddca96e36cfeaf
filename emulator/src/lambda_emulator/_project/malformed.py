"""Resources that have another form than CloudFormation's: each is left out, with a warning."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from lambda_emulator._project.stack import Resource
from lambda_emulator._project.template_file import ProjectError

_T = TypeVar("_T")


def read_all(resources: Iterable[Resource], read: Callable[[Resource], Iterable[_T]]) -> list[_T]:
    """Return what is read of all resources.

    Args:
        resources: The resources.
        read: Returns what is read of one.

    Raises:
        ProjectError: A file that a resource names cannot be read.
    """
    found: list[_T] = []
    for resource in resources:
        try:
            found += list(read(resource))
        except ProjectError:
            raise
        except (AttributeError, LookupError, TypeError, ValueError):
            resource.warn("One of its properties has another form than AWS's, so it is left out.")
    return found
