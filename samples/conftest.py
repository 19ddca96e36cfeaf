"""Files here that pytest does not collect."""

# A project with a configuration of its own: it is run as its users run it, by test_samples.py.
collect_ignore = ["tested_function"]
