"""``python -m lambda_emulator`` is ``lambda-emulator``."""

from ._cli import main

if __name__ == "__main__":
    main(prog_name="lambda-emulator")
