"""The origin of this project's packages: that of the installed emulator."""

import json
from collections.abc import Mapping
from importlib.metadata import distribution
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import urlsplit
from urllib.request import url2pathname

# Their folders in the repository.
_FOLDERS = {
    "hatch-lambda": "packages/packaging",
    "lambda-asgi": "packages/asgi",
    "lambda-emulator": "emulator",
    "lambda-events": "packages/events",
    "lambda-logging": "packages/logging",
    "lambda-runtime": "packages/runtime",
    "lambda-testing": "packages/testing",
}


class Source(NamedTuple):
    """A package that does not come from an index.

    Attributes:
        table: The value of its key in ``tool.uv.sources``, as TOML.
        requirement: The requirement that names its address.
    """

    table: str
    requirement: str


class Sources(NamedTuple):
    """The places that the packages come from; empty for an index.

    Attributes:
        packages: The sources by the names of packages.
        wheels: The table of a folder with wheels, as TOML: those of all packages, also of the ones
            that a project does not name.
        builder: The requirement of hatch-lambda.
    """

    packages: Mapping[str, Source] = MappingProxyType({})
    wheels: str = ""
    builder: str = "hatch-lambda"


def find_sources() -> Sources:
    """Return the sources of the packages."""
    text = distribution("lambda-emulator").read_text("direct_url.json")
    origin = {} if text is None else json.loads(text)
    url = urlsplit(origin.get("url", ""))
    path = Path(url2pathname(url.path))
    if "vcs_info" in origin:
        return _all_from(_from_git(origin["url"], origin["vcs_info"]["commit_id"]))
    if "dir_info" in origin:
        return _all_from(_from_checkout(path.parent))
    if url.scheme == "file":
        return _from_wheels(path.parent)
    return Sources()


def _all_from(packages: Mapping[str, Source]) -> Sources:
    return Sources(packages, builder=packages["hatch-lambda"].requirement)


def _from_git(url: str, revision: str) -> dict[str, Source]:
    return {
        name: Source(
            f'{{ git = "{url}", subdirectory = "{folder}", rev = "{revision}" }}',
            f"{name} @ git+{url}@{revision}#subdirectory={folder}",
        )
        for name, folder in _FOLDERS.items()
    }


def _from_checkout(root: Path) -> dict[str, Source]:
    return {
        name: Source(
            f"{{ path = {_quoted((root / folder).as_posix())}, editable = true }}",
            f"{name} @ {(root / folder).as_uri()}",
        )
        for name, folder in _FOLDERS.items()
    }


def _from_wheels(folder: Path) -> Sources:
    name, url = "wheels", _quoted(folder.as_posix())
    wheels = f'\n[[tool.uv.index]]\nname = "{name}"\nurl = {url}\nformat = "flat"\n'
    builders = sorted(folder.glob("hatch_lambda-*.whl"))
    if not builders:
        return Sources(wheels=wheels)
    return Sources(wheels=wheels, builder=f"hatch-lambda @ {builders[-1].as_uri()}")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # a string of JSON is one of TOML
