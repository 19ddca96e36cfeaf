"""A function's execution environment, in folders of this machine."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ._opt import with_opt
from ._provided import runtime_of
from ._start import arguments

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ._archive import Entry
    from ._layers import Layers
    from ._options import Options


@dataclass(frozen=True)
class Sandbox:
    """The folders of a function, and what starts it in them."""

    options: Options
    """The options of the function."""
    folder: Path
    """The folder of all others."""
    layers: Layers
    """The layers of the function."""
    python: Path
    """A Python of its version that runs here."""

    @property
    def task(self) -> Path:
        """The folder that is ``/var/task`` in Lambda."""
        return self.folder / "task"

    @property
    def opt(self) -> Path:
        """The folder that is ``/opt`` in Lambda."""
        return self.folder / "opt"

    @property
    def runtime(self) -> Path | None:
        """The folder that is ``/var/runtime`` in Lambda, if the function's runtime is here."""
        return runtime_of(self.options)

    def lay_out(self, entries: Mapping[str, Entry]) -> None:
        """Put the files of the archive and of the layers where they are in Lambda.

        Args:
            entries: The files of the archive.
        """
        _lay_out({deployed(name): entry for name, entry in entries.items()}, self.task)
        _lay_out(self.layers.entries, self.opt)
        _link_interpreter(entries, self.options, self.task)
        _link_interpreter(self.layers.entries, self.options, self.opt)

    def command(self) -> list[str | Path]:
        """Return the program that Lambda starts, with its arguments."""
        return [*self.prefix, *self._program()]

    @property
    def prefix(self) -> list[str | Path]:
        """The command that runs a program with the layers at ``/opt``; empty without layers."""
        if not self.layers.entries:
            return []
        used = filter(None, (self.python, self.folder, self.runtime))
        return with_opt((), self.opt, self.options.minor, used=used)

    @property
    def variables(self) -> dict[str, str]:
        """The variables that lead to the runtime, where the image of the runtime does in Lambda."""
        if self.runtime is None:
            return {}
        path = os.environ.get("PATH", os.defpath)
        return {
            "PATH": f"{self._bare_python('python').parent}:{path}",
            "PYTHONPATH": str(self.runtime / "python"),
        }

    def _program(self) -> list[str | Path]:
        if self.runtime:
            return [self.runtime / "bootstrap"]
        if (self.task / "wrapper").exists():
            bare = self._bare_python("python")
            return [self.task / "wrapper", bare, "/var/runtime/bootstrap.py"]
        if not (self.task / "bootstrap").exists():
            bare = self._bare_python("python")
            return [bare, *arguments(self.task, self.options.handler or "")]
        if not (self.task / "interpreter").exists():
            if (self.opt / "interpreter").exists():
                (self.task / "interpreter").symlink_to(self.opt / "interpreter")
            else:  # a layer brings it that is not known here
                self._bare_python("task/interpreter")
        return [self.task / "bootstrap"]

    def as_in_lambda(self, text: str) -> str:
        """Return a text with the paths that it would have in Lambda."""
        places = {self.task: "/var/task", self.opt: "/opt", self.runtime: "/var/runtime"}
        for place, name in places.items():
            if place:
                text = text.replace(str(place), name)
        return text

    def _bare_python(self, name: str) -> Path:
        """Make an environment of the Python that has the standard library and nothing else."""
        folder, python = self.folder / name, self.python.resolve()
        program = folder / "bin" / f"python{self.options.minor}"
        program.parent.mkdir(parents=True)
        program.symlink_to(python)
        home = f"home = {python.parent}\ninclude-system-site-packages = false\n"
        (folder / "pyvenv.cfg").write_text(home, "utf-8")
        return program


def deployed(name: str) -> str:
    """Return the name of a file in Lambda; an image's build context has folders for its layers."""
    return name.removeprefix("dependencies/").removeprefix("function/")


def _lay_out(entries: Mapping[str, Entry], folder: Path) -> None:
    files = {
        folder / name: entry
        for name, entry in entries.items()
        if not name.startswith("interpreter/")
    }
    for parent in {folder, *(path.parent for path in files)}:
        parent.mkdir(parents=True, exist_ok=True)
    for path, entry in files.items():
        _place(entry, path)


def _place(entry: Entry, path: Path) -> None:
    if entry.group != "function":
        try:
            path.hardlink_to(entry.path)
        except OSError:  # another file system
            pass
        else:
            return
    shutil.copyfile(entry.path, path)
    path.chmod(entry.mode)


def _link_interpreter(entries: Mapping[str, Entry], options: Options, folder: Path) -> None:
    """Put the interpreter, if there is one, where it is in Lambda: the whole folder at once."""
    if program := entries.get(f"interpreter/bin/python{options.minor}"):
        (folder / "interpreter").symlink_to(program.path.parents[1])
