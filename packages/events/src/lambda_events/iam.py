"""IAM policies, as authorizers return them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

from ._field import EMPTY
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, Self


class IAMPolicyStatement(Model, case="pascal"):
    """A statement of a policy.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_statement.html

    Attributes:
        sid: The statement's id.
        effect: ``Allow`` or ``Deny``.
        action: One action or several, such as ``execute-api:Invoke``.
        not_action: All actions but these.
        resource: One ARN or several; they may hold ``*``.
        not_resource: All resources but these.
        principal: The principal, in a resource-based policy.
        condition: The conditions, by operator and key.
    """

    sid: str | None = None
    effect: str
    action: str | list[str] | None = None
    not_action: str | list[str] | None = None
    resource: str | list[str] | None = None
    not_resource: str | list[str] | None = None
    principal: str | dict[str, Any] | None = None
    condition: dict[str, dict[str, Any]] | None = None


class IAMPolicyDocument(Model, case="pascal"):
    """A policy.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html

    Attributes:
        version: The language's version.
        id: The policy's id.
        statement: The statements, which allow or deny actions.
    """

    version: str = "2012-10-17"
    id: str | None = None
    statement: list[IAMPolicyStatement] = EMPTY

    def allow(
        self,
        resources: str | Iterable[str],
        *,
        actions: str | Iterable[str] = "execute-api:Invoke",
        condition: Mapping[str, dict[str, Any]] | None = None,
    ) -> Self:
        """Allow actions on resources.

        Args:
            resources: One ARN or several; they may hold ``*``.
            actions: One action or several.
            condition: The conditions, by operator and key.

        Returns:
            The policy itself, for a chain of calls.
        """
        return self._add("Allow", resources, actions, condition)

    def deny(
        self,
        resources: str | Iterable[str],
        *,
        actions: str | Iterable[str] = "execute-api:Invoke",
        condition: Mapping[str, dict[str, Any]] | None = None,
    ) -> Self:
        """Deny actions on resources; a denial wins. See `allow` for the arguments."""
        return self._add("Deny", resources, actions, condition)

    def _add(
        self,
        effect: str,
        resources: str | Iterable[str],
        actions: str | Iterable[str],
        condition: Mapping[str, dict[str, Any]] | None,
    ) -> Self:
        self.statement.append(
            IAMPolicyStatement(
                effect=effect,
                action=listed(actions),
                resource=listed(resources),
                condition=None if condition is None else dict(condition),
            )
        )
        return self


def listed(texts: str | Iterable[str]) -> list[str]:
    """Return one text or several as a list: a text alone would be a list of its letters."""
    return [texts] if isinstance(texts, str) else [*texts]
