"""The function's dependencies, as wheels for the place where it is going to run."""

from __future__ import annotations

import re
import shutil
import sys
import tomllib
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from . import _pylock
from ._bytecode import is_for_this_python
from ._inline import has_own_settings
from ._lock import is_locked, needed_by, require_chosen, require_locked
from ._requirements import direct, hashes
from ._uv import UvError, run_uv
from ._without import leave_out
from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ._options import Options

# The platforms that uv has names for, by the minor version of glibc: the newest that is not newer.
_MANYLINUX = (17, 28, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40)
_MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}
_NO_WHEEL = re.compile(
    r"Package `([^`]+)` can't be installed because|Wheels are required for `([^`]+)`"
    r"|(\S+) has no usable wheels|Failed to (?:download and )?build `?([\w.-]+)"
)


def install(
    options: Options,
    project: Path,
    folder: Path,
    work: Path,
    python: Path,
) -> None:
    """Install the dependencies of a function into a folder.

    Packages that are only there as source, in a folder, in a git repository or on an index, are
    built into wheels first. Nothing is compiled for a package from elsewhere, because that would be
    for this machine.

    Args:
        options: The options, with the target and with what belongs to the function.
        project: The project's folder, whose configuration of uv counts: indexes, their
            credentials, sources, constraints and overrides.
        folder: The folder to install them into.
        work: A folder for wheels that are built, which all functions share.
        python: A Python of the function's version on this machine, which builds wheels.

    Raises:
        BuildError: They cannot be resolved, or one has no wheel for the place.
    """
    if is_for_this_python(options):
        python = Path(sys.executable)  # which is whole: an interpreter that is packed may not be
    _Installer(project, work).install(options, folder, python)


class _Installer:
    def __init__(self, project: Path, work: Path) -> None:
        self._project = project
        self._work = work
        self._lock = next(
            (up for up in (project, *project.parents) if (up / "uv.lock").exists()), None
        )

    def install(self, options: Options, folder: Path, python: Path) -> None:
        pylock = Path(mkdtemp(prefix="pylock-", dir=self._work), "pylock.toml")
        self._resolve(options, pylock, python)
        packages = [
            self._wheel(package, pylock.parent)
            for package in _pylock.read(pylock)
            if not self._is_project(package, pylock.parent)
        ]
        if options.requirements:
            known = hashes(self._project / name for name in options.requirements)
            packages = [
                _pylock.restricted(package, known[package["name"]])
                if package["name"] in known
                else package
                for package in packages
            ]
        _pylock.write(pylock, packages)
        sources = [package["name"] for package in packages if _pylock.is_source(package)]
        try:
            run_uv(
                *("pip", "install", "--quiet", "--requirements", pylock, "--target", folder),
                *("--python", python if sources else sys.executable),
                *_target(options, sources),
                *("--link-mode", "copy"),  # what is stripped must not be uv's own copy
                cwd=self._lock or self._project,
                compilers=False,
            )
        except UvError as error:
            raise BuildError(_explain(str(error), options, sources)) from error
        for name in sources:
            _require_any_machine(name, folder, options)
        if options.requirements and options.without:  # uv prunes only what is locked
            files = [self._project / name for name in options.requirements]
            leave_out(folder, direct(files), options.without)

    def _resolve(self, options: Options, pylock: Path, python: Path) -> None:
        """Write the versions of all dependencies into a lock file."""
        extras = [f"--extra={name}" for name in options.extras]
        chosen = [*extras, *(f"--group={name}" for name in options.groups)]
        if options.requirements:
            for name in options.requirements:
                if not (self._project / name).is_file():
                    raise BuildError(f"requirements: there is no file {self._project / name}.")
            self._compile(options, pylock, options.requirements)
        elif options.script and has_own_settings(options.script):
            self._export_script(options, options.script, pylock, python)
        elif self._lock and self._is_complete(self._lock / "uv.lock", options):
            self._export(options, pylock, chosen, self._lock, python)
        elif options.without or options.dependencies is not None:  # uv prunes what is locked
            self._lock_for(options.dependencies or (), pylock.parent, python)
            self._export(options, pylock, chosen, pylock.parent, python)
        else:
            self._compile(options, pylock, ["pyproject.toml", *chosen])

    def _is_complete(self, lock: Path, options: Options) -> bool:
        """Return whether the project's lock file counts: a program may need other packages."""
        return options.script is None or is_locked(options.dependencies or (), lock)

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
            run_uv(*command, *_target(options), cwd=self._project)
        except UvError:  # is there a package that no index has a wheel of?
            pylock.unlink(missing_ok=True)
            anything = _platform(options)
            try:
                run_uv(*command, *anything, cwd=self._project, compilers=False)
            except UvError as error:
                raise BuildError(_explain(str(error), options, ())) from error

    def _lock_for(self, dependencies: Sequence[str], folder: Path, python: Path) -> None:
        """Lock a project like this one, whose dependencies are also those of one function.

        uv applies sources only to what a project names itself, so that has all that this one does.
        """
        config = tomllib.loads((self._project / "pyproject.toml").read_text("utf-8"))
        uv = config.get("tool", {}).get("uv", {})
        uv.pop("workspace", None)
        uv["package"] = False
        uv.setdefault("environments", ["sys_platform == 'linux'"])
        for source in uv.get("sources", {}).values():
            for each in source if isinstance(source, list) else [source]:
                if "path" in each:
                    each["path"] = str(self._project / each["path"])
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

    def _is_project(self, package: _pylock.Package, base: Path) -> bool:
        """Return whether it is the project itself, as in ``-e .``: its files are the function."""
        if "directory" not in package:
            return False
        return bool((base / package["directory"]["path"]).resolve() == self._project.resolve())

    def _wheel(self, package: _pylock.Package, base: Path) -> _pylock.Package:
        """Return a package from a folder as a wheel that is built of it; others as they are."""
        if "directory" not in package:
            archive = package.get("archive", {})
            if "path" in archive:  # which is relative to the file that it is in
                package = {**package, "archive": {**archive, "path": str(base / archive["path"])}}
            return package
        source = (base / package["directory"]["path"]).resolve()
        folder = self._work / "wheels" / source.as_posix().replace("/", "_")
        if not folder.exists():
            try:
                run_uv(
                    *("build", "--quiet", "--wheel", "--out-dir", folder, source),
                    cwd=self._lock or self._project,
                )
            except UvError as error:
                raise BuildError(f"{source} cannot be built into a wheel.\n{error}") from error
        (wheel,) = folder.glob("*.whl")
        return _pylock.replaced(package, wheel)


def _platform(options: Options) -> tuple[str, ...]:
    glibc = max(minor for minor in _MANYLINUX if minor <= max(17, int(options.glibc[2:])))
    machine = _MACHINES[options.architecture]
    python = ("--python-version", options.python)
    return (*python, "--python-platform", f"{machine}-manylinux_2_{glibc}")


def _target(options: Options, sources: Iterable[str] = ()) -> tuple[str, ...]:
    """Return uv's options for wheels of the place, but for packages that are built."""
    built = (word for name in sources for word in ("--no-binary", name))
    return (*_platform(options), "--only-binary", ":all:", *built)


def _require_any_machine(name: str, folder: Path, options: Options) -> None:
    """Check that a wheel which was built here runs anywhere."""
    for path in folder.glob("*.dist-info/WHEEL"):
        if canonicalize_name(path.parent.name.split("-")[0]) != name:
            continue
        for line in path.read_text("utf-8").splitlines():
            key, _, tag = line.partition(":")
            if key == "Tag" and not tag.strip().endswith("-none-any"):
                raise BuildError(
                    f"{_no_wheel(name, options)}\nIts source builds into a wheel for {tag.strip()}."
                )


def _explain(error: str, options: Options, sources: Sequence[str]) -> str:
    names = {name for match in _NO_WHEEL.findall(error) for name in match if name}
    if not names:
        return f"The dependencies cannot be installed for {options.target}.\n{error}"
    name = min(names, key=lambda each: (each not in sources, len(each)))
    return f"{_no_wheel(name, options)}\n{error}"


def _no_wheel(name: str, options: Options) -> str:
    return (
        f"{name} has no wheel for {options.target}, and nothing is compiled here: that would be "
        f"for this machine. Take a version of {name} that has one, build one in a container of "
        f"that system and add it as a path source, or leave it out with without = [{name!r}]."
    )
