"""A program: translates a template of SAM, from standard input to standard output.

AWS's translator imports boto3 to ask for a region, and jsonschema to check policies that are not
used here. Both would take longer than all the rest, so stand-ins take their place in this process.
"""

import gc
import json
import sys
from types import ModuleType, SimpleNamespace
from typing import Any


def _stand_in(name: str, **names: Any) -> None:
    module = ModuleType(name)
    module.__dict__.update(names)
    sys.modules[name] = module


def _prepare(region: str) -> None:
    class Session:
        region_name = region

        def get_available_regions(self, *_: object, **__: object) -> list[str]:
            return [region]  # all services are there

    class Error(Exception):
        pass

    _stand_in("boto3", Session=Session, session=SimpleNamespace(Session=Session))
    sys.modules["boto3"].__dict__.update(client=None, DEFAULT_SESSION=None)
    _stand_in("botocore")
    _stand_in("botocore.client", BaseClient=object)
    _stand_in("botocore.config", Config=object)
    _stand_in("botocore.exceptions", ClientError=Error, EndpointConnectionError=Error)
    _stand_in("jsonschema", validate=lambda *_args, **_options: None)
    _stand_in("jsonschema.exceptions", ValidationError=Error, SchemaError=Error)
    sys.modules["jsonschema"].__dict__["exceptions"] = sys.modules["jsonschema.exceptions"]


class _Policies(dict[str, str]):
    """AWS's own policies, whose ARNs are not of interest here."""

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> str:
        return f"arn:aws:iam::aws:policy/{name}"

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ARG002
        """Return the ARN of a policy.

        Args:
            name: The name.
            default: Is never returned.
        """
        return self[name]


def main() -> None:
    """Translate one template."""
    gc.disable()  # it ends at once
    template, parameters, region = json.load(sys.stdin)
    _prepare(region)
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    translator = Translator(_Policies(), Parser())
    try:
        answer = translator.translate(template, parameters, passthrough_metadata=True)
    except InvalidDocumentException as error:
        answer = {
            "errors": [
                {
                    "resource": str(getattr(cause, "_logical_id", "")),
                    "message": str(getattr(cause, "message", cause)),
                }
                for cause in error.causes
            ]
        }
    json.dump(answer, sys.stdout, default=str)


if __name__ == "__main__":
    main()
