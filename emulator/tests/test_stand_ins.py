"""A server that is imported quickly, and other users of the modules that it imports late."""

import subprocess
import sys

import pytest

_PROGRAM = """
import sys

from lambda_emulator._quick_start import quick_start

with quick_start():
    from aiohttp import web

late = {"attr._make", "email.headerregistry", "html.entities", "http.client", "aiohttp.client"}
assert not late & set(sys.modules), late & set(sys.modules)

async def handle(request: web.Request) -> web.Response:
    return web.Response()

routes = [web.get("/a", handle), web.get("/a", handle), web.get("/b", handle)]
assert routes[0] == routes[1] != routes[2], routes
assert routes[0] != "/a"
assert len({route.path for route in routes}) == 2
assert "GET /a" in repr(routes[0])
assert repr(web.WebSocketReady(True, None)) == "WebSocketReady(ok=True, protocol=None)"
assert hash(web.WebSocketReady(True, protocol=None)) == hash(web.WebSocketReady(True, None))
assert web.WebSocketResponse[bool]

import urllib.request

from aiohttp.helpers import proxies_from_env

assert "http" in proxies_from_env()
assert urllib.request.getproxies()["http"] == "http://proxy.example:1"
assert urllib.request.Request("http://a.example/").host == "a.example"

import argparse
import hashlib
import html
import inspect
import ipaddress
import platform
import shutil
import tempfile
import textwrap
import tokenize

from aiohttp.helpers import parse_content_type
from aiohttp import web_request
from aiohttp.web import ArgumentParser
from aiohttp.web_protocol import html_escape

assert html.unescape("&auml;") == "\\xe4"
assert html_escape("<") == html.escape("<") == "&lt;"
assert ArgumentParser(prog="a").prog == argparse.ArgumentParser(prog="a").prog
assert hashlib.sha256(b"a").hexdigest().startswith("ca97")
assert platform.system() == platform.uname().system
assert platform.python_implementation() == "CPython"
assert parse_content_type('a/b; charset="\u00e4"; x=1')[0] == "a/b"
assert dict(parse_content_type("a/b; charset=utf-8; x=1")[1]) == {"charset": "utf-8", "x": "1"}
assert ipaddress.ip_address("::1").is_loopback
assert shutil.which("sh") and textwrap.dedent("  a") == "a" and tokenize.detect_encoding
assert inspect.getsource(inspect.getsource).startswith("def getsource")

import yarl

assert yarl.URL.build(scheme="http", host="::1").host == "::1"
with web_request.SpooledTemporaryFile() as file, tempfile.TemporaryFile():
    assert file.write(b"a") == 1

import attr
import typing_extensions

@attr.s(auto_attribs=True, frozen=True)
class Point:
    x: int

assert attr.evolve(Point(1), x=2) == Point(2)
assert typing_extensions.TypeVar("T", default=int).__default__ is int

import aiohttp

assert aiohttp.ClientTimeout(total=1).total == 1
assert aiohttp.ClientTimeout(total=1) == aiohttp.ClientTimeout(total=1)
assert str(aiohttp.ClientSession) == "<class 'aiohttp.client.ClientSession'>"
"""


def test_what_is_imported_late_is_whole_when_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.example:1")
    subprocess.run([sys.executable, "-c", _PROGRAM], check=True, timeout=60)


_AT_ONCE = """
import threading

from lambda_emulator._late_package import defer

defer("argparse", {})
import argparse

start, found = threading.Barrier(8), []

def use():
    start.wait()
    found.append(argparse.ArgumentParser)

threads = [threading.Thread(target=use) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(found) == 8 and len(set(found)) == 1, found
"""


def test_what_is_imported_late_is_executed_once_for_all_threads() -> None:
    subprocess.run([sys.executable, "-c", _AT_ONCE], check=True, timeout=60)
