"""Links to elsewhere, secrets and the project's history are not packed by accident."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from hatch_lambda import BuildError
from hatch_lambda._leaks import without_leaks
from hatch_lambda._secrets import is_named

from .conftest import names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from .conftest import Project

KEY = "-----BEGIN PRIVATE KEY-----\nMIIEvQ==\n-----END PRIVATE KEY-----\n"
LONG = KEY.replace("MIIEvQ==", "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC")
INDENTED = LONG.strip().replace("\n", "\n  ")
SECRETS = {
    **dict.fromkeys([".env", ".env.local", "prod.env", ".envrc", "app/.env.production"], "A=1"),
    **dict.fromkeys([".aws/credentials", "app/.aws/config", ".ssh/config", ".kube/config"], ""),
    **dict.fromkeys([".git/config", "app/.git", ".hg/store", ".docker/config.json"], ""),
    **dict.fromkeys([".netrc", ".npmrc", ".pypirc", ".pgpass", ".git-credentials"], ""),
    **dict.fromkeys(["id_rsa", "keys/id_ed25519", "a.p12", "a.jks", "a.kdbx", "a.ppk"], ""),
    **dict.fromkeys(["terraform.tfstate", "terraform.tfstate.backup", "prod.tfvars"], ""),
    "server.pem": KEY,
    "server.key": KEY.replace("PRIVATE", "EC PRIVATE"),
    "locked.txt": KEY.replace("PRIVATE", "ENCRYPTED PRIVATE"),
    "ssh": "# mine\r\n" + KEY.replace("PRIVATE", "OPENSSH PRIVATE").replace("\n", "\r\n"),
    "gpg.asc": "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n",
    "both.pem": "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n" + KEY,
    "google.json": '{"type": "service_account", "private_key": "..."}',
    "key.json": '{"key": "' + KEY.replace("\n", "\\n") + '"}',
    "values.yaml": f"key: |\n  {INDENTED}\nname: orders\n",
    "settings.toml": f'key = """{LONG}"""\n',
    "config.js": f"const key = '{LONG}'\n".replace("\n", "\\n"),
    "credentials": "[default]\naws_access_key_id = A\naws_secret_access_key = b\n",
}
HARMLESS = {
    **dict.fromkeys(["app.py", "environment.py", "env", "app/.envelope", ".gitignore"], ""),
    **dict.fromkeys([".env.example", "id_rsa.pub", ".github/x.yml", "aws/a.json"], ""),
    "ca.pem": "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n",
    "public.pem": KEY.replace("PRIVATE", "PUBLIC"),
    "parser.py": f'KEY = """\n{KEY}"""\n',
    "docs.txt": "A key starts with -----BEGIN PRIVATE KEY-----, on a line of its own.",
    "parser.js": "if (text.startsWith('-----BEGIN PRIVATE KEY-----')) {\n",
    "guide.md": "    -----BEGIN PRIVATE KEY-----\n    ...\n    -----END PRIVATE KEY-----\n",
    "policy.json": '{"type": "account"}',
}


def packed(
    folder: Path, texts: Mapping[str, str], table: Mapping[str, object] | None = None
) -> tuple[set[str], list[str]]:
    """Return which files are packed, and the warnings."""
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="")
    warnings: list[str] = []
    files = [(path, path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()]
    table = table or {}
    forced = [folder / str(name) for name in table.get("force-include", ())]  # type: ignore[attr-defined]
    selected = without_leaks(files, folder, table, warnings.append, forced)
    return {name.as_posix() for _, name in selected}, warnings


def test_secrets_are_left_out_and_named(tmp_path: Path) -> None:
    found, warnings = packed(tmp_path, {**SECRETS, **HARMLESS})
    assert found == HARMLESS.keys()
    assert len(warnings) == len(SECRETS)
    assert (
        ".env is not packed: it looks like a secret. "
        "If the function needs it, name it: force-include = { '.env' = '.env' }."
    ) in warnings


@pytest.mark.parametrize(
    ("name", "pattern", "named"),
    [
        (".env", ".env", True),
        (".env", "/.env", True),
        (".env", ".env*", True),
        (".env", "*", False),
        (".env", ".*", False),
        ("app/.env", "app", False),
        ("app/.env", "app/**", False),
        ("app/.env", "app/.env", True),
        ("app/.aws/config", ".aws/", True),
        ("app/.aws/config", "app/.aws/*", True),
        ("app/.aws/config", "app/", False),
        ("server.pem", "server.pem", True),
        ("google.json", "*.json", False),
        ("google.json", "google.json", True),
        ("store.p12", "*.p12", True),
    ],
)
def test_a_pattern_names_a_secret_if_it_does_not_match_all(
    name: str, pattern: str, named: bool
) -> None:
    assert is_named(name, [pattern]) is named


@pytest.mark.parametrize(
    "table",
    [
        {"include": ["*.py", "server.pem"]},
        {"only-include": ["app.py", "server.pem"]},
        {"force-include": {"server.pem": "server.pem"}},
        {"artifacts": ["server.pem"]},
    ],
)
def test_what_the_project_names_is_packed(tmp_path: Path, table: dict[str, object]) -> None:
    assert packed(tmp_path, {"app.py": "", "server.pem": KEY}, table) == (
        {"app.py", "server.pem"},
        [],
    )


@pytest.mark.parametrize("link", ["link", "app/link"])
@pytest.mark.parametrize("target", ["outside/file", "outside"])
def test_a_link_that_leaves_the_project_is_refused(tmp_path: Path, link: str, target: str) -> None:
    home, path = tmp_path / "project", tmp_path / "project" / link
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "file").touch()
    path.parent.mkdir(parents=True)
    path.symlink_to(tmp_path / target)
    name = path if target == "outside/file" else path / "file"
    with pytest.raises(BuildError, match=r"is a link that leaves the project, to") as error:
        list(without_leaks([(name, name.relative_to(home))], home, {}, print))
    assert str(path) in str(error.value)
    assert str(tmp_path / "outside" / "file") in str(error.value)


@pytest.mark.parametrize("target", ["nothing", "link"])
def test_a_link_that_leads_nowhere_is_an_error(tmp_path: Path, target: str) -> None:
    (tmp_path / "link").symlink_to(tmp_path / target)
    with pytest.raises(BuildError, match=f"{tmp_path}/link is a link that leads nowhere"):
        packed(tmp_path, {})


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BuildError, match="pipe is not a file"):
        packed(tmp_path, {})


def test_a_link_in_the_project_is_followed_but_not_to_a_secret(tmp_path: Path) -> None:
    (tmp_path / "link.txt").symlink_to("real.txt")
    (tmp_path / "settings").symlink_to(".env")
    found, warnings = packed(tmp_path, {"real.txt": "", ".env": ""})
    assert found == {"real.txt", "link.txt"}
    assert any("settings is not packed" in warning for warning in warnings)


def test_what_is_included_from_elsewhere_may_not_leave_it(tmp_path: Path) -> None:
    home, shared = tmp_path / "project", tmp_path / "shared"
    for folder in (home, shared):
        folder.mkdir()
    (shared / "file").touch()
    (shared / "link").symlink_to(__file__)
    assert list(without_leaks([(shared / "file", shared / "file")], home, {}, print, [shared]))
    with pytest.raises(BuildError, match="leaves the project"):
        list(without_leaks([(shared / "link", shared / "link")], home, {}, print, [shared]))


def test_a_build_says_what_it_leaves_out(
    project: Callable[..., Project], capfd: pytest.CaptureFixture[str]
) -> None:
    options = "layout = 'wrapper'\nparts = ['function']\nhandler = 'pkg.app.handler'"
    function = project(options, lock=False)
    function.write("pkg/app.py", "def handler(event): ...")
    function.write("pkg/.env", "TOKEN=1")
    assert "pkg/.env" not in names(function.build())
    log = "".join(capfd.readouterr())
    assert "hatch-lambda: pkg/.env is not packed" in log
    advice = log.partition("name it: ")[2].partition(".\n")[0]
    toml = function.folder / "pyproject.toml"
    before = toml.read_text("utf-8")
    toml.write_text(f"{before}\n{advice}\n", "utf-8")
    assert {"pkg/app.py", "pkg/.env"} <= names(function.build())
    toml.write_text(before, "utf-8")
    (function.folder / "pkg" / "link").symlink_to("/etc/hostname")
    with pytest.raises(SystemExit):
        function.build()
    assert "pkg/link is a link that leaves the project" in capfd.readouterr().err
    (function.folder / "pkg" / "link").unlink()
    (function.folder / "pkg" / "link").symlink_to("link")
    with pytest.raises(SystemExit):
        function.build()
    assert "pkg/link is a link that leads nowhere" in capfd.readouterr().err
