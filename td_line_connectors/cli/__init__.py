"""The command line, `td-line`."""

import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the arguments say.

    Args:
        argv: the arguments without the program's name; None for those of the process.

    Returns:
        the exit code; every exception, signals included, has become one.
    """
    from td_line_connectors.cli.endings import carry_out  # noqa: PLC0415 - importing the package loads no click

    return carry_out(sys.argv[1:] if argv is None else list(argv))
