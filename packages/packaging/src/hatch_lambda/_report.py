"""The report: the sizes of an archive's parts, and the times of imports in a cold start."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from ._archive import MIB, Size
from ._check import why_not
from ._distributions import installed, needed
from ._kinds import MARKERS
from ._sandbox import Sandbox, deployed
from ._start import Start, measure
from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ._archive import Entry
    from ._distributions import Distribution
    from ._layers import Layers
    from ._options import Options
    from ._prune import LeftOut


def describe(
    options: Options,
    sizes: Mapping[str, Size],
    entries: Mapping[str, Entry],
    layers: Layers,
    python: Path,
    direct: Iterable[str] = (),
    left_out: Sequence[LeftOut] = (),
) -> str:
    """Return the report, as text.

    Args:
        options: The options of the function.
        sizes: The size of each group.
        entries: The files in the archive.
        layers: Those of its layers.
        python: A Python of the same version that runs here.
        direct: The requirements of the project itself.
        left_out: The files of dependencies and interpreter that are not in the archive.
    """
    groups = {name: entry.group for name, entry in {**layers.modules, **entries}.items()}
    title = f"{options.name}: {options.layout} for {options.target}"
    lines = [title, "", *_size_table(sizes), *_left_out_table(left_out)]
    if reason := why_not(options):
        return "\n".join([*lines, "", f"Import times are not measured: {reason}."])
    try:
        start = _start(options, entries, layers, python)
    except BuildError as error:
        return "\n".join([*lines, "", f"Import times are not measured: {error}"])
    found = installed(entry.path for entry in entries.values())
    unused = _unused(start, sizes, groups, found)
    suggestions = _suggestions(unused, found, direct, sizes)
    return "\n".join([*lines, "", *_import_table(start, groups), "", *suggestions])


def _start(options: Options, entries: Mapping[str, Entry], layers: Layers, python: Path) -> Start:
    with TemporaryDirectory(prefix="hatch-lambda-") as folder:
        sandbox = Sandbox(options, Path(folder), layers, python)
        sandbox.lay_out(entries)
        handler, variables = options.handler or "", sandbox.variables
        return measure(python, sandbox.task, handler, sandbox.prefix, variables)


def _size_table(sizes: Mapping[str, Size]) -> Iterator[str]:
    yield f"{'what':32} {'files':>7} {'unzipped':>12} {'zipped':>12}"
    yield from (_size_row(name, size) for name, size in sizes.items())
    each = sizes.values()
    files, unzipped = sum(size.files for size in each), sum(size.unzipped for size in each)
    yield _size_row("all", Size(files, unzipped, sum(size.zipped for size in each)))


def _size_row(name: str, size: Size) -> str:
    return f"{name:32} {size.files:7} {size.unzipped / MIB:8.2f} MiB {size.zipped / MIB:8.2f} MiB"


def _left_out_table(left_out: Iterable[LeftOut]) -> Iterator[str]:
    """List what was left out, a line for each folder of tests and for each kind of other files."""
    yield f"{'left out':32} {'files':>7} {'unzipped':>12}   kind"
    groups: dict[tuple[str, str, str], list[int]] = {}
    for each in left_out:
        if each.reason == MARKERS:  # a few bytes, of every distribution
            key = ("all", each.name.rpartition("/")[2], each.reason)
        else:
            key = (each.distribution, _place(each), each.reason)
        groups.setdefault(key, []).append(each.size)
    for (distribution, place, reason), sizes in sorted(
        groups.items(), key=lambda item: (-sum(item[1]), item[0])
    ):
        what = f"{distribution}: {place}"
        size = _amount(sum(sizes))
        yield f"{what:32} {len(sizes):7} {size:>12}   {reason}"
    if not groups:
        yield "nothing"


def _place(left_out: LeftOut) -> str:
    """Return the file, or the folder of tests, or the top-level folder and the suffix."""
    folder, _, file = left_out.name.rpartition("/")
    parts = folder.split("/")
    for tests in ("tests", "test"):
        if tests in parts:
            return "/".join(parts[: parts.index(tests) + 1]) + "/"
    if left_out.reason.startswith("binaries"):
        return left_out.name
    suffix = f"*.{file.rpartition('.')[2]}" if "." in file else "*"
    return f"{parts[0]}/{suffix}" if folder else file


def _amount(size: int) -> str:
    return f"{size / MIB:.2f} MiB" if size >= MIB / 10 else f"{size / 1024:.1f} KiB"


def _import_table(start: Start, groups: Mapping[str, str]) -> Iterator[str]:
    owners = _owners(groups)
    modules: dict[str, Counter[str]] = {}
    for module, microseconds in start.imports.items():
        owner = _owner(module, owners) or "Python's own"
        modules.setdefault(owner, Counter())[module] = microseconds
    yield f"{'imported by a cold start':32} {'modules':>7} {'time':>10}   its slowest modules"
    for owner, own in sorted(modules.items(), key=lambda item: -item[1].total()):
        slowest = ", ".join(f"{name} {time / 1e3:.1f}" for name, time in own.most_common(3))
        yield f"{owner:32} {len(own):7} {own.total() / 1e3:7.1f} ms   {slowest}"
    total = sum(start.imports.values()) / 1e3
    until = f"of {start.milliseconds:.1f} to the first poll"
    yield f"{'all':32} {len(start.imports):7} {total:7.1f} ms   {until}"


def _unused(
    start: Start,
    sizes: Mapping[str, Size],
    groups: Mapping[str, str],
    found: Mapping[str, Distribution],
) -> dict[str, str]:
    """Return the groups of distributions that a cold start does not import, by normalized name."""
    owners = _owners(groups)
    used = {_owner(module, owners) for module in start.imports}
    modules = set(owners.values())  # the project's own metadata is a distribution without one
    unused = {canonicalize_name(name): name for name in sizes if name in modules - used}
    return {name: group for name, group in unused.items() if name in found}


def _suggestions(
    unused: Mapping[str, str],
    found: Mapping[str, Distribution],
    direct: Iterable[str],
    sizes: Mapping[str, Size],
) -> Iterator[str]:
    """Say what can be left out, with all that nothing else needs, and what that saves."""
    yield "Not imported by it: leave out (option without) unless an invocation needs them"
    direct = list(direct)
    along = {name: found.keys() - _needed_without(name, found, direct) for name in unused}
    along = {name: gone for name, gone in along.items() if gone <= unused.keys()}
    for name, gone in along.items():
        if any(name in others for other, others in along.items() if other != name):
            continue
        each = [sizes[unused[one]] for one in gone]
        files, unzipped = sum(size.files for size in each), sum(size.unzipped for size in each)
        yield _size_row(unused[name], Size(files, unzipped, sum(size.zipped for size in each)))
        if others := sorted(gone - {name}):
            yield f"  with {', '.join(others)}"
    if not along:
        yield "nothing"


def _needed_without(
    name: str, found: Mapping[str, Distribution], direct: Iterable[str]
) -> set[str]:
    return needed(found, direct, lambda each, _: each == name)


def _owners(groups: Mapping[str, str]) -> dict[str, str]:
    """Return the group of each module: distributions may share a package, as ``google`` is."""
    owners: dict[str, str] = {}
    for name, group in groups.items():
        path = deployed(name)
        if path.endswith((".py", ".so")) and not path.startswith("interpreter/"):
            folder, _, file = path.rpartition("/")
            stem = file.split(".")[0]
            parts = [*folder.split("/"), *([] if stem == "__init__" else [stem])]
            owners[".".join(filter(None, parts))] = group
    return owners


def _owner(module: str, owners: Mapping[str, str]) -> str | None:
    """Return the group of a module, or of its package where it has no file of its own."""
    while module and module not in owners:
        module = module.rpartition(".")[0]
    return owners.get(module)
