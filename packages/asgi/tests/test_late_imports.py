"""Frameworks, as the runtime imports them: without modules that few of their functions use."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent

import pytest


def run(source: str) -> None:
    """Run a program in which the runtime is loaded as it is on Lambda."""
    begin = "import os\nos.environ['AWS_LAMBDA_RUNTIME_API'] = 'x'\nimport lambda_runtime\n"
    load = "lambda_runtime.run\n"
    subprocess.run([sys.executable, "-c", begin + load + dedent(source)], check=True, timeout=60)


@pytest.mark.parametrize(
    ("imported", "late"),
    [
        ("starlette.applications", "http.client, ssl, html"),
        ("fastapi", "http.client, ssl"),
        ("django.http", "ssl"),
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


def test_functions_that_need_a_late_module() -> None:
    run(
        """
        from starlette.exceptions import HTTPException
        from starlette.middleware.errors import ServerErrorMiddleware

        assert HTTPException(404).detail == "Not Found"
        import http.client
        import starlette.exceptions
        assert starlette.exceptions.http.client is http.client
        assert issubclass(http.client.HTTPSConnection, http.client.HTTPConnection)

        page = ServerErrorMiddleware(None).generate_html(ValueError("<x>"))
        assert "&lt;x&gt;" in page
        """
    )


def test_a_module_that_another_imports_meanwhile() -> None:
    run(
        """
        import sys, types
        from importlib.machinery import ModuleSpec

        class Importing:
            @staticmethod
            def find_spec(name, path=None, target=None):
                return ModuleSpec(name, Importing) if name == "starlette.exceptions" else None

            create_module = staticmethod(lambda spec: None)

            @staticmethod
            def exec_module(module):
                names = vars(module)
                exec("import http.client", names)
                exec("class Connection(http.client.HTTPConnection): pass", names)

        import starlette
        sys.meta_path.insert(1, Importing)
        from starlette.exceptions import Connection, http
        import http.client
        assert issubclass(Connection, http.client.HTTPConnection)
        assert type(http.client) is types.ModuleType
        """
    )


def test_a_thread_that_imports_a_late_module_meanwhile() -> None:
    run(
        """
        import http, sys, threading, types

        class Watched(types.ModuleType):
            def __setattr__(self, name, value):
                if name == "client" and not seen:
                    seen.append(value)
                    thread = threading.Thread(target=use)
                    thread.start()
                    thread.join()
                super().__setattr__(name, value)

        def use():
            import http.client
            seen.append(http.client.HTTPConnection)

        seen = []
        http.__class__ = Watched
        import starlette.exceptions
        import http.client
        assert seen[1] is http.client.HTTPConnection is sys.modules["http.client"].HTTPConnection
        assert type(http.client) is types.ModuleType
        """
    )


def test_a_stand_in_that_a_function_has_taken_looks_for_its_module_once() -> None:
    run(
        """
        import sys
        import starlette.exceptions
        from http import client

        class Modules(dict):
            walks = 0

            def items(self):
                self.walks += 1
                return super().items()

        assert client.OK == 200
        import http.client
        sys.modules = Modules(sys.modules)
        assert client.HTTPConnection is http.client.HTTPConnection
        assert sys.modules.walks == 0
        """
    )
