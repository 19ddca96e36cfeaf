"""The origin of this project's packages: that of the installed emulator."""

import json
from importlib.metadata import distribution
from pathlib import Path
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


def find_sources() -> dict[str, Source]:
    """Return the sources of the packages, by name; empty if the emulator came from an index."""
    text = distribution("lambda-emulator").read_text("direct_url.json")
    origin = {} if text is None else json.loads(text)
    if "vcs_info" in origin:
        return _from_git(origin["url"], origin["vcs_info"]["commit_id"])
    if "dir_info" in origin:
        return _from_checkout(Path(url2pathname(urlsplit(origin["url"]).path)).parent)
    return {}


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


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # a string of JSON is one of TOML
