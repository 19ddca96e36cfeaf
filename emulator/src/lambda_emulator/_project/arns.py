"""The functions that ARNs name."""

import re

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
