"""Serve `app.handler`, on Lambda or on this machine."""

from app import handler  # type: ignore[import-not-found] # it is beside this file

from lambda_runtime import run

if __name__ == "__main__":
    run(handler)
