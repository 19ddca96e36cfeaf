"""Functions under an emulator of the Invoke API, for tests of their callers."""

from __future__ import annotations

import importlib
from importlib.metadata import entry_points
from typing import Any

import pytest


def emulator_class() -> Any:
    """Return the class of the emulator that is installed; without one, skip the test.

    A package that serves functions outside Lambda is in the entry-point group
    ``lambda_runtime.local``. Its class ``Emulator`` is used as
    ``with Emulator(functions=[...]) as emulator``.
    """
    for entry in entry_points(group="lambda_runtime.local"):
        package = importlib.import_module(entry.module.partition(".")[0])
        emulator = getattr(package, "Emulator", None)
        if emulator is not None:
            return emulator
    pytest.skip("no emulator is installed: pip install lambda-emulator")


def client_of(url: str, region: str, wait: float) -> Any:
    """Return a ``boto3.client("lambda")`` for an emulator; without boto3, skip the test.

    It does not retry: with boto3's retries, a test of a failure takes many seconds.

    Args:
        url: The URL of the emulator.
        region: The AWS region of the emulator.
        wait: The longest wait for a response, in seconds.
    """
    boto3 = pytest.importorskip("boto3", reason="AWS's SDK is not installed: pip install boto3")
    config = importlib.import_module("botocore.config").Config(
        retries={"total_max_attempts": 1}, connect_timeout=wait, read_timeout=wait
    )
    return boto3.client(
        "lambda",
        endpoint_url=url,
        region_name=region,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",  # noqa: S106 (nothing checks it)
        config=config,
    )
