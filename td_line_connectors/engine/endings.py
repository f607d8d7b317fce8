"""What does a run's end mean to the person who started it?"""

import traceback
from pathlib import Path

from td_line_connectors.errors import ConnectorError, TerminatedError
from td_line_connectors.report import ReportedError

__all__ = ["reported"]


def reported(cause: BaseException, *, resumable: bool = False) -> ReportedError:
    """Give what ended a run as its report shows it.

    An exception that is none of ours is a bug, ours or a plugin's: the report names its type and place, never its
    text, which may hold personal data.

    Args:
        cause: what ended it.
        resumable: whether the run can go on: from its snapshot, or by asking anew.
    """
    if isinstance(cause, ConnectorError):
        return cause.reported()
    if isinstance(cause, KeyboardInterrupt):
        word, code = ("SIGTERM", 143) if isinstance(cause, TerminatedError) else ("Ctrl-C", 130)
        rest = "what was confirmed stays, the rest can be resumed" if resumable else "there is nothing to resume"
        return ReportedError("signal", f"stopped by {word}; {rest}", code)
    frames = traceback.extract_tb(cause.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    message = f"an unexpected {type(cause).__name__}{place}; nothing that was confirmed is lost"
    return ReportedError("internal", message, 1)
