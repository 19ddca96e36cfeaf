"""Options that `lambda_runtime.function` binds to a handler count in archives of each layout."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

from .conftest import linux, of_this_machine, script, unpack

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Project

pytestmark = linux

APP = """
from contextlib import contextmanager
from lambda_runtime import function

@contextmanager
def opened():
    print("entered")
    yield "opened"
    print("left")

def shout(event, context, call_next):
    return call_next(event, context) + "!"

@function(lifespan=opened, middleware=[shout])
def handler(event, context):
    return context.state

if __name__ == "__main__":
    from lambda_runtime import run
    run(handler)
"""
APART = "\nparts = ['dependencies', 'function']\nwithout = ['aiohttp']"
SECONDS = 30


class RuntimeApi(ThreadingHTTPServer):
    """Has one invocation, and then no more."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.events = [b"{}"]
        self.results = Queue[bytes]()
        self.idle = Event()
        self.thread = Thread(target=self.serve_forever)
        self.thread.start()

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, RuntimeApi)
        if "/runtime/invocation/next" in self.path:
            if self.server.events:
                body = self.server.events.pop()
                self.send_response(200)
                self.send_header("Lambda-Runtime-Aws-Request-Id", "one")
                deadline = int((time.time() + SECONDS) * 1000)
                self.send_header("Lambda-Runtime-Deadline-Ms", str(deadline))
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                return
            self.server.idle.set()
        self.rfile.read()  # until the function hangs up

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert isinstance(self.server, RuntimeApi)
        if "/invocation/" in self.path:
            self.server.results.put(body)
        self.send_response(200 if self.path.endswith("/register") else 202)
        self.send_header("Lambda-Extension-Identifier", "extension")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_request(self, code: object = None, size: object = None) -> None:
        """Say nothing."""


def assert_options_count(task: Path, *command: str | Path, **environ: str) -> None:
    """Start a function, invoke it once and end it as Lambda does."""
    with RuntimeApi() as api:
        process = subprocess.Popen(
            command,
            cwd=task,
            env={
                "PATH": "/usr/bin:/bin",
                "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_port}",
                "LAMBDA_TASK_ROOT": str(task),
                **environ,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        with process:
            try:
                result = api.results.get(timeout=SECONDS)
                assert api.idle.wait(SECONDS)
                process.terminate()
                log, _ = process.communicate(timeout=SECONDS)
            finally:
                process.kill()
    assert (process.returncode, json.loads(result), log.split()) == (
        0,
        "opened!",
        ["entered", "left"],
    )


@pytest.mark.parametrize("handler", ["app.handler", "app.py"])
def test_wrapper(project: Callable[..., Project], handler: str, tmp_path: Path) -> None:
    function = project(f"layout = 'wrapper'\nwithout = ['aiohttp']\nhandler = {handler!r}")
    function.write("app.py", APP)
    task = unpack(function.build(), tmp_path / "task")
    assert_options_count(
        task, task / "wrapper", sys.executable, "/var/runtime/bootstrap.py", _HANDLER=handler
    )


@pytest.mark.parametrize("wrapped", [False, True])
def test_bundle(project: Callable[..., Project], wrapped: bool, tmp_path: Path) -> None:
    function = project(of_this_machine() + APART)
    function.write("app.py", APP)
    task = unpack(function.build(), tmp_path / "task")
    (task / "interpreter").symlink_to(sys.base_prefix)
    environ = {}
    if wrapped:
        around = script(tmp_path / "around", '#!/bin/sh\nexec "$@"\n')
        environ["AWS_LAMBDA_EXEC_WRAPPER"] = str(around)
    assert_options_count(task, task / "bootstrap", _HANDLER="app.handler", **environ)


def test_image(project: Callable[..., Project], tmp_path: Path) -> None:
    function = project(of_this_machine(layout="image") + APART)
    function.write("app.py", APP)
    context = function.build()
    task = tmp_path / "task"
    for folder in ("dependencies", "function"):
        shutil.copytree(context / folder, task, dirs_exist_ok=True)
    shutil.copy(context / "bootstrap", task)
    (task / "interpreter").symlink_to(sys.base_prefix)
    assert_options_count(task, task / "bootstrap", "app.handler")


def test_layers(project: Callable[..., Project], tmp_path: Path) -> None:
    layers = "[tool.hatch.build.targets.lambda.functions.{0}]\nparts = [{1!r}]\nlayout = {2!r}\n"
    function = project(
        of_this_machine()
        + "\nwithout = ['aiohttp']\n"
        + layers.format("libraries", "dependencies", "layer")
        + layers.format("small", "function", "bundle")
    )
    function.write("app.py", APP)
    task = unpack(function.build("small"), tmp_path / "task")
    layer = unpack(function.build("libraries"), tmp_path / "opt")
    (task / "interpreter").symlink_to(sys.base_prefix)
    environ = {"_HANDLER": "app.handler", "PYTHONPATH": str(layer / "python")}
    assert_options_count(task, task / "bootstrap", **environ)
