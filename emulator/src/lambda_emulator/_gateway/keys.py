"""The keys by which issuers sign tokens.

https://www.rfc-editor.org/rfc/rfc7517
https://openid.net/specs/openid-connect-discovery-1_0.html
"""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast

import aiohttp

from lambda_emulator._messages import say

_DISCOVERY = "/.well-known/openid-configuration"
_SECONDS = 5.0  # for an issuer to answer
_AGAIN_SECONDS = 10.0  # after which keys are fetched again for one that is not known
_REMEDY = "give the keys with --jwks ISSUER=FILE, or take tokens unchecked with --trust-tokens"


class KeysError(Exception):
    """The keys of an issuer cannot be had; the message says why."""


class _Fetched(NamedTuple):
    keys: list[dict[str, Any]]
    at: float


class Keys:
    """The keys of issuers: from files, or from the issuers themselves."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        """Read the keys that are in files.

        Args:
            files: Files with JSON Web Key Sets, by issuer.

        Raises:
            KeysError: A file cannot be read.
        """
        self._known = {issuer: read_key_set(path) for issuer, path in files.items()}
        self._fetched: dict[str, _Fetched] = {}
        self._failed: set[str] = set()

    async def find(self, issuer: str, key_id: str | None) -> dict[str, Any] | None:
        """Return a key, as a JSON Web Key, or None if no key of the issuer has that id.

        Args:
            issuer: The issuer.
            key_id: The key's id; None for the only key of the issuer.

        Raises:
            KeysError: The issuer does not publish its keys.
        """
        if issuer in self._known:
            return _select(self._known[issuer], key_id)
        fetched = self._fetched.get(issuer)
        key = None if fetched is None else _select(fetched.keys, key_id)
        if key is None and (fetched is None or time.monotonic() - fetched.at > _AGAIN_SECONDS):
            fetched = _Fetched(await self._fetch(issuer), time.monotonic())
            self._fetched[issuer] = fetched
            key = _select(fetched.keys, key_id)
        return key

    async def _fetch(self, issuer: str) -> list[dict[str, Any]]:
        timeout = aiohttp.ClientTimeout(total=_SECONDS)
        try:
            async with aiohttp.ClientSession(timeout=timeout, raise_for_status=True) as session:
                async with session.get(issuer.rstrip("/") + _DISCOVERY) as response:
                    described: object = await response.json(content_type=None)
                async with session.get(_text(described, "jwks_uri")) as response:
                    return _keys(await response.json(content_type=None))
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            reason = str(error) or type(error).__name__
            if issuer not in self._failed:
                self._failed.add(issuer)
                say(f"The keys of {issuer} cannot be fetched: {reason}; {_REMEDY}.")
            raise KeysError(reason) from error


def read_key_set(path: Path) -> list[dict[str, Any]]:
    """Return the keys of a file.

    Args:
        path: A file with a JSON Web Key Set.

    Raises:
        KeysError: It cannot be read, or it is not a key set.
    """
    try:
        return _keys(json.loads(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise KeysError(f"{path} is not a JSON Web Key Set: {error}") from error


def _keys(value: object) -> list[dict[str, Any]]:
    keys: object = cast("dict[str, object]", value).get("keys") if isinstance(value, dict) else None
    if not isinstance(keys, list):
        raise ValueError('it is not an object with a list "keys"')  # noqa: TRY004
    listed = cast("list[object]", keys)
    return [cast("dict[str, Any]", key) for key in listed if isinstance(key, dict)]


def _text(value: object, name: str) -> str:
    text = cast("dict[str, object]", value).get(name) if isinstance(value, dict) else None
    if not isinstance(text, str):
        raise ValueError(f"the issuer's configuration has no {name}")  # noqa: TRY004
    return text


def _select(keys: list[dict[str, Any]], key_id: str | None) -> dict[str, Any] | None:
    if key_id is None:
        return keys[0] if len(keys) == 1 else None
    return next((key for key in keys if key.get("kid") == key_id), None)
