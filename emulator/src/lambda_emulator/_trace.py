"""X-Ray's trace header, which Lambda has for each invocation.

https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
"""

import re
import time
from os import urandom

_ROOT = re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}")
_PARENT = re.compile(r"[0-9a-f]{16}")


def new_trace_id() -> str:
    """Return a new trace, not sampled, as Lambda begins for a caller who brings none."""
    return complete_trace(None)


def complete_trace(header: str | None) -> str:
    """Return a trace header with all that the X-Ray SDK needs.

    Args:
        header: The caller's header, such as ``Root=1-...;Parent=...;Sampled=1``, if there is one.

    Returns:
        The header with its root, parent and decision, and then the caller's other fields. A part
        that the caller left out, or that is not valid, is new; the decision is not to sample.
    """
    if header is None or not header.isascii():  # the Runtime API sends it on in a header
        header = ""
    fields = {
        name.strip(): value.strip()
        for name, equals, value in (field.partition("=") for field in header.split(";"))
        if equals
    }
    root = fields.pop("Root", "")
    if not _ROOT.fullmatch(root):
        root = _new_root()
    parent = fields.pop("Parent", "")
    if not _PARENT.fullmatch(parent):
        parent = urandom(8).hex()
    sampled = fields.pop("Sampled", "")
    if sampled not in {"0", "1"}:
        sampled = "0"
    rest = "".join(f";{name}={value}" for name, value in fields.items())
    return f"Root={root};Parent={parent};Sampled={sampled}{rest}"


def add_self(header: str) -> str:
    """Return a trace header as a load balancer sends it on: with a field for itself.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html

    Args:
        header: The client's header.
    """
    fields = [field for field in header.split(";") if not field.strip().startswith("Self=")]
    return ";".join([f"Self={_new_root()}", *fields])


def _new_root() -> str:
    return f"1-{int(time.time()):08x}-{urandom(12).hex()}"
