"""Writes the table of docs/emulator-fidelity.md: ``python -m emulator.tests.fidelity_page``."""

from .fidelity_answers import ANSWERS
from .fidelity_events import EVENTS
from .fidelity_table import BEGIN, PAGE, render


def main() -> None:
    head = PAGE.read_text("utf-8").partition(BEGIN)[0]
    PAGE.write_text(f"{head}{BEGIN}\n{render([*EVENTS, *ANSWERS])}", "utf-8")


if __name__ == "__main__":
    main()
