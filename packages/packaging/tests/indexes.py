"""An index of packages with a password, and the packages on it."""

from __future__ import annotations

import base64
import io
import tarfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING
from zipfile import ZipFile

if TYPE_CHECKING:
    from pathlib import Path

USER, PASSWORD = "reader", "secret"
_BACKEND = """
import os, zipfile

def build_wheel(folder, config_settings=None, metadata_directory=None):
    wheel = "{name}-1.0-{tag}.whl"
    with zipfile.ZipFile(os.path.join(folder, wheel), "w") as file:
        for name, text in {files!r}.items():
            file.writestr(name, text)
    return wheel
"""


class Index(ThreadingHTTPServer):
    """Serves indexes (PEP 503), of which all can read ``open``, and the others take a password."""

    daemon_threads = True

    def __init__(self, folder: Path, password: str = PASSWORD) -> None:
        super().__init__(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))
        self.allowed = f"Basic {base64.b64encode(f'{USER}:{password}'.encode()).decode()}"
        self.thread = Thread(target=self.serve_forever)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.thread.join()
        self.server_close()


class _Handler(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Index)
        allowed = self.headers.get("Authorization") == self.server.allowed
        if self.path.startswith("/open/") or allowed:
            super().do_GET()
            return
        self.send_response(401)
        self.send_header("WWW-Authenticate", "Basic realm=packages")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_request(self, code: object = None, size: object = None) -> None:
        """Say nothing."""

    def log_error(self, format: str, *args: object) -> None:  # noqa: A002 (its names)
        """Say nothing."""


def wheel(folder: Path, name: str, requires: str = "", version: str = "1.0") -> Path:
    """Write a wheel to an index."""
    path = folder / name / f"{name}-{version}-py3-none-any.whl"
    path.parent.mkdir(exist_ok=True)
    with ZipFile(path, "w") as file:
        for file_name, text in _content(name, "py3-none-any", requires, version).items():
            file.writestr(file_name, text)
    return path


def sdist(folder: Path, name: str, tag: str) -> None:
    """Write a source distribution, whose wheel has a tag, to an index."""
    (folder / name).mkdir()
    with tarfile.open(folder / name / f"{name}-1.0.tar.gz", "w:gz") as file:
        for file_name, text in source(name, tag).items():
            info = tarfile.TarInfo(f"{name}-1.0/{file_name}")
            info.size = len(text)
            file.addfile(info, io.BytesIO(text.encode()))


def source(name: str, tag: str = "py3-none-any") -> dict[str, str]:
    """Return the files of a project that builds without any other package."""
    files = _content(name, tag)
    return {
        "PKG-INFO": f"Metadata-Version: 2.2\nName: {name}\nVersion: 1.0\n",
        "backend.py": _BACKEND.format(name=name, tag=tag, files=files),
        "pyproject.toml": "[build-system]\nrequires = []\nbuild-backend = 'backend'\n"
        f"backend-path = ['.']\n[project]\nname = '{name}'\nversion = '1.0'\n",
    }


def _content(name: str, tag: str, requires: str = "", version: str = "1.0") -> dict[str, str]:
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    return {
        f"{name}/__init__.py": "",
        f"{info}/METADATA": metadata + (f"Requires-Dist: {requires}\n" if requires else ""),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\n"
        f"Tag: {tag}\n",
        f"{info}/RECORD": "".join(
            f"{file},,\n" for file in (f"{name}/__init__.py", f"{info}/METADATA", f"{info}/WHEEL")
        ),
    }
