"""``python -m lambda_runtime [module.handler]``: serve a handler by its name."""

import sys

from ._run import run

if __name__ == "__main__":
    run(sys.argv[1] if len(sys.argv) > 1 else None)
