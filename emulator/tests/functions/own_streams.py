"""The function of streams.py as a program."""

from lambda_runtime import run

if __name__ == "__main__":
    run("streams.handler")
