"""Files here that pytest does not collect."""

# Projects with configurations of their own: they are run as users run them, by test_samples.py.
collect_ignore = ["durable_order", "tested_function"]
