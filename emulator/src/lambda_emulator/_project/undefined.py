"""Names that a template uses and nothing defines: a spelling error, as a rule."""

from collections.abc import Mapping
from typing import Any

from lambda_emulator._similar import did_you_mean, similar

_SAM = "AWS::Serverless-2016-10-31"


def tell_undefined(name: str, source: Mapping[str, Any], body: Mapping[str, Any]) -> str:
    """Return what is wrong with a name; nothing if AWS could know it.

    Args:
        name: The logical id that a reference names.
        source: The template as its file has it.
        body: The template as SAM's transform leaves it.
    """
    transforms = source.get("Transform") or []
    if any(each != _SAM for each in (transforms if isinstance(transforms, list) else [transforms])):
        return ""  # a macro may define it
    own = [*(source.get("Resources") or {}), *(source.get("Parameters") or {})]
    known = [*own, *(body.get("Resources") or {})]
    # SAM names what it generates after the resources that it is for, or after itself.
    prefixes = tuple(map(str, (*own, "Serverless", "AWS::", "Fn::")))
    if name in known or name.startswith(prefixes) or any("Fn::" in str(each) for each in own):
        return ""
    meant = did_you_mean(similar(name, map(str, own)))
    return (
        f"There is no resource or parameter {name!r}: AWS refuses the template."
        f" {meant[:1].upper()}{meant[1:]}".rstrip()
    )
