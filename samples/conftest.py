"""What pytest is to leave alone here."""

# Projects with configurations of their own: they are run as users run them, by test_samples.py.
collect_ignore = ["durable_order", "tested_function"]
