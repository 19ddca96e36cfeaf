"""The Dockerfile of a build context, for a function's image or a runtime's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ._layouts import PLACES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ._layouts import Architecture
    from ._options import Options

# https://docs.docker.com/build/building/variables/#multi-platform-build-arguments
_PLATFORMS: dict[Architecture, str] = {"x86_64": "amd64", "arm64": "arm64"}
# SnapStart takes an image that has this label, or a runtime that asks whether it was restored. Ours
# asks; the label says so before anything runs.
_SNAPSTART = 'LABEL com.amazonaws.lambda.feature.snapstart="Allow"'


def folder(architecture: Architecture, of: Iterable[Architecture]) -> str:
    """Return the folder of an architecture in a build context, with a slash at the end.

    Args:
        architecture: The architecture.
        of: All that are built; if there are not several, its folder is the context itself.
    """
    return f"{_PLATFORMS[architecture]}/" if len(tuple(of)) > 1 else ""


def dockerfile(options: Options) -> str:
    """Return the Dockerfile of a build context.

    Args:
        options: The options of the function, or of the runtime.

    Contract: https://docs.aws.amazon.com/lambda/latest/dg/images-create.html, and
    https://docs.aws.amazon.com/lambda/latest/dg/cmr-building-images.html
    """
    lines = _runtime(options) if options.layout == "runtime" else _function(options)
    return "\n".join(lines) + "\n"


def _function(options: Options) -> list[str]:
    places = [(part, PLACES["image"][part]) for part in options.parts]
    own = {"function": "COPY function bootstrap /var/task/"}
    return [
        _from_one_platform(options),
        *(
            own.get(part) or f"COPY {place.archived[:-1]} {place.deployed}"
            for part, place in places
        ),
        'ENTRYPOINT ["/var/task/bootstrap"]',
        f"CMD {json.dumps([options.handler or ''])}",
    ]


def _runtime(options: Options) -> list[str]:
    several = len(options.architectures) > 1
    source = "${TARGETARCH}/" if several else ""  # the platform that is being built, from docker
    places = [PLACES["runtime"][part] for part in options.parts]
    return [
        *([f"FROM {options.base}", "ARG TARGETARCH"] if several else [_from_one_platform(options)]),
        *(f"COPY {source}{place.archived[:-1]} {place.deployed}" for place in places),
        f"COPY {source}bootstrap /var/runtime/bootstrap",
        _SNAPSTART,
        'ENTRYPOINT ["/var/runtime/bootstrap"]',
    ]


def _from_one_platform(options: Options) -> str:
    return f"FROM --platform=linux/{_PLATFORMS[options.architecture]} {options.base}"
