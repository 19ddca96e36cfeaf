"""Where this project's packages come from: from where the emulator itself was installed."""

import json
from importlib.metadata import distribution
from pathlib import Path
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


def sources_of(*, requirement: bool = False) -> dict[str, str]:
    """Return where uv finds the packages, by name; nothing if they come from an index.

    Args:
        requirement: Whether to return requirements, not the inside of ``tool.uv.sources``.
    """
    text = distribution("lambda-emulator").read_text("direct_url.json")
    if text is None:
        return {}
    origin = json.loads(text)
    url = origin["url"]
    if "vcs_info" in origin:
        revision = origin["vcs_info"]["commit_id"]
        if requirement:
            return {
                name: f"{name} @ git+{url}%{revision}#subdirectory={folder}"
                for name, folder in _FOLDERS.items()
            }
        return {
            name: f'git = "{url}", subdirectory = "{folder}", rev = "{revision}"'
            for name, folder in _FOLDERS.items()
        }
    if "dir_info" not in origin:
        return {}
    checkout = Path(url2pathname(urlsplit(url).path)).parent
    if requirement:
        return {
            name: f"{name} @ {(checkout / folder).as_uri()}" for name, folder in _FOLDERS.items()
        }
    return {
        name: f'path = "{(checkout / folder).as_posix()}", editable = true'
        for name, folder in _FOLDERS.items()
    }
