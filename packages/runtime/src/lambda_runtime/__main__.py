"""``python -m lambda_runtime [module.handler]``: serve a handler by its name."""

import sys

from ._garbage import collect_rarely

if __name__ == "__main__":
    collect_rarely()  # before all else is imported

    from ._run import run

    run(sys.argv[1] if len(sys.argv) > 1 else None)
