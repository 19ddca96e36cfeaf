"""``uv run benchmarks/emulator_load.py``: many clients at once, each of which checks its answers.

AWS's emulator crashes on two invocations at a time, so there is nothing to compare with.
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from _emulators import client, ours
from botocore.exceptions import ClientError


def main() -> None:
    """Invoke, count and print; exit with 1 where an answer was lost, or somebody else's."""
    parser = argparse.ArgumentParser(prog="uv run benchmarks/emulator_load.py", description=__doc__)
    parser.add_argument("--clients", type=int, default=50, help="how many (50)")
    parser.add_argument("--environments", type=int, default=8, help="how many (8)")
    parser.add_argument("--invocations", type=int, default=10_000, help="of all clients (10000)")
    options = parser.parse_args()
    concurrency = ("--timeout", "30", "--concurrency", str(options.environments))
    with ours("echo.handler", *concurrency) as url:
        shared = client(url)

        def invoke(number: int) -> bool | None:
            while True:
                try:
                    answer = shared.invoke(FunctionName="echo", Payload=str(number))
                except ClientError as error:
                    if error.response["Error"]["Code"] != "TooManyRequestsException":
                        return None
                    time.sleep(0.01)  # all environments are busy, as on Lambda: come again
                else:
                    return bool(answer["Payload"].read() == str(number).encode())

        start = time.perf_counter()
        with ThreadPoolExecutor(options.clients) as pool:
            results = list(pool.map(invoke, range(options.invocations)))
        rate = options.invocations / (time.perf_counter() - start)
    lost, crossed = results.count(None), results.count(False)
    print(
        f"{options.clients} clients, {options.environments} environments, "
        f"{options.invocations} invocations: {lost} lost, {crossed} crossed, {rate:.0f}/s"
    )
    sys.exit(1 if lost or crossed else 0)


if __name__ == "__main__":
    main()
