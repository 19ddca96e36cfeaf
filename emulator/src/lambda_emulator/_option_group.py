"""Options of a command in groups, which its help shows under headings."""

from typing import Any, NamedTuple

import click


class OptionGroup(NamedTuple):
    """Options that `--help` shows together.

    Attributes:
        title: The heading.
        options: The options, in the order of the help.
    """

    title: str
    options: tuple[click.Option, ...]


class GroupedCommand(click.Command):
    """A command whose help shows its options in groups."""

    def __init__(self, *args: Any, groups: tuple[OptionGroup, ...], **kwargs: Any) -> None:
        """Add the options of the groups to a command.

        Args:
            *args: Arguments of `click.Command`.
            groups: The groups, in the order of the help.
            **kwargs: The same.
        """
        super().__init__(*args, **kwargs)
        self._groups = groups
        self.params += [option for group in groups for option in group.options]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the groups of options into the help.

        Args:
            ctx: The command's context.
            formatter: Takes the help.
        """
        help_option = self.get_help_option(ctx)
        last = OptionGroup("Help", (help_option,) if help_option else ())
        for group in (*self._groups, last):
            records = [option.get_help_record(ctx) for option in group.options]
            if shown := [record for record in records if record is not None]:
                with formatter.section(group.title):
                    formatter.write_dl(shown)
