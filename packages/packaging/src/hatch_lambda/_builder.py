"""The build target, as hatch calls it."""

from __future__ import annotations

import errno
import os
import shutil
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from hatchling.builders.plugin.interface import BuilderInterface
from hatchling.plugin.exceptions import UnknownPluginError

from . import _cache, _growth
from ._archive import lay_out, require_room, warn_of_size, write
from ._build import Build
from ._check import Checks, why_not
from ._function import LambdaConfig
from ._handler import nearest
from ._inline import with_own_dependencies
from ._layouts import CONTEXTS, artifact
from ._options import Options, functions
from ._project import completed, direct_requirements
from ._report import describe as report
from ._signals import tidy_end
from ._values import TABLE
from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping

    from hatchling.metadata.core import ProjectMetadata

    from ._archive import Entry


_PLUGINS = (
    "A plugin has to be installed beside hatch-lambda: `hatch build -t lambda` does that for all "
    "that [build-system] requires; otherwise, run `uvx --from hatch-lambda --with PLUGIN "
    "hatch-lambda`, with hatch-vcs, say, for PLUGIN."
)
# Errors that a user can mend: of permissions, of a full disk, of a file in the place of a folder,
# of a path that is too long, of a file that goes while the build reads it.
_OF_THE_MACHINE = {
    *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EMFILE),
    *(errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.ENOENT),
}
_MARKS = (BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE)


class LambdaBuilder(BuilderInterface[Any, Any]):
    """Builds what AWS Lambda deploys: ``[tool.hatch.build.targets.lambda]``.

    Each function of the project is a version of the target, in hatch's words: ``hatch build -t
    lambda`` builds all of them, and ``hatch build -t lambda:name`` one.
    """

    PLUGIN_NAME = "lambda"
    _build: Build | None = None
    _checks: Checks | None = None
    _completed: ProjectMetadata[Any] | None = None

    @property
    def metadata(self) -> ProjectMetadata[Any]:
        """The project's metadata, even if the project is built by other means or not at all."""
        if self._completed is None:
            self._completed = completed(super().metadata, self._warn)
        return self._completed

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
            The path of each archive, once all are written, and those that can be are started.
        """
        built: list[str] = []
        failure: BuildError | None = None
        try:
            self._validate(options.get("versions") or ())
            with tidy_end(), self._building():
                built += super().build(**options)
        except UnknownPluginError as error:
            failure = BuildError(f"{error}. {_PLUGINS}")
        except BuildError as error:  # of a check, which ends after the others are built
            failure = error
        except OSError as error:
            if error.errno not in _OF_THE_MACHINE:
                raise
            failure = BuildError(f"A file cannot be read or written. {error}")
        yield from (path for path in built if Path(path).exists())  # a check may discard some
        if failure is not None:
            self.app.abort(f"hatch-lambda: {failure}")
            raise failure  # an application may not end the process

    def build_function(self, name: str, table: Mapping[str, Any], directory: Path) -> Path:
        """Build one function.

        Args:
            name: The name.
            table: The options, as they are in ``pyproject.toml``.
            directory: The folder for the archive.

        Returns:
            The zip file, or the folder of the image's build context.

        Raises:
            BuildError: It cannot be built; the message says why.
        """
        options = Options.parse(table, os.environ, name=name, project=Path(self.root))
        options = with_own_dependencies(options, Path(self.root))
        with self._building() as build:
            entries = build.entries(options, table)
            directory.mkdir(parents=True, exist_ok=True)
            target = directory / artifact(name, options.layout)
            if layers := build.layers(options).entries:
                below = {f"/opt/{name}": entry for name, entry in layers.items()}
                require_room(f"{target.name} with its layers", {**entries, **below})
            if options.layout in CONTEXTS:
                sizes = lay_out(target, entries)
            else:
                sizes = write(target, entries)
                if warning := warn_of_size(target, sizes):
                    self._warn(warning)
            if options.max_size is not None:
                try:
                    _growth.require(target, sizes, options.max_size)
                except BuildError:
                    _discard(target)
                    raise
            if options.report:
                self.app.display_info(
                    report(
                        options,
                        sizes,
                        entries,
                        build.layers(options),
                        build.python(options),
                        direct_requirements(self.metadata, options),
                        build.left_out(options),
                    )
                )
            self.app.display_info(_growth.describe(target, sizes))
            if options.check and "function" in options.parts:
                self._check(options, entries, target)
        return target

    def _check(self, options: Options, entries: Mapping[str, Entry], target: Path) -> None:
        if reason := why_not(options):
            self.app.display_info(f"{options.name}: not started: {reason}")
        elif self._build and self._checks:
            layers, python = self._build.layers(options), self._build.python(options)
            self._checks.start(options, entries, layers, python, partial(_discard, target))

    @contextmanager
    def _building(self) -> Generator[Build]:
        """Give the `Build`, with its folder: one for all functions that are built together."""
        if self._build:
            yield self._build
            return
        with TemporaryDirectory(prefix="hatch-lambda-") as work:
            self._build = Build(self, Path(work))
            self._checks = Checks(Path(work))
            try:
                yield self._build
                for sentence in self._checks.results():
                    self.app.display_info(sentence)
            finally:
                self._checks.close()
                self._build = self._checks = None
        _cache.sweep()

    def _validate(self, names: Iterable[str]) -> None:
        """Raise an error of this package's for what hatchling refuses.

        Args:
            names: The functions to build.
        """
        files = [Path(self.root, name) for name in ("pyproject.toml", "hatch.toml")]
        if not any(path.is_file() for path in files):
            raise BuildError(
                f"There is no pyproject.toml in {self.root}. Write one, with the table [{TABLE}]; "
                "or name the project's folder: hatch-lambda --project FOLDER."
            )
        try:
            self.metadata.validate_fields()
        except UnknownPluginError:
            raise
        except (OSError, TypeError, ValueError) as error:
            for path in files:
                if path.is_file() and path.read_bytes().startswith(_MARKS):
                    raise BuildError(
                        f"{path.name} begins with a byte order mark: save it as UTF-8 without one."
                    ) from error
            raise BuildError(f"pyproject.toml cannot be read. {error}") from error
        known = self.get_version_api()
        for name in names:
            if name not in known:
                near = nearest(name, known)
                hint = f"did you mean {near}?" if near else f"the project has {', '.join(known)}."
                raise BuildError(f"There is no function {name!r}: {hint}")

    def _warn(self, message: str) -> None:
        self.app.display_warning(f"hatch-lambda: {message}")

    def _command(self, name: str, table: Mapping[str, Any]) -> Callable[..., str]:
        def build(directory: str, **_: Any) -> str:
            try:
                return str(self.build_function(name, table, Path(directory)))
            except BuildError as error:
                self.app.abort(f"hatch-lambda: {error}")
                raise  # an application may not end the process

        return build


def _discard(target: Path) -> None:
    """Leave nothing behind that should not be deployed."""
    if target.is_dir():
        shutil.rmtree(target)
    else:
        target.unlink(missing_ok=True)
