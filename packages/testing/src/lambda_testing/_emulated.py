"""Functions under an emulator of the Invoke API, for tests of what calls them."""

from __future__ import annotations

import importlib
from importlib.metadata import entry_points
from typing import Any

import pytest


def emulator_class() -> Any:
    """Find the emulator that is installed; the test is skipped if there is none.

    Who can serve functions outside Lambda says so in the entry-point group ``lambda_runtime.local``;
    an emulator that tests can use is called ``Emulator`` there.

    Returns:
        The class, to be used as ``with Emulator(functions=[...]) as emulator``.
    """
    for entry in entry_points(group="lambda_runtime.local"):
        package = importlib.import_module(entry.module.partition(".")[0])
        emulator = getattr(package, "Emulator", None)
        if emulator is not None:
            return emulator
    pytest.skip("no emulator is installed: pip install lambda-emulator")


def client_of(url: str, region: str, wait: float) -> Any:
    """Return a client of AWS's SDK for an emulator; the test is skipped if there is no SDK.

    It tries everything once: with the SDK's retries, a test of a failure takes many seconds.

    Args:
        url: Where the emulator listens.
        region: The AWS region that it pretends to be in.
        wait: How long an answer may take, in seconds.

    Returns:
        The ``boto3.client("lambda")``.
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
        aws_secret_access_key="testing",  # noqa: S106 (nobody checks it)
        config=config,
    )
