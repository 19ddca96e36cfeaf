"""Serves the named handler over aiohttp, which a program has to ask for."""

import sys

from lambda_runtime import run

if __name__ == "__main__":
    run(sys.argv[1], transport="aiohttp")
