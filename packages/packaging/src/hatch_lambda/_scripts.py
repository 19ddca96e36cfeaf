"""Scripts that start a function: the bootstraps, and the wrapper of managed runtimes."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from ._program import START
from ._site import reasons_for_site

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from ._options import Options

# bash, which is Lambda's sh, can also speak to the Runtime API: so the reason comes to the caller.
_FAIL = """\
fail() {
    echo "@SCRIPT@: $1" >&2
    (
        LC_ALL=C
        body="{\\"errorType\\": \\"Runtime.InvalidEntrypoint\\", \
\\"errorMessage\\": \\"@SCRIPT@: $1\\"}"
        exec 3<>"/dev/tcp/${AWS_LAMBDA_RUNTIME_API%:*}/${AWS_LAMBDA_RUNTIME_API##*:}"
        printf '%s\\r\\n' "POST /2018-06-01/runtime/init/error HTTP/1.1" \
"Host: $AWS_LAMBDA_RUNTIME_API" \\
            "Lambda-Runtime-Function-Error-Type: Runtime.InvalidEntrypoint" "Connection: close" \\
            "Content-Type: application/json" "Content-Length: ${#body}" "" >&3
        printf %s "$body" >&3
        read -r _ <&3
    ) 2>/dev/null
    exit "$2"
}
"""
# Not `-m lambda_runtime`, and not a folder with a __main__.py: for these Python imports `runpy`
# with its dependencies, which takes about as long as all imports of the runtime. `run` reads
# _HANDLER, and the options that are bound to the handler.
RUN = "from lambda_runtime import run; run()"
# `exec` in bash comes back when it fails; other shells say why, and end.
_BOOTSTRAP = """\
#!/bin/sh
# Starts the function with the Python that @ORIGIN@.
[ -z "$BASH_VERSION" ] || shopt -s execfail
@FAIL@
task=${LAMBDA_TASK_ROOT:-/var/task}
@HOME@
for wrapper in $AWS_LAMBDA_EXEC_WRAPPER; do
    command -v "$wrapper" >/dev/null || fail "AWS_LAMBDA_EXEC_WRAPPER is $AWS_LAMBDA_EXEC_WRAPPER, \
and there is no program $wrapper: is the layer missing that brings it?" 127
    break # what follows are its arguments
done
[ -d "$home/lib/shared" ] && \
export LD_LIBRARY_PATH="$home/lib/shared${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
[ -d /opt/python ] &&
    export PYTHONPATH="/opt/python/lib/python@MINOR@/site-packages:/opt/python\
${PYTHONPATH:+:$PYTHONPATH}"
@HANDLER@
export _HANDLER="$handler"
case $handler in
*/*.py) set -- -c '@PROGRAM@' "$task" "$handler" ;;
*.py) set -- "$task/$handler" ;;
*) set -- -c '@RUN@' ;;
esac
@SITE@
cd "$task" && exec $AWS_LAMBDA_EXEC_WRAPPER "$python" @FLAGS@ "$@"
fail "$python cannot be started: @WHAT@ is for @ARCHITECTURE@ with glibc @GLIBC@ or newer, as \
@RUNTIME@ has it." 126
"""
_ARCHIVE = {
    "ORIGIN": "came with it, in the archive or in a layer",
    "WHAT": "the archive",
}
_ARCHIVE_HOME = """\
home=$task/interpreter
[ -d "$home" ] || home=/opt/interpreter
python=$home/bin/python@MINOR@
[ -x "$python" ] || fail "there is no Python @MINOR@ in $task/interpreter or /opt/interpreter, \
or it is not executable: deploy the archive as it was built, or add the layer with the \
interpreter." 1
"""
_ARCHIVE_HANDLER = """\
handler=${1:-$_HANDLER}
case $handler in
'' | bootstrap) handler=@OPTION@ ;; # what tools for compiled languages call the handler
esac
"""
_IMAGE = {
    "ORIGIN": "is in the same image",
    "WHAT": "the image",
}
# The function's own folder is the first on Python's path. Layers come next, and then the runtime.
_IMAGE_HOME = """\
runtime=${0%/*}
home=$runtime/interpreter
python=$home/bin/python@MINOR@
[ -x "$python" ] || python=$(command -v python@MINOR@) || fail "there is no Python @MINOR@ in \
$home or on the PATH: build the image with the part interpreter, or on a base that has it." 1
[ -d "$task" ] || fail "there is no folder $task, where the code of the function belongs." 1
export PYTHONPATH="${PYTHONPATH:+$PYTHONPATH:}$runtime/python"
"""
_IMAGE_HANDLER = """\
handler=${_HANDLER:-$1}
case $handler in
'' | bootstrap) fail "the function names no handler: set it to module.function." 1 ;;
esac
"""
# The module `site` runs what monitoring agents install themselves with.
_NO_SITE = """\
[ -n "$AWS_LAMBDA_EXEC_WRAPPER$PYTHONPATH" ] || set -- -S "$@"
"""
_WRAPPER = """\
#!/bin/sh
# Lambda starts this with its Python, and with what would start its own runtime: ours runs instead.
# The variable AWS_LAMBDA_EXEC_WRAPPER has to be /var/task/wrapper.
@FAIL@
case ${1##*/} in
python@MINOR@) ;;
python3.*) fail "the archive is for Python @MINOR@, and this is ${1##*/}: choose the runtime \
python@MINOR@, or build it with the option python." 1 ;;
esac
export PYTHONPATH="/opt/python/lib/python@MINOR@/site-packages:/opt/python\
${PYTHONPATH:+:$PYTHONPATH}"
[ -n "$_HANDLER" ] || _HANDLER=@OPTION@
export _HANDLER
case $_HANDLER in
*/*.py) set -- "$1" -c '@PROGRAM@' "$LAMBDA_TASK_ROOT" "$_HANDLER" ;;
*.py) set -- "$1" "$LAMBDA_TASK_ROOT/$_HANDLER" ;;
*) set -- "$1" -c '@RUN@' ;;
esac
exec "$@"
"""


def texts(options: Options, code: Iterable[Path]) -> tuple[dict[str, str], list[str]]:
    """Return the scripts of an archive, by name, and why its bootstrap loads the module ``site``.

    Args:
        options: The options of the function.
        code: The files of the function and its dependencies.
    """
    if options.layout == "wrapper":
        return {"wrapper": wrapper(options)}, []
    if options.layout == "runtime":
        return {"bootstrap": runtime_bootstrap(options)}, []
    if options.layout == "function" or (
        options.layout == "layer" and "interpreter" not in options.parts
    ):
        return {}, []
    whole = set(options.parts) == {"interpreter", "dependencies", "function"}
    reasons = reasons_for_site(code) if whole else ["other archives may need it"]
    return {"bootstrap": bootstrap(options, site=bool(reasons))}, reasons


def bootstrap(options: Options, *, site: bool) -> str:
    """Return the script that an OS-only runtime starts.

    Args:
        options: The options of the function.
        site: True if the function needs the module ``site``.

    Contract: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html
    """
    blocks = {"HOME": _ARCHIVE_HOME, "HANDLER": _ARCHIVE_HANDLER, "SITE": "" if site else _NO_SITE}
    return _fill(_BOOTSTRAP, options, blocks, {**_ARCHIVE, "SCRIPT": "bootstrap"})


def runtime_bootstrap(options: Options) -> str:
    """Return the script that starts the functions of a runtime image.

    It loads the module ``site``, because a function that is not known may need it.

    Args:
        options: The options of the runtime.

    Contract: https://docs.aws.amazon.com/lambda/latest/dg/cmr-images-from-scratch.html
    """
    blocks = {"HOME": _IMAGE_HOME, "HANDLER": _IMAGE_HANDLER, "SITE": ""}
    return _fill(_BOOTSTRAP, options, blocks, {**_IMAGE, "SCRIPT": "bootstrap"})


def wrapper(options: Options) -> str:
    """Return the script that a managed runtime starts in place of its own runtime.

    Args:
        options: The options of the function.

    Contract: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html
    """
    return _fill(_WRAPPER, options, {}, {"SCRIPT": "wrapper"})


def _fill(
    script: str, options: Options, blocks: Mapping[str, str], words: Mapping[str, str]
) -> str:
    for name, block in {**blocks, "FAIL": _FAIL}.items():
        script = script.replace(f"@{name}@\n", block)
    for name, word in {
        **words,
        "MINOR": options.minor,
        "OPTION": quote(options.handler or ""),
        "ARCHITECTURE": options.architecture,
        "GLIBC": options.glibc,
        "RUNTIME": options.runtime,
        "FLAGS": "-s -B",
        "RUN": RUN,
        "PROGRAM": START,
    }.items():
        script = script.replace(f"@{name}@", word)
    return script
