#!/bin/sh
# Run a function under AWS's own emulator (RIE), without Docker. See RIE.md beside this file.
#
#   rie.sh TARGET [PORT]
#   rie.sh --which
#
# TARGET is a handler (module.handler), or a file or directory that Python runs; PORT is 9000
# unless it is said. RIE is $AWS_LAMBDA_RIE, or aws-lambda-rie on the PATH, or what the package
# aws-sam-cli carries, which uv fetches once. --which prints where it is, and runs nothing.
set -eu

if [ $# -lt 1 ] || [ $# -gt 2 ]; then
    echo "Usage: $0 TARGET [PORT], or $0 --which" >&2
    exit 2
fi
target=$1
port=${2:-9000}
runtime_api_port=${RIE_RUNTIME_API_PORT:-$((port + 1))}
wheel=aws-sam-cli==1.170.0

if [ "$(uname -s)" != Linux ]; then
    echo "AWS builds RIE for Linux only: use lambda-emulator, or the Dockerfile beside this file." >&2
    exit 1
fi
case $(uname -m) in
    aarch64 | arm64) name=aws-lambda-rie-arm64 ;;
    *) name=aws-lambda-rie-x86_64 ;;
esac

find_rie() {
    if [ -n "${AWS_LAMBDA_RIE:-}" ]; then
        echo "$AWS_LAMBDA_RIE"
    elif command -v aws-lambda-rie; then
        :
    else
        cached=${XDG_CACHE_HOME:-$HOME/.cache}/lambda-emulator/$wheel/$name
        [ -x "$cached" ] || fetch_rie "$cached"
        echo "$cached"
    fi
}

fetch_rie() {
    mkdir -p "$(dirname "$1")"
    folder=$(mktemp -d "$(dirname "$1")/fetch.XXXXXX")
    trap 'rm -rf "$folder"' EXIT
    # Copied, not linked: a file and its link in uv's cache are one, which cannot be moved apart.
    if ! "${UV:-uv}" pip install --quiet --no-deps --link-mode copy --python "${PYTHON:-python3}" \
        --target "$folder" "$wheel" >&2; then
        echo "RIE cannot be fetched: install uv and go online, or set AWS_LAMBDA_RIE to it." >&2
        exit 1
    fi
    chmod +x "$folder/samcli/local/rapid/$name"
    # Moved in one step: another that does the same never sees half of it.
    mv "$folder/samcli/local/rapid/$name" "$1"
}

rie=$(find_rie)
if [ "$target" = --which ]; then
    echo "$rie"
    exit
fi
set -- "${PYTHON:-python3}"
# RIE makes the last of several arguments the function's handler.
[ -e "$target" ] || set -- "$@" -m lambda_runtime
echo "Invoke it with: curl -d '{}' http://127.0.0.1:$port/2015-03-31/functions/function/invocations" >&2
exec "$rie" --runtime-interface-emulator-address "127.0.0.1:$port" \
    --runtime-api-address "127.0.0.1:$runtime_api_port" "$@" "$target"
