"""A terminal to run the command in."""

import os
import pty
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]


def in_terminal(arguments: Sequence[str], folder: Path, *, typed: bytes = b"", **environ: str) -> tuple[int, str]:
    """Run `td-line` where all three streams are a terminal 200 columns wide.

    Args:
        arguments: the command's.
        folder: where it runs.
        typed: what the person types once something has been printed; nothing: nobody types.
        environ: further variables.

    Returns:
        the exit code, and all that the terminal showed.
    """
    ours, theirs = pty.openpty()
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "COLUMNS": "200", **environ}
    command = [sys.executable, "-m", "td_line_connectors", *arguments]
    with subprocess.Popen(command, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, env=variables) as process:
        os.close(theirs)
        shown = b""
        while chunk := _read(ours):
            shown += chunk
            if typed:
                os.write(ours, typed)
                typed = b""
    os.close(ours)
    return process.returncode, shown.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # the last process has closed its end
        return b""
