"""aiohttp's certificates: a thread loads them while it is imported, and nothing else changes."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent

BEGIN = """
import os
os.environ["AWS_LAMBDA_RUNTIME_API"] = "x"
import lambda_runtime._run
"""
UNCHANGED = """
assert ssl.create_default_context is create
assert "set_default_verify_paths" not in vars(ssl.SSLContext)
"""


def run(source: str) -> None:
    """Run a program in which the runtime is loaded as it is on Lambda."""
    code = f"import ssl\ncreate = ssl.create_default_context\n{BEGIN}{dedent(source)}{UNCHANGED}"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_the_contexts_are_those_that_aiohttp_would_make() -> None:
    run(
        """
        from aiohttp import connector
        made, plain = connector._SSL_CONTEXT_VERIFIED, ssl.create_default_context()
        assert type(made) is ssl.SSLContext
        assert made.get_ca_certs() == plain.get_ca_certs() != []
        for name in ("verify_mode", "check_hostname", "options", "verify_flags", "protocol"):
            assert getattr(made, name) == getattr(plain, name), name
        assert connector._SSL_CONTEXT_UNVERIFIED.verify_mode == ssl.CERT_NONE
        assert not connector._SSL_CONTEXT_UNVERIFIED.get_ca_certs()
        assert connector.__loader__ is connector.__spec__.loader
        """
    )


def test_a_thread_makes_the_context_that_aiohttp_takes() -> None:
    """If this fails, aiohttp does not make it while it is imported: `_certificates` can go."""
    run(
        """
        import threading
        calls = []
        def create_and_note():
            calls.append(threading.get_ident())
            return real()
        real = create
        ssl.create_default_context = create = create_and_note
        import aiohttp
        [thread] = calls
        assert thread != threading.get_ident()
        """
    )


def test_others_get_their_own_contexts_meanwhile() -> None:
    run(
        """
        import sys
        class Watching:
            contexts = []
            def find_spec(self, name, path=None, target=None):
                if name == "aiohttp.connector":
                    unverified = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                    unverified.check_hostname, unverified.verify_mode = False, ssl.CERT_NONE
                    unverified.set_default_verify_paths()
                    self.contexts += [ssl.create_default_context(), unverified]
        sys.meta_path.insert(0, Watching())
        from aiohttp import connector
        verified, unverified = Watching.contexts
        assert verified is not connector._SSL_CONTEXT_VERIFIED
        assert verified.cert_store_stats() == unverified.cert_store_stats()
        """
    )


def test_a_failure_is_aiohttps_own() -> None:
    run(
        """
        def create():
            raise OSError("no certificates")
        ssl.create_default_context = create
        try:
            import aiohttp
        except OSError as error:
            assert str(error) == "no certificates"
        else:
            raise AssertionError
        """
    )


def test_a_process_that_can_have_no_more_threads() -> None:
    run(
        """
        import _thread
        def refuse(*_): raise RuntimeError("can't start new thread")
        _thread.start_new_thread = refuse
        from aiohttp import connector
        assert connector._SSL_CONTEXT_VERIFIED.get_ca_certs()
        """
    )


def test_a_method_of_contexts_that_somebody_has_replaced() -> None:
    run(
        """
        loaded = []
        plain = ssl.SSLContext.set_default_verify_paths
        def load(context):
            loaded.append(context)
            plain(context)
        ssl.SSLContext.set_default_verify_paths = load
        from aiohttp import connector
        assert loaded == [connector._SSL_CONTEXT_VERIFIED]
        assert vars(ssl.SSLContext)["set_default_verify_paths"] is load
        del ssl.SSLContext.set_default_verify_paths
        """
    )


def test_a_python_without_tls() -> None:
    code = f"import sys\nsys.modules['_ssl'] = None\n{BEGIN}from aiohttp import connector\n"
    code += "assert connector.ssl is None"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_host_names_that_are_not_ascii() -> None:
    run(
        """
        import sys
        from aiohttp import ClientSession
        from yarl import URL
        assert "idna" not in sys.modules
        assert URL("http://bücher.example/").raw_host == "xn--bcher-kva.example"
        assert URL("http://xn--bcher-kva.example/").host == "bücher.example"
        """
    )
