"""Amazon Resource Names."""

from __future__ import annotations


class ARN(str):
    """An ARN: a string that knows its parts.

    A text that is not an ARN has empty parts. See
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """

    __slots__ = ()

    def _part(self, index: int) -> str:
        parts = self.split(":", 5)
        return parts[index] if len(parts) == 6 and parts[0] == "arn" else ""

    @property
    def aws_partition(self) -> str:
        """The AWS partition: ``aws``, ``aws-cn``, ``aws-us-gov``."""
        return self._part(1)

    @property
    def service(self) -> str:
        """The service, such as ``sqs``."""
        return self._part(2)

    @property
    def region(self) -> str:
        """The region, such as ``eu-west-1``; empty for global services."""
        return self._part(3)

    @property
    def account_id(self) -> str:
        """The account's twelve digits; empty where the service leaves them out."""
        return self._part(4)

    @property
    def resource(self) -> str:
        """All after the fifth colon, such as ``my-queue``, ``table/t/stream/s`` or ``rule:r``."""
        return self._part(5)

    @property
    def resource_type(self) -> str:
        """The part before the resource's first ``/`` or ``:``; empty without one."""
        head, separator, _ = self.resource.replace(":", "/", 1).partition("/")
        return head if separator else ""

    @property
    def resource_id(self) -> str:
        """The part after the resource's first ``/`` or ``:``; all of it without one."""
        kind = self.resource_type
        return self.resource[len(kind) + 1 :] if kind else self.resource
