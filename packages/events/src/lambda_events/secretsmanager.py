"""AWS Secrets Manager: rotation.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda.html
"""

from __future__ import annotations

from ._field import field
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._arn import ARN
    from ._detect import Signatures

_STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


class SecretsManagerRotationEvent(Model, case="pascal", expects={"SecretId": str, "Step": str}):
    """A step of a secret's rotation.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda.html

    Attributes:
        step: ``createSecret``, ``setSecret``, ``testSecret`` or ``finishSecret``.
        secret_id: The secret.
        client_request_token: The new version's id.
        rotation_token: The token to pass to ``PutSecretValue`` for a rotation that assumes a role
            of another account.
    """

    step: str
    secret_id: ARN
    client_request_token: str
    rotation_token: str | None = field("RotationToken", default=None, secret=True)


DETECT: Signatures = {
    "SecretsManagerRotationEvent": {
        "Step": _STEPS,
        "SecretId": str,
        "ClientRequestToken": str,
    }
}
