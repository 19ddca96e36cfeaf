"""The versions of a function's dependencies, as uv resolves them."""

from __future__ import annotations

import shutil
import sys
import tomllib
from glob import glob
from typing import TYPE_CHECKING, Any

from . import _inline, _pylock, _requirements
from ._inline import has_own_settings
from ._lock import is_locked, needed_by, require_chosen, require_locked, unread
from ._target import explain, platform, wheels_only
from ._uv import UvError, run_uv
from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ._options import Options


class Resolver:
    """Resolves the dependencies of a project's functions.

    Args:
        project: The project's folder.
    """

    def __init__(self, project: Path) -> None:
        self._project = project
        self._workspace = _workspace_of(project)
        self._lock = self.home if (self.home / "uv.lock").exists() else None

    @property
    def home(self) -> Path:
        """The folder whose configuration of uv counts: the project's, or its workspace's."""
        return self._workspace or self._project

    def unread(self, options: Options) -> list[str]:
        """Return a sentence about each lock file that should count, and cannot be read.

        Args:
            options: The options of a function.
        """
        chosen = self._lock or options.requirements or options.script
        return [] if chosen else unread(self._project)

    def resolve(self, options: Options, pylock: Path, python: Path) -> None:
        """Write the versions of a function's dependencies into a lock file.

        Args:
            options: The options of the function.
            pylock: The file to write, in a folder of its own.
            python: A Python of the function's version on this machine.

        Raises:
            BuildError: They cannot be resolved; the message says why.
        """
        extras = [f"--extra={name}" for name in options.extras]
        chosen = [*extras, *(f"--group={name}" for name in options.groups)]
        if options.requirements:
            for name in options.requirements:
                if not (self._project / name).is_file():
                    raise BuildError(f"requirements: there is no file {self._project / name}.")
            if any(_pylock.is_lock(self._project / name) for name in options.requirements):
                self._copy(options, pylock)
            else:
                self._compile(options, pylock, options.requirements)
        elif options.script and has_own_settings(options.script):
            self._export_script(options, options.script, pylock, python)
        elif self._lock and self._is_complete(self._lock / "uv.lock", options):
            self._export(options, pylock, chosen, self._lock, python)
        elif options.without or options.dependencies is not None:  # uv prunes what is locked
            if self._workspace:  # whose sources would not count
                raise BuildError(
                    f"The workspace in {self._workspace} has no uv.lock, which a function needs "
                    "that has a choice of its dependencies: run `uv lock` there."
                )
            self._lock_for(options.dependencies or (), pylock.parent, python)
            self._export(options, pylock, chosen, pylock.parent, python)
        else:
            self._compile(options, pylock, ["pyproject.toml", *chosen])

    def indexes(self, options: Options) -> list[str]:
        """Return the indexes of a function that are not in the configuration of its project.

        Args:
            options: The options of the function.
        """
        if options.requirements:
            return _requirements.indexes(self._project / name for name in options.requirements)
        return _inline.indexes(options.script) if options.script else []

    def _is_complete(self, lock: Path, options: Options) -> bool:
        """Return whether the project's lock file counts: a program may need other packages."""
        return options.script is None or is_locked(options.dependencies or (), lock)

    def _copy(self, options: Options, pylock: Path) -> None:
        lock, *others = options.requirements
        if others:
            raise BuildError(
                "requirements: a pylock.toml has every package, so it must be the only file."
            )
        if options.without:
            raise BuildError(
                f"without: {lock} does not say which packages need which. Leave packages out of "
                "the lock file: `uv export --format pylock.toml --prune NAME`."
            )
        _pylock.copy(self._project / lock, pylock, options.python)

    def _export_script(self, options: Options, script: Path, pylock: Path, python: Path) -> None:
        locked = script.with_name(f"{script.name}.lock").exists()
        try:
            run_uv(
                *("export", "--quiet", "--script", script, "--format", "pylock.toml"),
                *(["--locked"] if locked else []),
                *("--output-file", pylock, "--no-editable", "--python", python),
                *(f"--prune={name}" for name in options.without),
                cwd=self._project,
            )
        except UvError as error:
            raise BuildError(
                f"The dependencies that {script.name} names cannot be resolved.\n{error}"
            ) from error

    def _export(
        self,
        options: Options,
        pylock: Path,
        chosen: Sequence[str],
        home: Path,
        python: Path,
    ) -> None:
        require_locked(options.without, home / "uv.lock")
        own = options.dependencies

        def export(chosen: Sequence[str]) -> None:
            run_uv(
                *("export", "--quiet", "--locked", "--format", "pylock.toml", "--output-file"),
                *(pylock, "--no-default-groups", "--no-emit-project", "--no-editable"),
                *("--python", python),  # or else uv looks for one, and may fetch it
                *(*chosen, *(f"--prune={name}" for name in options.without)),
                cwd=self._project if home == self._lock else home,
            )

        try:
            if own is None or chosen:
                export(chosen)
            else:
                try:  # any package of the lock file may be asked for
                    export(["--all-packages", "--all-extras", "--all-groups"])
                except UvError:  # some extras or groups may exclude others
                    export(())
        except UvError as error:
            raise BuildError(
                f"The dependencies cannot be read from the lock file.\n{error}"
            ) from error
        if own is not None:
            needed = needed_by(own, home / "uv.lock")
            packages = _pylock.read(pylock)
            require_chosen(own, {*options.without, *(each["name"] for each in packages)})
            _pylock.write(pylock, (each for each in packages if each["name"] in needed))

    def _compile(self, options: Options, pylock: Path, arguments: Sequence[str | Path]) -> None:
        quiet = ("pip", "compile", "--quiet", "--python", sys.executable)
        command: list[str | Path] = [*quiet, "--output-file", pylock, *arguments]
        try:
            run_uv(*command, *wheels_only(options), cwd=self._project)
        except UvError:  # is there a package that no index has a wheel of?
            pylock.unlink(missing_ok=True)
            anything = platform(options)
            try:
                run_uv(*command, *anything, cwd=self._project, compilers=False)
            except UvError as error:
                raise BuildError(explain(str(error), options, ())) from error

    def _lock_for(self, dependencies: Sequence[str], folder: Path, python: Path) -> None:
        """Lock a project like this one, whose dependencies are also those of one function.

        uv applies sources only to what a project names itself, so that has all that this one does.
        """
        config = tomllib.loads((self._project / "pyproject.toml").read_text("utf-8"))
        uv: dict[str, Any] = config.get("tool", {}).get("uv", {})
        uv.pop("workspace", None)
        uv["package"] = False
        uv.setdefault("environments", ["sys_platform == 'linux'"])
        for source in uv.get("sources", {}).values():
            for each in source if isinstance(source, list) else [source]:
                if "path" in each:
                    each["path"] = self._absolute(each["path"])
        for index in uv.get("index", ()):
            index["url"] = self._absolute(index["url"])
        for key in ("find-links", "extra-index-url"):
            if key in uv:
                uv[key] = [self._absolute(place) for place in uv[key]]
        own = config.get("project", {})
        project = {
            "name": "function",
            "version": "0",
            "requires-python": own.get("requires-python", ">=3.11"),
            "dependencies": [*own.get("dependencies", ()), *dependencies],
            "optional-dependencies": own.get("optional-dependencies", {}),
        }
        groups = config.get("dependency-groups", {})
        document = {"project": project, "dependency-groups": groups, "tool": {"uv": uv}}
        _pylock.write_toml(folder / "pyproject.toml", document)
        if (self._project / "uv.toml").exists():
            shutil.copy(self._project / "uv.toml", folder)
        try:
            run_uv("lock", "--quiet", "--python", python, cwd=folder, compilers=False)
        except UvError as error:
            raise BuildError(f"The function's dependencies cannot be resolved.\n{error}") from error

    def _absolute(self, place: str) -> str:
        """Return an address as it is, and a path as one that counts in any folder."""
        return place if "://" in place else str(self._project / place)


def _workspace_of(project: Path) -> Path | None:
    """Return the root of the workspace that a project is a member of, if it is not the root."""
    for root in project.parents:
        workspace = _uv_settings(root / "pyproject.toml").get("workspace", {})
        members, excluded = (
            {
                (root / name).resolve()
                for pattern in workspace.get(key, ())
                for name in glob(pattern, root_dir=root, recursive=True)  # noqa: PTH207 (takes ".")
            }
            for key in ("members", "exclude")
        )
        if project.resolve() in members - excluded:
            return root
    return None


def _uv_settings(path: Path) -> dict[str, Any]:
    try:
        config = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError):  # not there, or of no project of ours
        return {}
    return dict(config.get("tool", {}).get("uv", {}))
