"""The functions that ARNs name."""

import re
from collections.abc import Mapping

_STAGE_VARIABLE = re.compile(r"\$\{stageVariables\.([A-Za-z0-9_]+)\}")
_FUNCTION = re.compile(r":function:([A-Za-z0-9_-]+)")


def function_name(text: str) -> str:
    """Return the name of a function from its ARN, from a URI around it, or from the name itself.

    Args:
        text: Such as ``arn:aws:lambda:us-east-1:123456789012:function:orders:live``, or what an
            integration of API Gateway has around that.
    """
    if (match := _FUNCTION.search(text)) is not None:
        return match[1]
    return "" if ":" in text or "/" in text else text


def with_stage_variables(uri: str, variables: Mapping[str, str]) -> str:
    """Return the URI of an integration or an authorizer with the variables of its stage in it.

    Args:
        uri: The URI, with parts such as ``${stageVariables.function}``.
        variables: The variables; others stay as they are.
    """
    return _STAGE_VARIABLE.sub(lambda match: variables.get(match[1], match[0]), uri)
