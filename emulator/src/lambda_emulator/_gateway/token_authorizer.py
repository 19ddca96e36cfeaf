"""Authorizers that check tokens themselves: JWT authorizers, and those of Cognito's user pools.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-integrate-with-cognito.html
"""

import base64
import json
import time
from collections.abc import Mapping
from typing import Any, NoReturn, cast

from lambda_emulator._project.description import Api, Authorizer

from .call import Call, Grant, Refusal
from .keys import Keys, KeysError

_RSA = ("RS256", "RS384", "RS512")
_ALL = (*_RSA, "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
_DEFAULT_SOURCE = "$request.header.Authorization"
_BEARER = "bearer "


class _BadToken(ValueError):
    """A token is not valid; the message says why, in AWS's words where they are known."""


class TokenAuthorizer:
    """Checks tokens."""

    def __init__(self, api: Api, authorizer: Authorizer, keys: Keys | None) -> None:
        """Prepare to check tokens.

        Args:
            api: The API.
            authorizer: The authorizer.
            keys: The keys of issuers; None to take the claims of tokens unchecked.

        Raises:
            ImportError: Signatures are to be checked, and there is no library for that.
        """
        if keys is not None:
            import jwt  # noqa: F401 - without it, the API must not be served
        self._authorizer = authorizer
        self._keys = keys
        self._is_rest = api.kind != "http"
        self._algorithms = _ALL if self._is_rest and authorizer.kind == "jwt" else _RSA

    async def authorize(self, call: Call) -> Grant:
        """Check the token of a request.

        Args:
            call: The request.

        Raises:
            Refusal: It may not have its response.
        """
        sources = self._authorizer.identity_sources or (_DEFAULT_SOURCE,)
        token = next(filter(None, map(call.source, sources)), None)
        if token is None:
            raise Refusal("unauthorized", self._challenge())
        if token.lower().startswith(_BEARER):
            token = token[len(_BEARER) :].strip()
        try:
            if self._keys is None:
                claims = _unchecked(token)
            else:
                claims = await self._checked(token, self._keys)
        except _BadToken as error:
            raise Refusal("unauthorized", self._challenge("invalid_token", str(error))) from error
        self._check_scopes(call, claims)
        texts = {name: self._text(name, value) for name, value in claims.items()}
        return Grant("claims" if self._is_rest else "jwt", texts, scopes=call.route.scopes)

    async def _checked(self, token: str, keys: Keys) -> Mapping[str, Any]:
        import jwt

        issuer = self._issuer_of(token)
        options: dict[str, Any] = {
            "verify_aud": False,
            "verify_sub": False,
            "verify_jti": False,
            "require": ["exp"],
        }
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in self._algorithms:
                raise _BadToken(f"signing method {header.get('alg')} is invalid")
            key = await keys.find(issuer, header.get("kid"))
            if key is None:
                raise _BadToken("the token has an unknown key id")
            claims = jwt.decode(
                token,
                jwt.PyJWK(key, algorithm=header["alg"]),
                algorithms=list(self._algorithms),
                issuer=issuer,
                options=cast("Any", options),
            )
        except KeysError as error:
            raise _BadToken("OIDC discovery endpoint communication error") from error
        except jwt.ExpiredSignatureError as error:
            if self._authorizer.kind == "cognito":
                raise Refusal("token_expired") from error
            raise _BadToken("the token has expired") from error
        except jwt.InvalidIssuerError as error:
            raise _BadToken("the token does not have a valid issuer") from error
        except jwt.ImmatureSignatureError as error:
            raise _BadToken("the token is not valid yet") from error
        except jwt.PyJWTError as error:
            raise _BadToken("the token is malformed or its signature is invalid") from error
        self._check_audience(claims)
        return claims

    def _issuer_of(self, token: str) -> str:
        """Return the issuer that a token must be of: its own, where several are accepted."""
        authorizer = self._authorizer
        named: Any = _unchecked(token).get("iss") if authorizer.other_issuers else None
        return named if named in authorizer.other_issuers else authorizer.issuer or ""

    def _check_audience(self, claims: Mapping[str, Any]) -> None:
        """Check the audience; the id of a client counts only where there is none."""
        if not self._authorizer.audiences:
            return
        named: Any = claims.get("aud", claims.get("client_id"))
        audiences = named if isinstance(named, list) else [named]
        if not any(audience in self._authorizer.audiences for audience in audiences):
            raise _BadToken("the token does not have a valid audience")

    def _check_scopes(self, call: Call, claims: Mapping[str, Any]) -> None:
        """Check that a token has one of the route's scopes, as one for access has."""
        scopes, cognito = call.route.scopes, self._authorizer.kind == "cognito"
        if not scopes:
            # Cognito's tokens for access are for methods with scopes only.
            if cognito and claims.get("token_use") == "access":
                raise Refusal("unauthorized")
            return
        value: Any = claims.get("scope") or claims.get("scp") or ""
        had = value.split() if isinstance(value, str) else value
        if not any(scope in had for scope in scopes):
            if cognito:
                raise Refusal("unauthorized")
            description = "the token does not have a required scope"
            wanted = " ".join(scopes)
            challenge = self._challenge("insufficient_scope", description, wanted)
            raise Refusal("forbidden", challenge)

    def _challenge(self, error: str = "", description: str = "", scope: str = "") -> dict[str, str]:
        if self._is_rest:
            return {}
        if not error:
            return {"www-authenticate": "Bearer"}
        value = f'Bearer scope="{scope}" error="{error}" error_description="{description}"'
        return {"www-authenticate": value}

    def _text(self, name: str, value: Any) -> str:
        """Return the text that an event has for a claim."""
        if not self._is_rest:
            return _go_text(value)
        if name in ("exp", "iat") and isinstance(value, (int, float)):
            return time.strftime("%a %b %d %H:%M:%S UTC %Y", time.gmtime(value))
        if isinstance(value, list):
            return ",".join(map(_go_text, value))
        return json.dumps(value) if isinstance(value, dict) else _go_text(value)


def _unchecked(token: str) -> Mapping[str, Any]:
    """Return the claims of a token whose signature and dates nobody checks."""
    parts = token.split(".")
    try:
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        claims: object = json.loads(base64.urlsafe_b64decode(padded))
    except (IndexError, ValueError, RecursionError):
        _refuse_malformed()
    if not isinstance(claims, dict):
        _refuse_malformed()
    return cast("dict[str, Any]", claims)


def _refuse_malformed() -> NoReturn:
    raise _BadToken("the token is malformed or its signature is invalid")


def _go_text(value: Any) -> str:
    """Return a value as HTTP APIs write it: as the language that they are made in does."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{' '.join(map(_go_text, value))}]"
    if isinstance(value, dict):
        pairs = sorted(cast("dict[str, Any]", value).items())
        return f"map[{' '.join(f'{name}:{_go_text(one)}' for name, one in pairs)}]"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "<nil>" if value is None else str(value)
