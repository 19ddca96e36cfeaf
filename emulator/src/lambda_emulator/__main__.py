"""The command ``lambda-emulator``, and ``python -m lambda_emulator``."""

from ._quick_start import quick_start

with quick_start():
    from ._cli import main

if __name__ == "__main__":
    main(prog_name="lambda-emulator")
