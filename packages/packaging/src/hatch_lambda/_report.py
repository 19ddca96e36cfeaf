"""The report: the sizes of an archive's parts, and the times of imports in a cold start."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ._archive import MIB, Size
from ._check import deployed, why_not
from ._start import Start, measure
from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ._archive import Entry
    from ._options import Options


def describe(
    options: Options, sizes: Mapping[str, Size], entries: Mapping[str, Entry], python: Path
) -> str:
    """Return the report, as text.

    Args:
        options: The options of the function.
        sizes: The size of each group.
        entries: The files in the archive.
        python: A Python of the same version that runs here.
    """
    groups = {name: entry.group for name, entry in entries.items()}
    lines = [f"{options.name}: {options.layout} for {options.target}", "", *_size_table(sizes)]
    if reason := why_not(options):
        return "\n".join([*lines, "", f"Import times are not measured: {reason}."])
    try:
        start = _start(options, entries, python)
    except BuildError as error:
        return "\n".join([*lines, "", f"Import times are not measured: {error}"])
    return "\n".join(
        [*lines, "", *_import_table(start, groups), "", *_unused(start, sizes, groups)]
    )


def _start(options: Options, entries: Mapping[str, Entry], python: Path) -> Start:
    with TemporaryDirectory(prefix="hatch-lambda-") as folder:
        for name, entry in entries.items():
            if not name.startswith("interpreter/"):
                path = Path(folder, deployed(name))
                path.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(entry.path, path)
        return measure(python, Path(folder), options.handler or "")


def _size_table(sizes: Mapping[str, Size]) -> Iterator[str]:
    yield f"{'what':32} {'files':>7} {'unzipped':>12} {'zipped':>12}"
    yield from (_size_row(name, size) for name, size in sizes.items())
    each = sizes.values()
    files, unzipped = sum(size.files for size in each), sum(size.unzipped for size in each)
    yield _size_row("all", Size(files, unzipped, sum(size.zipped for size in each)))


def _size_row(name: str, size: Size) -> str:
    return f"{name:32} {size.files:7} {size.unzipped / MIB:8.2f} MiB {size.zipped / MIB:8.2f} MiB"


def _import_table(start: Start, groups: Mapping[str, str]) -> Iterator[str]:
    owners = _owners(groups)
    modules: dict[str, Counter[str]] = {}
    for module, microseconds in start.imports.items():
        owner = owners.get(module.split(".")[0], "Python's own")
        modules.setdefault(owner, Counter())[module] = microseconds
    yield f"{'imported by a cold start':32} {'modules':>7} {'time':>10}   its slowest modules"
    for owner, own in sorted(modules.items(), key=lambda item: -item[1].total()):
        slowest = ", ".join(f"{name} {time / 1e3:.1f}" for name, time in own.most_common(3))
        yield f"{owner:32} {len(own):7} {own.total() / 1e3:7.1f} ms   {slowest}"
    total = sum(start.imports.values()) / 1e3
    until = f"of {start.milliseconds:.1f} to the first poll"
    yield f"{'all':32} {len(start.imports):7} {total:7.1f} ms   {until}"


def _unused(start: Start, sizes: Mapping[str, Size], groups: Mapping[str, str]) -> Iterator[str]:
    owners = _owners(groups)
    used = {owners.get(module.split(".")[0]) for module in start.imports}
    unused = [name for name in sizes if name in set(owners.values()) - used - {"function"}]
    yield "Not imported by it: to be left out (option without) if no invocation needs them"
    yield from (_size_row(name, sizes[name]) for name in unused)
    if not unused:
        yield "nothing"


def _owners(groups: Mapping[str, str]) -> dict[str, str]:
    """Return the group of each top-level module."""
    owners: dict[str, str] = {}
    for name, group in groups.items():
        path = deployed(name)
        if path.endswith((".py", ".so")) and not path.startswith("interpreter/"):
            owners[path.split("/")[0].split(".")[0]] = group
    return owners
