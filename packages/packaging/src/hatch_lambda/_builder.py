"""The build target, as hatch calls it."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from hatchling.builders.plugin.interface import BuilderInterface

from ._archive import lay_out, warn_of_size, write
from ._build import Build
from ._function import LambdaConfig
from ._layouts import CONTEXTS, artifact
from ._options import Options, functions
from ._report import describe
from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping


class LambdaBuilder(BuilderInterface[Any, Any]):
    """Builds what AWS Lambda deploys: ``[tool.hatch.build.targets.lambda]``.

    Each function of the project is a version of the target, in hatch's words: ``hatch build -t
    lambda`` builds all of them, and ``hatch build -t lambda:name`` one.
    """

    PLUGIN_NAME = "lambda"
    _build: Build | None = None

    def get_version_api(self) -> dict[str, Callable[..., str]]:
        """Return what builds each function, by the function's name."""
        try:
            tables = functions(self.target_config, self.metadata.core.name)
        except BuildError as error:
            self.app.abort(f"hatch-lambda: {error}")
            raise
        return {name: self._command(name, table) for name, table in tables.items()}

    @classmethod
    def get_config_class(cls) -> type[LambdaConfig]:
        """Return the class that selects files."""
        return LambdaConfig

    def build(self, **options: Any) -> Generator[str]:
        """Build functions, in a folder where they share what they have in common.

        Args:
            options: Those of hatchling, such as ``directory`` and ``versions``.

        Yields:
            The path of each archive, once it is written.
        """
        with self._building():
            yield from super().build(**options)

    def build_function(self, name: str, table: Mapping[str, Any], directory: Path) -> Path:
        """Build one function.

        Args:
            name: Its name.
            table: Its options, as they are in ``pyproject.toml``.
            directory: The folder for the archive.

        Returns:
            The zip file, or the folder of the image's build context.

        Raises:
            BuildError: It cannot be built; the message says why.
        """
        options = Options.parse(table, os.environ, name=name, project=Path(self.root))
        with self._building() as build:
            entries = build.entries(options, table)
            directory.mkdir(parents=True, exist_ok=True)
            target = directory / artifact(name, options.layout)
            if options.layout in CONTEXTS:
                sizes = lay_out(target, entries)
            else:
                sizes = write(target, entries)
                if warning := warn_of_size(target, sizes):
                    self.app.display_warning(f"hatch-lambda: {warning}")
            if options.report:
                python, direct = build.python(options), build.direct(options)
                left_out = build.left_out(options)
                self.app.display_info(describe(options, sizes, entries, python, direct, left_out))
        return target

    @contextmanager
    def _building(self) -> Generator[Build]:
        """Give the `Build`, with its folder: one for all functions that are built together."""
        if self._build:
            yield self._build
            return
        with TemporaryDirectory(prefix="hatch-lambda-") as work:
            self._build = Build(self, Path(work))
            try:
                yield self._build
            finally:
                self._build = None

    def _command(self, name: str, table: Mapping[str, Any]) -> Callable[..., str]:
        def build(directory: str, **_: Any) -> str:
            try:
                return str(self.build_function(name, table, Path(directory)))
            except BuildError as error:
                self.app.abort(f"hatch-lambda: {error}")
                raise  # an application may not end the process

        return build
