"""Files that hold secrets, or a project's history: they are packed only where they are named."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from pathspec import GitIgnoreSpec

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_NAMES = [
    # Folders of version control, and of programs that keep credentials there.
    *(".git", ".hg", ".svn", ".bzr", ".jj"),
    *(".aws/", ".azure/", ".config/gcloud/", ".dbt/", ".docker/", ".envs/", ".gcloud/", ".gnupg/"),
    *(".kube/", ".oci/", ".password-store/", ".snowflake/", ".snowsql/", ".ssh/", ".terraform/"),
    # Environments, with templates of them left in.
    *(".env", ".env.*", "*.env", ".envrc", ".flaskenv", ".dev.vars", ".secrets"),
    *("!*.example", "!*.sample", "!*.template", "!*.dist", "!*.defaults"),
    *("!example.env", "!sample.env", "!template.env"),
    # Credentials of tools.
    *(".boto", ".credentials", ".databrickscfg", ".dockercfg", ".git-credentials", ".htpasswd"),
    *(".my.cnf", ".mylogin.cnf", ".netrc", "_netrc", ".npmrc", ".pgpass", ".pypirc", ".s3cfg"),
    *(".sentryclirc", ".terraformrc", "terraform.rc", ".vault-token", ".yarnrc.yml"),
    *("application_default_credentials.json", "kubeconfig", "*.kubeconfig"),
    *(".streamlit/secrets.toml", "*.tfstate", "*.tfstate.*", "*.tfvars", "*.tfvars.json"),
    ".*_history",
    # Private keys whose format is not text.
    *("id_rsa", "id_dsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk", "id_xmss"),
    *("*.p12", "*.pfx", "*.pkcs12", "*.jks", "*.keystore", "*.kdbx", "*.ppk", "*.pk8"),
]
_SECRET = GitIgnoreSpec.from_lines(_NAMES)
# At the start of a line, or of a string in JSON: code that looks for keys has this elsewhere.
_CONTENTS = re.compile(
    rb"""(?:^|:[ \t]*")-----BEGIN[ ](?:[A-Z0-9]+[ ])*PRIVATE[ ]KEY(?:[ ]BLOCK)?-----(?:\r?\n|\\n)
    # Indented, as in YAML, or in a string: code and guides have such lines without a key below.
    |(?:^[ \t]+|[:=][ \t]*["']{1,3})-----BEGIN[ ](?:[A-Z0-9]+[ ])*PRIVATE[ ]KEY-----(?:\r?\n|\\n)
     [ \t]*[A-Za-z0-9+/]{20}
    |^PuTTY-User-Key-File-\d
    |^[ \t]*aws_secret_access_key[ \t]*=[ \t]*\S
    |"type"[ \t]*:[ \t]*"(?:service_account|authorized_user|external_account_authorized_user)"
    """,
    re.MULTILINE | re.VERBOSE,
)
_CODE = (".py", ".pyi", ".pyc", ".so")
_LONGEST = 1 << 20
_NEIGHBOUR = "neighbour"


def is_secret(name: str, path: Path) -> bool:
    """Return whether a file is one that should not be deployed by accident.

    Args:
        name: The path below the project.
        path: The file.
    """
    if _SECRET.match_file(name):
        return True
    if name.endswith(_CODE) or path.stat().st_size > _LONGEST:
        return False
    return bool(_CONTENTS.search(path.read_bytes()))


def is_named(name: str, patterns: Iterable[str]) -> bool:
    """Return whether patterns name a file, and do not just take all that is there.

    Args:
        name: The file's path below the project.
        patterns: Patterns as in ``.gitignore``.
    """
    neighbour = _neighbour(name)
    return any(
        spec.match_file(name) and not spec.match_file(neighbour)
        for pattern in patterns
        if (spec := GitIgnoreSpec.from_lines([pattern]))
    )


def _neighbour(name: str) -> str:
    """Return a name in the same place that holds no secret: a pattern for all matches it too."""
    parts = PurePosixPath(name).parts
    for at in range(len(parts)):
        if _SECRET.match_file("/".join(parts[: at + 1])) or _SECRET.match_file(
            "/".join((*parts[: at + 1], _NEIGHBOUR))
        ):
            return "/".join((*parts[:at], f"{'.' * parts[at].startswith('.')}{_NEIGHBOUR}"))
    return str(PurePosixPath(name).with_stem(_NEIGHBOUR))
