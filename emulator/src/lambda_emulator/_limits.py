"""Limits of Lambda on the configuration of a function."""

MAX_TIMEOUT = 1800
"""The longest timeout of a function, in seconds."""
MAX_MANAGED_TIMEOUT = 5400
"""The longest timeout on Lambda Managed Instances, in seconds."""
MAX_SYNCHRONOUS_EXECUTION = 900
"""The longest that a durable execution may take whose caller waits, in seconds."""
