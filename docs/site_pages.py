"""A hook of MkDocs: the READMEs of the repository are pages of the site, where links find them.

On the site, ``docs`` is the root, and a README has its path in the repository. ``emulator`` is an
exception: its address belongs to the guide ``docs/emulator.md``.
"""  # noqa: INP001 (MkDocs loads it by its path)

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGES = {
    path.relative_to(ROOT).as_posix(): re.sub(
        "^emulator/", "packages/emulator/", path.relative_to(ROOT).as_posix()
    )
    for pattern in (
        "benchmarks/README.md",
        "benchmarks/results/*.svg",
        "emulator/RIE.md",
        "emulator/README.md",
        "packages/*/README.md",
        "samples/**/README.md",
    )
    for path in sorted(ROOT.glob(pattern))
}
"""Files outside ``docs``: their paths on the site, by their paths in the repository."""
SOURCES = {site: source for source, site in PAGES.items()}
LINK = re.compile(
    r"(?P<image>!?)\[(?P<text>[^\]]*)\]\((?!https?:|#)(?P<target>[^)#\s]+)(?P<anchor>#[^)]*)?\)"
)


def on_files(files: Any, config: Any) -> Any:
    """Add the files outside ``docs`` to the site.

    Args:
        files: The files that MkDocs found in ``docs``.
        config: The site's configuration.

    Returns:
        All files of the site.
    """
    from mkdocs.structure.files import File

    for source, site in PAGES.items():
        files.append(File.generated(config, site, abs_src_path=str(ROOT / source)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Make links of the repository links of the site.

    Args:
        markdown: The page as it is in the repository.
        page: The page.

    Returns:
        The page for the site. A link to a file that the site does not have becomes text. An image
        ``NAME-light.png`` is shown with a light theme, and ``NAME-dark.png`` with a dark one.
    """
    uri: str = page.file.src_uri
    here = posixpath.dirname(SOURCES.get(uri, f"docs/{uri}"))

    def on_site(target: str) -> str | None:
        path = posixpath.normpath(posixpath.join(here, target))
        if (ROOT / path).is_dir():
            path = posixpath.join(path, "README.md")
        if path in PAGES:
            found = PAGES[path]
        elif path.startswith("docs/") and (ROOT / path).is_file():
            found = path.removeprefix("docs/")
        else:
            return None
        return posixpath.relpath(found, posixpath.dirname(uri) or ".")

    def replaced(match: re.Match[str]) -> str:
        text, target, anchor = match["text"], match["target"], match["anchor"] or ""
        found = on_site(target)
        dark = on_site(target.replace("-light.", "-dark.")) if "-light." in target else None
        if match["image"] and dark:
            return f"![{text}]({found}#only-light) ![{text}]({dark}#only-dark)"
        return f"{match['image']}[{text}]({found}{anchor})" if found else text

    return LINK.sub(replaced, markdown)
