"""Requirements files, as people have them, and what several distributions install."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hatch_lambda._installed import conflicts, describe_conflicts
from hatch_lambda._requirements import direct, hashes, indexes

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """\
# everything
-r more/base.txt  # and what it includes
idna==3.7 \\
    --hash=sha256:00 \\
    --hash=sha256:11  # two files
requests[socks]>=2 ; python_version > "3"  # comment
"""
BASE = (
    "six==1.17 --hash=sha256:22\n--extra-index-url=https://${CORP_USER}:pass@index.example.com/s\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])  # the last is PowerShell's
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_files_are_read_as_pip_does(
    tmp_path: Path, encoding: str, newline: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORP_USER", "reader")
    path = tmp_path / "requirements.txt"
    path.write_text(TEXT, encoding, newline=newline)
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "base.txt").write_text(BASE, "utf-8")
    assert {"idna==3.7", "six==1.17", 'requests[socks]>=2 ; python_version > "3"'} <= {
        *direct([path])
    }
    assert hashes([path]) == {"idna": {"sha256:00", "sha256:11"}, "six": {"sha256:22"}}
    assert indexes([path]) == ["https://reader:pass@index.example.com/s"]


def test_files_of_several_distributions_are_named(tmp_path: Path) -> None:
    for name, digest in {"one": "sha256=a", "two": "sha256=b", "three": "sha256=a"}.items():
        info = tmp_path / f"{name}-1.dist-info"
        info.mkdir()
        rows = f"cv/a.py,{digest},1\ncv/b.py,{digest},1\ncv/gone.py,{digest},1\n"
        rows += f"same.py,sha256=c,1\n{name}.py,{digest},1\n{info.name}/RECORD,,\n"
        (info / "RECORD").write_text(rows, "utf-8")
    for name in ("a", "b"):
        (tmp_path / "cv").mkdir(exist_ok=True)
        (tmp_path / "cv" / f"{name}.py").touch()
    (sentence,) = describe_conflicts(tmp_path, conflicts(tmp_path))
    assert sentence.startswith("one and three and two install cv/a.py and 1 more file with diff")
