"""Serve `app.handler`, on Lambda or on this machine."""

from app import handler

from lambda_runtime import run

if __name__ == "__main__":
    run(handler)
