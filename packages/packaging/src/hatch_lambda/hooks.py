"""The hook that registers the build target, for the entry-point group ``hatch``."""

from __future__ import annotations

from hatchling.plugin import hookimpl

from ._builder import LambdaBuilder


@hookimpl
def hatch_register_builder() -> type[LambdaBuilder]:
    """Return the builder of the target ``lambda``."""
    return LambdaBuilder
