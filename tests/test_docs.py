"""The documentation's programs run, its commands and messages exist, and its links work."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pytest
from uv import find_uv_bin

import hatch_lambda
import lambda_events

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambda_testing import LambdaProcess
    from lambda_testing.plugin import StartProcess

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
# These are tested by the packages that they are about, and by test_observability.py.
TESTED_ELSEWHERE = {
    "deploying.md",
    "getting-started.md",
    "observability.md",
    "runtime-image.md",
    "testing.md",
}
PAGES = sorted(DOCS.rglob("*.md"))
LINKING = [*PAGES, ROOT / "README.md", *sorted(ROOT.glob("samples/**/README.md"))]

BLOCK = re.compile(
    r"(?:^<!-- try: (?P<event>.*) => (?P<answer>.*) -->\n)?"
    r"^```(?P<info>.*)\n(?P<text>(?:.*\n)*?)```$",
    re.MULTILINE,
)
LANGUAGES = {"console", "hcl", "ini", "json", "python", "sh", "text", "toml", "yaml"}
FOLDER = re.compile(r"(samples|packages|emulator|benchmarks|\.ci)/")
HEADING = re.compile(r"^#+ (.+?)\s*$", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(#[^)\s]*)?\)")
LIMIT = 240  # seconds
EMULATOR = "http://127.0.0.1:9000"


def blocks(info: str, pages: list[Path]) -> list[Any]:
    """Return the fenced blocks of a language, as parameters of a test."""
    return [
        pytest.param(block, id=f"{page.relative_to(ROOT)}-{number}")
        for page in pages
        for number, block in enumerate(BLOCK.finditer(page.read_text("utf-8")), 1)
        if block["info"] == info
    ]


def to_event(text: str) -> object:
    """Return the event of a `try` comment: JSON, or a call of a model's `build`."""
    if text.startswith("{"):
        return json.loads(text)
    names = {name: getattr(lambda_events, name) for name in dir(lambda_events)}
    return lambda_events.unstructure(eval(text, names))


def ask_emulator(program: str, directory: Path) -> str:
    """Run a program that invokes a function of the emulator; return what it prints."""
    (directory / "app.py").write_text(
        "def handler(event): return {'message': f'Hello {event[\"name\"]}!'}\n"
    )
    command = [sys.executable, "-m", "lambda_emulator", "run", "app.handler", "--port=0"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    with subprocess.Popen(
        command, cwd=directory, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as emulator:
        assert emulator.stderr is not None
        address = emulator.stderr.readline().split()[-1].partition("/2015")[0]
        try:
            return subprocess.run(
                [sys.executable, "-c", program.replace(EMULATOR, address)],
                env={**clean, "AWS_EC2_METADATA_DISABLED": "true", "HOME": str(directory)},
                stdout=subprocess.PIPE,
                text=True,
                check=True,
                timeout=LIMIT,
            ).stdout
        finally:
            emulator.terminate()


TESTS = [
    param
    for param in blocks("python", [ROOT / "README.md", DOCS / "web.md"])
    if "def test_" in param.values[0][0]
]
RUN_BY_PYTEST = {param.id for param in TESTS}


@pytest.mark.parametrize(
    "block",
    [
        param
        for param in blocks("python", [page for page in PAGES if page.name not in TESTED_ELSEWHERE])
        if param.id not in RUN_BY_PYTEST and "claims.py" not in param.values[0]["text"]
    ],
)
def test_a_program_runs(block: re.Match[str], tmp_path: Path, lambda_process: StartProcess) -> None:
    (tmp_path / "app.py").write_text(block["text"], encoding="utf-8")
    command = [sys.executable, "-W", "error", "app.py"]
    if EMULATOR in block["text"] and ".invoke(" in block["text"]:
        assert ask_emulator(block["text"], tmp_path) == "{'message': 'Hello Ada!'}\n"
        return
    if "run(handler" not in block["text"]:
        subprocess.run(command, cwd=tmp_path, check=True, timeout=LIMIT)
        return
    assert block["event"], "say what event to try it with: <!-- try: EVENT => ANSWER -->"
    check_answer(block, lambda_process(command, cwd=tmp_path))


def check_answer(block: re.Match[str], function: LambdaProcess) -> None:
    outcome = function.invoke(to_event(block["event"])).outcome
    assert outcome.kind == "response", outcome.body
    answer = outcome.body.decode()
    assert block["answer"].replace(" ", "") in answer.replace("\\", "").replace(" ", "")


def test_the_first_ten_minutes(tmp_path: Path, lambda_process: StartProcess) -> None:
    """Each file of the page is written, each function is invoked, and the tests pass."""
    found = list(BLOCK.finditer((DOCS / "getting-started.md").read_text("utf-8")))
    files = {block["text"].split()[1]: block for block in found if block["info"] == "python"}
    for name, block in files.items():
        (tmp_path / name).write_text(block["text"], "utf-8")
    for name, block in files.items():
        if block["event"]:
            command = [sys.executable, "-W", "error", name]
            check_answer(block, lambda_process(command, cwd=tmp_path))
    assert " 2 passed" in run_tests(tmp_path)
    (project,) = (block["text"] for block in found if block["info"] == "toml")
    target = tomllib.loads(project)["tool"]["hatch"]["build"]["targets"]["lambda"]
    assert f"{target['handler'].split('.')[0]}.py" in files


@pytest.mark.parametrize("block", TESTS)
def test_a_test_passes(block: re.Match[str], tmp_path: Path) -> None:
    (tmp_path / "test_app.py").write_text(block["text"], encoding="utf-8")
    assert " 1 passed" in run_tests(tmp_path)


def test_the_cookbook_claims_an_order_once(tmp_path: Path) -> None:
    """The program that claims an order, and the test of it with moto, are files of one project."""
    for block in BLOCK.finditer((DOCS / "cookbook.md").read_text("utf-8")):
        if "claims.py" in block["text"]:
            (tmp_path / block["text"].split()[1]).write_text(block["text"], "utf-8")
    assert " 1 passed" in run_tests(tmp_path)


@pytest.mark.parametrize("block", blocks("toml", PAGES))
def test_a_setting_is_one_that_exists(block: re.Match[str], tmp_path: Path) -> None:
    """The table of hatch-lambda, where there is one, has options and values that it takes."""
    tool = tomllib.loads(block["text"]).get("tool", {})
    table = tool.get("hatch", {}).get("build", {}).get("targets", {}).get("lambda", {})
    shared = {key: value for key, value in table.items() if key != "functions"}
    for own in table.get("functions", {"app": {}}).values():
        given = {"handler": "app.handler", **shared, **own}
        hatch_lambda.Options.parse(given, {}, name="app", project=tmp_path)


def run_tests(folder: Path) -> str:
    """Run a folder's tests with a pytest of its own; return what it prints."""
    absent = [f"-pno:{name}" for name in ("cacheprovider", "faker", "hypothesispytest", "xdist")]
    command = [sys.executable, "-m", "pytest", *absent]
    # Sessions that share a folder for temporary files clear it, each while others use it.
    command += [f"--basetemp={folder / 'own'}", "--rootdir", "."]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=LIMIT
    ).stdout


# Code that raises, logs or prints a message; the words of a message are in its string literals.
SOURCES = [*ROOT.glob("packages/*/src/**/*.py"), *ROOT.glob("emulator/src/**/*.py")]


def literals(tree: ast.AST) -> Iterator[str]:
    """Yield the strings of a module, with ``\0`` where a value is inserted."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else "\0" for part in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@cache
def listed_messages() -> dict[str, re.Pattern[str]]:
    """Return the messages of the troubleshooting page, with what they match."""
    page = (DOCS / "troubleshooting.md").read_text("utf-8")
    tables = page.partition("\n## Messages of")[2].partition("\n## Unexpected")[0]
    return {
        message: re.compile(
            ".*".join(re.escape(part) for part in re.split(r"\.\.\.+", message) if part)
        )
        for message in re.findall(r"^\| `([^`]+)` \|", tables, re.MULTILINE)
    }


def test_every_message_of_the_troubleshooting_page_exists() -> None:
    trees = [ast.parse(path.read_text("utf-8")) for path in SOURCES]
    known = {text for tree in trees for text in literals(tree)}
    for message, pattern in listed_messages().items():
        longest = max(re.split(r"\.\.\.+", message), key=len)
        assert any(longest in text and pattern.search(text) for text in known), message


# Errors with a place, a protocol or an argument in front of them, which explains them; and AWS's.
SELF_EXPLAINING = re.compile(
    r"ApiError|AssertionError|KeysError|NewProjectError|PatternError|PolicyError|ProjectError|Refusal"
    r"|ScheduleError|SendError|SourceError|SqlError|TemplateError|Unknown\b|_BadAnswer|_BadToken|_Failed|_conflict|_not_found"
    r"|click\.BadParameter|AttributeError|BadResponse|ConnectionError|ConnectionResetError|EventDecodeError|MetricError"
    r"|MalformedHeaderError|RequestError|UnknownCarrier|_invalid|_refused|aws_error\."
)


@pytest.mark.parametrize(
    "package", sorted(path.parent.name for path in SOURCES if path.name == "_version.py")
)
def test_every_error_is_on_the_troubleshooting_page(package: str) -> None:
    unlisted = []
    for path in SOURCES:
        if package not in path.parts or "templates" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)):
                continue
            if SELF_EXPLAINING.match(ast.unparse(node.exc.func)):
                continue
            text = " ".join(line for argument in node.exc.args for line in literals(argument))
            enough = re.sub(r"\W", "", text)
            if (
                " " in text
                and len(enough) > 20
                and not any(pattern.search(text) for pattern in listed_messages().values())
            ):
                unlisted.append(f"{path.name}:{node.lineno}: {text}")
    assert unlisted == []


def test_the_page_on_installing_names_every_package_and_extra() -> None:
    text = (DOCS / "installing.md").read_text("utf-8")
    rows = set(re.findall(r"^\| `([\w-]+)` \| `(\w+)` \| `([\w/]+)` \|$", text, re.MULTILINE))
    extras = set(re.findall(r"^\| `([\w-]+\[\w+\])`", text, re.MULTILINE))
    found, offered = set(), set()
    for path in [*ROOT.glob("packages/*/pyproject.toml"), ROOT / "emulator/pyproject.toml"]:
        project = tomllib.loads(path.read_text("utf-8"))["project"]
        name = project["name"]
        found.add((name, name.replace("-", "_"), path.parent.relative_to(ROOT).as_posix()))
        offered |= {f"{name}[{extra}]" for extra in project.get("optional-dependencies", {})}
    assert rows == found
    assert extras == offered


def test_a_project_beside_a_clone_or_wheels_can_be_locked(tmp_path: Path) -> None:
    """With every source that the page on installing names, and as hatch needs it."""
    (tmp_path / "clone").symlink_to(ROOT)
    project = tmp_path / "orders"
    project.mkdir()
    text = (DOCS / "installing.md").read_text("utf-8")
    parts = [block["text"] for block in BLOCK.finditer(text) if block["info"] == "toml"]
    assert len(parts) == 4
    wheels = tmp_path / "wheels"
    build = [find_uv_bin(), "build", "--quiet", "--all-packages", "--wheel"]
    subprocess.run([*build, "--out-dir", str(wheels)], cwd=ROOT, check=True, timeout=LIMIT)
    without_clone = parts[0].partition("[tool.uv.sources]")[0]
    from_wheels = without_clone + parts[3].replace("/path/to/wheels", str(wheels))
    for written in ("\n".join(parts[:2]), "\n".join(parts[:3]), from_wheels):
        (project / "pyproject.toml").write_text(written, "utf-8")
        command = [find_uv_bin(), "lock", "--quiet"]
        result = subprocess.run(
            command, cwd=project, capture_output=True, text=True, check=False, timeout=LIMIT
        )
        if "error sending request" in result.stderr:
            pytest.skip("the package index cannot be reached")
        assert result.returncode == 0, result.stderr


def test_a_page_that_installs_packages_says_that_none_is_released() -> None:
    """On an index, packages of these names would be somebody else's."""
    ours = re.compile(
        r"^pip install .*lambda-(?:asgi|emulator|events|logging|otel|runtime|testing)"
        r"|^requires = .*hatch-lambda",
        re.MULTILINE,
    )
    for page in [*PAGES, *ROOT.glob("packages/*/README.md"), ROOT / "emulator/README.md"]:
        text = page.read_text("utf-8")
        if ours.search(text) and page.name not in ("installing.md", "troubleshooting.md"):
            assert re.search(r"released yet: .*installing\.md", text), page


def test_every_model_of_an_event_is_listed() -> None:
    """The README of lambda-events names the models; no model is left out of its table."""
    text = (ROOT / "packages/events/README.md").read_text("utf-8")
    table = text.partition("## Models")[2].partition("\n## ")[0]
    listed = re.findall(r"`(\w+)`", table)
    assert [name for name in listed if not hasattr(lambda_events, name) and name != "dict"] == []
    names = [name for name in dir(lambda_events) if name.endswith("Event")]
    parts = {"CloudWatchLogEvent", "CognitoTriggerEvent", "ConfigInvokingEvent"}
    assert set(names) - set(listed) == parts


@pytest.mark.parametrize("block", blocks("console", PAGES))
def test_a_command_names_what_is_there(block: re.Match[str]) -> None:
    lines = block["text"].splitlines()
    commands = [line[2:] for line in lines if line.startswith("$ ")] or lines
    words = {word for command in commands for word in shlex.split(command)}
    assert [word for word in words if FOLDER.match(word) and not (ROOT / word).exists()] == []


def test_every_option_of_the_emulator_exists() -> None:
    command = [sys.executable, "-m", "lambda_emulator"]
    known = ""
    for sub in ("run", "invoke", "new", "send", "describe", "generate-event"):
        known += subprocess.run(
            [*command, sub, "--help"], capture_output=True, text=True, check=True, timeout=LIMIT
        ).stdout
    for page in ("emulator.md", "concurrency.md", "streaming.md", "troubleshooting.md", "web.md"):
        text = (DOCS / page).read_text("utf-8")
        named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))
        assert {option for option in named if option not in known} == set(), page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_has_a_language(page: Path) -> None:
    infos = {block["info"] for block in BLOCK.finditer(page.read_text("utf-8"))}
    assert infos <= LANGUAGES


@cache
def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as sites make them."""
    text = BLOCK.sub("", page.read_text("utf-8"))
    titles = [re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", title) for title in HEADING.findall(text)]
    return {
        "#" + re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", title.lower()).strip()) for title in titles
    }


@pytest.mark.parametrize("page", LINKING, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    broken: list[str] = []
    for path, anchor in LINK.findall(BLOCK.sub("", page.read_text("utf-8"))):
        target = (page.parent / path).resolve() if path else page
        readme = target / "README.md" if target.is_dir() else target
        if not target.exists() or (anchor and anchor not in anchors(readme)):
            broken.append(path + anchor)
    assert broken == []


class Links(HTMLParser):
    """The links, the loaded files and the anchors of a page of the site."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()
        self.feed(page.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect what a tag refers to."""
        values = dict(attrs)
        self.anchors.update(filter(None, (values.get("id"), values.get("name"))))
        if tag == "a" and values.get("href"):
            self.links.append(str(values["href"]))
        if tag in {"script", "img"} and values.get("src"):
            self.loaded.append(str(values["src"]))
        if tag == "link" and values.get("rel") == "stylesheet":
            self.loaded.append(str(values["href"]))


def check_site(site: Path) -> None:
    """Open every link of a built site, and every result of its search."""
    pages = {page: Links(page) for page in site.rglob("*.html") if page.name != "404.html"}
    search = json.loads((site / "search/search_index.json").read_text("utf-8"))["docs"]
    found = [(site / "index.html", entry["location"]) for entry in search]
    found += [(page, link) for page, parsed in pages.items() for link in parsed.links]
    broken = set()
    for page, link in found:
        url = urlsplit(link)
        if url.scheme or url.netloc:
            continue
        target = (page.parent / unquote(url.path)).resolve() if url.path else page
        target = target / "index.html" if target.is_dir() else target
        anchors = pages[target].anchors if target in pages else set()
        if not target.exists() or (url.fragment and unquote(url.fragment) not in anchors):
            broken.add(f"{page.relative_to(site)}: {link}")
    assert broken == set()
    loaded = {(page, name) for page, parsed in pages.items() for name in parsed.loaded}
    assert {name for _, name in loaded if urlsplit(name).netloc} == set(), "it works offline"
    files = {page.parent / urlsplit(name).path for page, name in loaded}
    assert {file for file in files if not file.exists()} == set()


def test_every_page_can_be_reached() -> None:
    config = (ROOT / "mkdocs.yml").read_text("utf-8")
    pages = {page.relative_to(DOCS).as_posix() for page in PAGES}
    assert {page for page in pages if f" {page}\n" not in config} == set()


FIRST = {
    "hatch-lambda": "Options",
    "lambda-asgi": "AsgiHandler",
    "lambda-emulator": "Emulator",
    "lambda-events": "structure",
    "lambda-logging": "log",
    "lambda-otel": "instrument",
    "lambda-runtime": "run",
    "lambda-testing": "Invoker",
}


@pytest.mark.skipif(
    importlib.util.find_spec("mkdocs") is None, reason="mkdocs-material is not installed"
)
def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT,
    )
    assert done.returncode == 0, done.stderr
    check_site(tmp_path.resolve())
    assert list(tmp_path.rglob("*.py*")) == [], "the hook that builds the site is not in it"
    assert "Hello" in (tmp_path / "packages/runtime/index.html").read_text("utf-8")
    assert "With a debugger" in (tmp_path / "emulator/index.html").read_text("utf-8")
    for page in DOCS.glob("api/*.md"):
        module = page.stem.replace("-", "_")
        html = (tmp_path / "api" / page.stem / "index.html").read_text("utf-8")
        shown = re.findall(rf'id="{module}\.(\w+)"', html)
        public = set(importlib.import_module(module).__all__) - {"__version__"}
        assert sorted(public - set(shown)) == [], "each public name is shown"
        assert [name for name in shown if name.startswith("_")] == [], "and no private name"
        names = re.findall(r'<h3 id="[\w.]+?\.(\w+)"', html)
        # lambda_events.typed has functions of its own with the names of the package's.
        again = {"make_converter", "structure", "unstructure"}
        assert [name for name in sorted(set(names) - again) if names.count(name) > 1] == []
        assert names[0] == FIRST[page.stem], "what people need first stands first"
