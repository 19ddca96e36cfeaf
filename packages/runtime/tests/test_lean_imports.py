"""Lean imports: the functions of a module find what is not imported with it."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent

import pytest


def run(source: str) -> None:
    """Run a program in which the runtime is loaded as it is on Lambda."""
    begin = "import os\nos.environ['AWS_LAMBDA_RUNTIME_API'] = 'x'\nimport lambda_runtime._run\n"
    subprocess.run([sys.executable, "-c", begin + dedent(source)], check=True, timeout=60)


def test_what_asyncio_seldom_uses_is_not_imported() -> None:
    run(
        """
        import asyncio, sys
        assert not {"ssl", "inspect", "asyncio.sslproto"} & set(sys.modules)
        assert asyncio.__spec__.loader is asyncio.__loader__
        assert "sslproto" in dir(asyncio)
        """
    )


@pytest.mark.parametrize(
    "imports",
    ["import asyncio, ssl", "import ssl, asyncio", "import asyncio.sslproto, ssl"],
)
def test_a_connection_with_tls(imports: str) -> None:
    run(
        imports
        + """
def context(side):
    made = ssl.SSLContext(side)
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    made.maximum_version = ssl.TLSVersion.TLSv1_2
    made.set_ciphers("AECDH-AES256-SHA:@SECLEVEL=0")  # without a certificate
    return made

async def answer(reader, writer):
    writer.write((await reader.readline()).upper())
    await writer.drain()
    writer.close()

async def main():
    served = context(ssl.PROTOCOL_TLS_SERVER)
    async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=served) as server:
        port = server.sockets[0].getsockname()[1]
        mine = context(ssl.PROTOCOL_TLS_CLIENT)
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=mine)
        assert isinstance(writer.transport, asyncio.sslproto._SSLProtocolTransport)
        writer.write(b"hello\\n")
        assert await reader.readline() == b"HELLO\\n"
        writer.close()
    assert asyncio.base_events.ssl is ssl
    assert type(asyncio.base_events.sslproto) is type(ssl)

asyncio.run(main())
"""
    )


def test_a_connection_without_tls() -> None:
    run(
        """
        import asyncio, socket, sys

        async def answer(reader, writer):
            writer.write((await reader.readline()).upper())
            await writer.drain()
            writer.close()

        async def main():
            async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
                address = server.sockets[0].getsockname()
                reader, writer = await asyncio.open_connection(*address)
                writer.write(b"hello\\n")
                assert await reader.readline() == b"HELLO\\n"
                writer.close()
                assert not {"ssl", "asyncio.sslproto"} & set(sys.modules)
                import ssl
                plain = socket.create_connection(address)
                plain.setblocking(False)
                wrapped = ssl._create_unverified_context().wrap_socket(
                    plain, do_handshake_on_connect=False
                )
                try:
                    await asyncio.get_running_loop().sock_recv(wrapped, 1)
                except TypeError as error:
                    assert "SSLSocket" in str(error)
                else:
                    raise AssertionError("a socket with TLS is refused")
                wrapped.close()

        asyncio.run(main())
        """
    )


def test_functions_that_inspect_others() -> None:
    run(
        """
        import asyncio, sys

        async def work(): pass

        assert asyncio.iscoroutinefunction(work)
        import inspect
        assert asyncio.coroutines.inspect is inspect
        assert inspect.iscoroutinefunction(work)
        """
    )


def test_a_python_without_tls() -> None:
    run(
        """
        import sys
        sys.modules["_ssl"] = None
        import asyncio
        assert asyncio.base_events.ssl is None
        """
    )


def test_a_finder_that_asks_all_others() -> None:
    run(
        """
        import sys
        from importlib.util import find_spec

        class Watching:
            asked = 0

            def find_spec(self, name, path=None, target=None):
                if name != "asyncio" or self.asked:
                    return None
                self.asked += 1
                return find_spec(name)

        sys.meta_path.insert(0, Watching())
        import asyncio
        assert sys.meta_path[0].asked == 1
        assert not {"ssl", "inspect"} & set(sys.modules)
        assert asyncio.iscoroutinefunction(print) is False
        assert type(asyncio.base_events.ssl.SSLContext) is type
        """
    )


def test_a_reload() -> None:
    run(
        """
        import asyncio, importlib
        assert importlib.reload(asyncio).run is asyncio.run
        """
    )


def test_names_that_are_given_to_a_module_behind_asyncio() -> None:
    run(
        """
        import asyncio
        from unittest import mock

        protocols = asyncio.sslproto
        protocols.MARK = 1
        assert protocols.MARK == 1
        import asyncio.sslproto as imported
        assert imported.MARK == 1
        del protocols.MARK
        assert not hasattr(imported, "MARK")

        with mock.patch("asyncio.base_events.ssl.create_default_context", "replaced"):
            import ssl
            assert ssl.create_default_context == "replaced"
            assert asyncio.selector_events.ssl.create_default_context == "replaced"
        assert callable(ssl.create_default_context)
        """
    )


def test_the_names_of_a_module_behind_asyncio() -> None:
    run(
        """
        import asyncio
        assert "SSLProtocol" in dir(asyncio.sslproto)
        assert "SSLContext" in vars(asyncio.base_events.ssl)
        """
    )


@pytest.mark.parametrize("name", ["__file__", "__loader__", "__package__", "__spec__"])
def test_the_names_that_each_module_has(name: str) -> None:
    run(
        f"""
        import asyncio
        seen = [asyncio.base_events.ssl.{name}, asyncio.sslproto.{name}]
        import asyncio.sslproto, ssl
        assert seen == [ssl.{name}, asyncio.sslproto.{name}]
        assert seen != [None, None]
        """
    )


def test_tls_that_is_taken_away_after_asyncio() -> None:
    run(
        """
        import asyncio, sys
        sys.modules["ssl"] = None

        async def end(reader, writer):
            writer.close()

        async def main():
            async with await asyncio.start_server(end, "127.0.0.1", 0) as server:
                reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
                assert await reader.read() == b""
                writer.close()

        asyncio.run(main())
        """
    )


def test_a_thread_that_takes_a_name_meanwhile() -> None:
    run(
        """
        import sys, threading
        from importlib.machinery import PathFinder

        class Watching:
            def find_spec(self, name, path=None, target=None):
                if name != "asyncio.base_events":
                    return None
                spec = PathFinder.find_spec(name, path)
                execute = spec.loader.exec_module

                def exec_module(module):  # asyncio is half imported
                    thread = threading.Thread(target=take)
                    thread.start()
                    thread.join()
                    execute(module)

                spec.loader.exec_module = exec_module
                return spec

        def take():
            global SSLSocket
            import ssl
            SSLSocket = ssl.SSLSocket

        sys.meta_path.insert(0, Watching())
        import asyncio, socket, ssl
        assert SSLSocket is ssl.SSLSocket
        assert issubclass(SSLSocket, socket.socket)
        """
    )


def test_the_loader_of_asyncio_is_asked_before_the_import() -> None:
    run(
        """
        from importlib.util import find_spec
        spec = find_spec("asyncio")
        assert spec.loader.get_filename() == spec.origin
        assert "asyncio" in spec.loader.get_source("asyncio")
        assert spec.loader.is_package("asyncio")
        """
    )


@pytest.mark.parametrize(
    ("imported", "late"),
    [
        ("calendar", "locale"),
        ("email.utils", "calendar"),
        ("subprocess", "locale"),
        ("tempfile", "shutil"),
        ("pydantic.v1", "pickle"),
    ],
)
def test_modules_that_are_imported_late(imported: str, late: str) -> None:
    run(
        f"""
        import sys
        import {imported}
        assert not {{*{late.split(", ")!r}}} & set(sys.modules)
        import {late}
        """
    )


def test_a_loader_of_an_old_kind() -> None:
    run(
        """
        import sys, types, warnings
        from importlib.machinery import ModuleSpec

        class Old:
            @staticmethod
            def find_spec(name, path=None, target=None):
                return ModuleSpec(name, Old) if name == "tempfile" else None

            @staticmethod
            def load_module(name):
                sys.modules[name] = module = types.ModuleType(name)
                module.gettempdir = lambda: "old"
                return module

        warnings.simplefilter("ignore")
        sys.modules.pop("tempfile", None)
        sys.meta_path.insert(1, Old)
        import tempfile
        assert tempfile.gettempdir() == "old"
        """
    )


def test_functions_that_need_a_late_module() -> None:
    run(
        """
        import calendar, email.utils, os, subprocess, sys, tempfile

        with tempfile.TemporaryDirectory() as folder:
            open(f"{folder}/x", "w").close()
        assert not os.path.exists(folder)
        assert email.utils.mktime_tz((2023, 11, 14, 22, 13, 20, 0, 1, -1, 0)) == 1700000000
        assert calendar.LocaleTextCalendar(locale="C").formatmonthname(2023, 11, 0).split()
        assert subprocess.run([sys.executable, "-c", "print(1)"], capture_output=True, text=True)
        """
    )
