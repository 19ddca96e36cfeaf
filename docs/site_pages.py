"""A hook of MkDocs: the READMEs of the repository are pages of the site, where links find them.

On the site, ``docs`` is the root, and a README stands under its path in the repository.
"""  # noqa: INP001 (MkDocs loads it by its path)

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
READMES = [
    path.relative_to(ROOT).as_posix()
    for pattern in (
        "benchmarks/README.md",
        "emulator/RIE.md",
        "emulator/README.md",
        "packages/*/README.md",
        "samples/**/README.md",
    )
    for path in sorted(ROOT.glob(pattern))
]
LINK = re.compile(
    r"(?<!!)\[(?P<text>[^\]]*)\]\((?!https?:|#)(?P<target>[^)#\s]+)(?P<anchor>#[^)]*)?\)"
)


def on_files(files: Any, config: Any) -> Any:
    """Add the READMEs to the files of the site.

    Args:
        files: What MkDocs has found in ``docs``.
        config: The site's configuration.

    Returns:
        All files of the site.
    """
    from mkdocs.structure.files import File

    for readme in READMES:
        files.append(File.generated(config, readme, abs_src_path=str(ROOT / readme)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Make links of the repository links of the site.

    Args:
        markdown: The page as it is in the repository.
        page: The page.

    Returns:
        The page for the site. What the site does not have is text there, and no link.
    """
    uri: str = page.file.src_uri
    here = posixpath.dirname(uri if uri in READMES else f"docs/{uri}")

    def on_site(target: str) -> str | None:
        path = posixpath.normpath(posixpath.join(here, target))
        if (ROOT / path).is_dir():
            path = posixpath.join(path, "README.md")
        path = path.removeprefix("docs/") if path.startswith("docs/") else path
        known = path in READMES or (ROOT / "docs" / path).is_file()
        return posixpath.relpath(path, posixpath.dirname(uri) or ".") if known else None

    def replaced(match: re.Match[str]) -> str:
        text, target, anchor = match["text"], match["target"], match["anchor"] or ""
        found = on_site(target)
        return f"[{text}]({found}{anchor})" if found else text

    return LINK.sub(replaced, markdown)
