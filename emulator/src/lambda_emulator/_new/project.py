"""Projects made of templates: a function with its types, tests, event and deployment."""

import keyword
import re
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template
from typing import NamedTuple

from .sources import sources_of

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_MAX_NAME = 64
_TEMPLATE = ".in"


_TOOLS = (
    "hatch>=1.14",
    "hatch-lambda",
    "lambda-emulator[events]",
    "lambda-testing",
    "mypy>=1.16",
    "pytest>=8.3",
    "ruff>=0.12",
)


class Kind(NamedTuple):
    """A kind of project.

    Attributes:
        about: What it is, in a line.
        dependencies: What the function needs.
        event: The resource of the SAM template that invokes it, indented for ``Events``.
        options: More properties of the function in the SAM template.
        emulator: More options of the emulator, as TOML.
    """

    about: str
    dependencies: tuple[str, ...] = ("lambda-runtime[events,typed]", "lambda-events")
    event: str = ""
    options: str = ""
    emulator: str = ""


_URL = """      FunctionUrlConfig:
        AuthType: NONE
        InvokeMode: {}
"""
KINDS = {
    "http": Kind(
        "orders over HTTP, with typed requests and responses",
        event="""        Api:
          Type: HttpApi
""",
        emulator='url-format = "v2"\n',
    ),
    "sqs": Kind(
        "a queue's messages, of which only those that fail come again",
        event="""        Queue:
          Type: SQS
          Properties:
            Queue: !GetAtt Queue.Arn
            FunctionResponseTypes: [ReportBatchItemFailures]
""",
    ),
    "stream": Kind(
        "a response that is streamed, piece by piece",
        dependencies=("lambda-runtime",),
        options=_URL.format("RESPONSE_STREAM"),
        emulator='url-mode = "RESPONSE_STREAM"\n',
    ),
    "web": Kind(
        "a web application of FastAPI",
        dependencies=("lambda-runtime", "lambda-asgi", "fastapi>=0.115"),
        options=_URL.format("BUFFERED"),
    ),
    "scheduled": Kind(
        "something that happens every night",
        event="""        Night:
          Type: ScheduleV2
          Properties:
            ScheduleExpression: cron(0 2 * * ? *)
""",
    ),
}


class NewProjectError(ValueError):
    """A project cannot be made; the message says why."""


def create_project(folder: Path, kind: str) -> list[Path]:
    """Create a project.

    Args:
        folder: Where; its name becomes the function's.
        kind: One of `KINDS`.

    Returns:
        The files that were written.

    Raises:
        NewProjectError: The name cannot be that of a function, or something is there already.
    """
    name = folder.name
    if not _NAME.fullmatch(name) or len(name) > _MAX_NAME or keyword.iskeyword(name):
        raise NewProjectError(
            f"{name!r} cannot be the name of a project: use lower-case letters, digits and single"
            f" hyphens, at most {_MAX_NAME} characters."
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise NewProjectError(f"{folder} exists already, and is not an empty folder.")
    values = _values(name, KINDS[kind])
    templates = files("lambda_emulator._new") / "templates"
    written: list[Path] = []
    for root in (templates / "common", templates / kind):
        for path, content in _walk(root, ""):
            target = folder / path.removesuffix(_TEMPLATE)
            target.parent.mkdir(parents=True, exist_ok=True)
            text = content.read_text("utf-8")
            target.write_text(
                _Names(text).substitute(values) if path.endswith(_TEMPLATE) else text, "utf-8"
            )
            written.append(target)
    return sorted(written)


class _Names(Template):
    """Names between ``%{`` and ``}``: dollars belong to workflows and shells."""

    delimiter = "%"


def _values(name: str, kind: Kind) -> dict[str, str]:
    sources = sources_of()
    ours = {each.partition("[")[0] for each in (*kind.dependencies, *_TOOLS)}
    listed = "".join(f"{each} = {{ {sources[each]} }}\n" for each in sorted(ours & sources.keys()))
    return {
        "name": name,
        "resource": "".join(part.capitalize() for part in name.split("-")),
        "about": kind.about,
        "dependencies": _list(kind.dependencies),
        "tools": _list(_TOOLS),
        "sources": f"\n[tool.uv.sources]\n{listed}" if listed else "",
        "builder": sources_of(requirement=True).get("hatch-lambda", "hatch-lambda"),
        "emulator": kind.emulator,
        "options": kind.options,
        "events": f"      Events:\n{kind.event}" if kind.event else "",
        "queue": "  Queue:\n    Type: AWS::SQS::Queue\n" if "Queue:" in kind.event else "",
    }


def _list(names: tuple[str, ...]) -> str:
    return "".join(f'    "{name}",\n' for name in names)


def _walk(folder: Traversable, path: str) -> list[tuple[str, Traversable]]:
    found: list[tuple[str, Traversable]] = []
    for each in folder.iterdir():
        if each.name == "__pycache__":
            continue
        below = f"{path}{each.name}"
        found += _walk(each, f"{below}/") if each.is_dir() else [(below, each)]
    return found
