"""The words of documentation, docstrings, comments and messages: plain English."""

from __future__ import annotations

import ast
import re
import subprocess
import tokenize
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]

# Patterns that do not belong in a text, by their remedy. `(?<!there )`: "there is no" is English.
AVOIDED = {
    "write 'is not a'": r"(?<!here )\b(?:is|are|was|were) no (?!longer\b|more than\b|need\b)[\w`]",
    "write 'again' or 'restart'": r"\banew\b",
    "write 'ensure' or 'check'": r"\bsee to it\b",
    "name who gets what": r"\b(?:is|are|was|were|be|been) told\b",
    "write 'says', 'shows' or 'describes'": r"\b[Tt]ells? (?:of|so|what|how|if|whether)\b",
    "write 'is', 'precedes', 'follows' or 'wraps'": (
        r"\b[Ss]tands? (?:in (?!for\b|the way\b)|at|before|behind|around|beside|between)\b"
        r"|\b(?:what|where \w+(?: \w+)?) stands?\b"
    ),
    "write 'forever'": r"\bfor ever\b",
    "write 'pass on'": r"\bhand(?:s|ed)? on\b",
    "write 'about'": r"\b(?:complain(?:s|ed)?|says? nothing|knows? nothing) of\b",
    "write 'except'": r"\bbut for (?:an?|some|that|those|the|`)",
    "write 'besides', or 'in addition to'": r"\bbeside (?:those|what|``)",
    # The verb belongs to the subject: "Let the process that waits continue".
    "join the subject and its relative clause": r"\bgo on that\b",
    # A sentence or description that begins with a question word as its subject is a riddle.
    "begin with the subject": (
        r"(?m)(?:^[ *#/>-]*|[\"'`>(]|[.:!] )(?:What|Who|Whether|How(?! (?:many|much|to)))\b[^?\n]*$"
    ),
}
# So is the description of a parameter: "when: When it came". "Its name" may be anything's.
PARAMETER = r"(?m)^ +\*{0,2}\w+: (?:(?:How|When|Where|Which|Whom|Whose|Why) [a-z]|Its |More about )"
HEADING = r"(?m)^#+ (?:Which|Where|When|Why|Whose)\b[^?\n]*$"
FORMS = {
    ".py": {"describe it by a noun": PARAMETER},
    ".md": {"write a noun as a heading": HEADING},
}
BLOCK = r"(?ms)^```.*?^```"

SUFFIXES = ("py", "md", "js", "html", "yml", "toml")
# The changes of a release are not rewritten, and this file quotes what it refuses.
SKIPPED = re.compile(r"CHANGELOG|^tests/test_style\.py$|(?:^|/)tests/.*(?<!\.py)$")
TESTS = re.compile(r"(?:^|/)tests/")  # they quote what they send
EXCEPTIONS: set[str] = set()  # files that must quote a pattern


def tracked(*patterns: str) -> list[Path]:
    """Return the files of the repository that match, without those that are skipped."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", *patterns]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    return [
        ROOT / name
        for name in found.split("\0")
        if name and not SKIPPED.search(name) and (ROOT / name).is_file()
    ]


def faults(path: Path) -> Iterator[str]:
    """Yield the places of a file whose words should change."""
    text = path.read_text("utf-8")
    if path.suffix == ".md":
        # Programs of a page are not its prose; their lines stay, for the numbers of the others.
        text = re.sub(BLOCK, lambda block: "\n" * block[0].count("\n"), text)
    elif TESTS.search(str(path.relative_to(ROOT))):
        text = remarks(text)
    rules = {**AVOIDED, **FORMS.get(path.suffix, {})}
    for remedy, pattern in rules.items():
        for match in re.finditer(pattern, text):
            line = text.count("\n", 0, match.start()) + 1
            yield f"{path.relative_to(ROOT)}:{line}: {match[0][:50]!r}: {remedy}"


def remarks(program: str) -> str:
    """Return the docstrings and comments of a program, each in its line."""
    lines = [""] * (program.count("\n") + 2)
    for node in ast.walk(ast.parse(program)):
        match node:
            case ast.Module() | ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                if text := ast.get_docstring(node, clean=False):
                    for number, line in enumerate(text.split("\n"), node.body[0].lineno):
                        lines[number - 1] = line
            case _:
                pass
    for token in tokenize.generate_tokens(StringIO(program).readline):
        if token.type == tokenize.COMMENT:
            lines[token.start[0] - 1] = token.string
    return "\n".join(lines)


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this is not a clone")
@pytest.mark.parametrize("folder", ["packages", "emulator", "docs", "."])
def test_the_words_are_plain(folder: str) -> None:
    """A pattern of the table stands in no text of the repository."""
    patterns = [f"{folder}/*.{suffix}" if folder != "." else f"*.{suffix}" for suffix in SUFFIXES]
    found = [
        fault
        for path in tracked(*patterns)
        if folder != "." or path.relative_to(ROOT).parts[0] not in {"packages", "emulator", "docs"}
        for fault in faults(path)
    ]
    assert [fault for fault in found if fault.split(":")[0] not in EXCEPTIONS] == []


@pytest.mark.parametrize(
    ("text", "is_plain"),
    [
        ("It is no string.", False),
        ("There is no string.", True),
        ("It is no longer a string.", True),
        ("The caller is told.", False),
        ("The tests tell apart two cases.", True),
        ("What a handler is. More.", False),
        ("It ends. Whether it fails is said.", False),
        ("What is a handler? A function.", True),
        ("    body: What the client sends.", False),
        ("    done: Whether it has ended.", False),
        ("    # Who calls is in the context.", False),
        ('"""What a handler is."""', False),
        ("<p>What the function sent</p>", False),
        ("It says what it sends, and who gets it.", True),
        ("It tells whether it ended.", False),
        ("    moment: When it came.", False),
        ("    moment: The time at which it came.", True),
        ("    name: Its name.", False),
        ("It starts anew.", False),
        ("Names that stand in a text.", False),
        ("A double that stands in for it.", True),
        ("The text says where a name stands.", False),
        ("It stands for a name.", True),
        ("How it ends. More.", False),
        ("How many are there?", True),
        ("## When it ends", False),
        ("When it ends, it says so.", True),
        ("Let the task go on that waits.", False),
        ("Headers beside those of the function.", False),
        ("A file beside the function.", True),
        ("All files, but for those of tests.", False),
    ],
)
def test_the_check_itself(text: str, is_plain: bool) -> None:
    patterns = [*AVOIDED.values(), PARAMETER, HEADING]
    found = [match for pattern in patterns for match in re.finditer(pattern, text)]
    assert (not found) == is_plain


def test_of_tests_only_docstrings_and_comments_count() -> None:
    program = (
        '"""One."""\nx = "It is no string."  # Two.\n\ndef f():\n    """Three.\n\n    Four."""\n'
    )
    assert remarks(program).split() == ["One.", "#", "Two.", "Three.", "Four."]
