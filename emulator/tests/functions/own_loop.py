"""The function of actions.py as a program."""

from lambda_runtime import run

if __name__ == "__main__":
    run("actions.handler")
